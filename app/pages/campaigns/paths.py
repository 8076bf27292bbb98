"""The paths of a campaign, a card each."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.pages.campaigns.path_card import PathCard
from app.theme import PAD, Theme
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import LEFT_OUT, Field, Trail


class PathsField(Field):
    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._offers = Offered()
        self._landings = Offered()
        self.cards: list[PathCard] = []
        editor = QWidget()
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(PAD)
        self.add_button = QPushButton(self.tr(" Add a path"))
        self.add_button.clicked.connect(self._add_path)
        layout.addLayout(self._rows)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        super().__init__("", editor, ("path",))
        theme.changed.connect(self._paint)
        self._paint()

    def offer(self, offers: Offered, landings: Offered) -> None:
        """What a path can lead to."""
        self._offers, self._landings = offers, landings
        for card in self.cards:
            card.offer(offers, landings)

    def show_value(self, value: Any) -> None:
        while self.cards:
            self._drop(self.cards[-1])
        for spec in value if isinstance(value, list) else []:
            self._append(spec)
        self._number()

    def shown(self) -> list[Any]:
        return [card.spec() for card in self.cards]

    def written(self) -> Any:
        return self.shown() or LEFT_OUT

    def worded(self, further: Trail, text: str) -> str:
        """As the cards are numbered."""
        place = super().worded(further, text)
        return self.tr("Path {0}").format(place) if further else place

    def _add_path(self) -> None:
        self._append({"offers": [{"offer": key} for key, _ in self._offers.live[:1]]})
        self._on_change()

    def _append(self, spec: dict[str, Any]) -> None:
        card = PathCard(self._theme, spec, self._offers, self._landings)
        card.changed.connect(self.changed)
        card.removed.connect(lambda: self._remove(card))
        card.moved.connect(lambda step: self._move(card, step))
        self.cards.append(card)
        self._rows.addWidget(card)

    def _remove(self, card: PathCard) -> None:
        self._drop(card)
        self._on_change()

    def _drop(self, card: PathCard) -> None:
        self.cards.remove(card)
        self._rows.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _move(self, card: PathCard, step: int) -> None:
        old = self.cards.index(card)
        new = old + step
        if 0 <= new < len(self.cards):
            self.cards.insert(new, self.cards.pop(old))
            self._rows.removeWidget(card)
            self._rows.insertWidget(new, card)
            self._on_change()

    def _on_change(self) -> None:
        self._number()
        self.changed.emit()

    def _number(self) -> None:
        for number, card in enumerate(self.cards):
            card.set_place(number, len(self.cards))

    def _paint(self) -> None:
        self.add_button.setIcon(self._theme.icon("plus"))
