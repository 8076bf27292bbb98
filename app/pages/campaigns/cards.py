"""A list of things within a campaign, a card each: shown, numbered, added and taken away."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.theme import PAD, Theme
from app.widgets.forms.field import LEFT_OUT, Field, Spec, Trail


class Card(QFrame):
    changed = Signal()
    removed = Signal()

    def set_place(self, number: int, count: int) -> None:
        raise NotImplementedError

    def spec(self) -> Spec:
        raise NotImplementedError


C = TypeVar("C", bound=Card)


class CardsField(Field, Generic[C]):
    def __init__(self, theme: Theme, trail: Trail, add: str, one: str) -> None:
        """`add` stands on the button, `one` says which card a problem is about: "Path {0}"."""
        self.theme = theme
        self.cards: list[C] = []
        self._one = one
        editor = QWidget()
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(PAD)
        self.add_button = QPushButton(f" {add}")
        self.add_button.clicked.connect(lambda: self.add_new())
        layout.addLayout(self.rows)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        super().__init__("", editor, trail)
        theme.changed.connect(self._paint)
        self._paint()

    def show_value(self, value: Any) -> None:
        while self.cards:
            self._drop(self.cards[-1])
        for spec in value if isinstance(value, list) else []:
            self.append(spec)
        self._number()

    def shown(self) -> list[Spec]:
        return [card.spec() for card in self.cards]

    def written(self) -> Any:
        return self.shown() or LEFT_OUT

    def worded(self, further: Trail, text: str) -> str:
        """As the cards are numbered."""
        place = super().worded(further, text)
        return self._one.format(place) if further else place

    def append(self, spec: Spec) -> C:
        card = self.card_of(spec)
        card.changed.connect(self.changed)
        card.removed.connect(lambda: self._remove(card))
        self.cards.append(card)
        self.rows.addWidget(card)
        return card

    def have_changed(self) -> None:
        self._number()
        self.changed.emit()

    def _remove(self, card: C) -> None:
        self._drop(card)
        self.have_changed()

    def _drop(self, card: C) -> None:
        self.cards.remove(card)
        self.rows.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _number(self) -> None:
        for number, card in enumerate(self.cards):
            card.set_place(number, len(self.cards))

    def _paint(self) -> None:
        self.add_button.setIcon(self.theme.icon("plus"))

    # -- what a kind of card says -------------------------------------------------------------------------------------

    def card_of(self, spec: Spec) -> C:
        raise NotImplementedError

    def add_new(self) -> None:
        raise NotImplementedError
