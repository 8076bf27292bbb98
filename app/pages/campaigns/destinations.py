"""The further destinations of a campaign's relays, a card each: a partner's URL beside the source."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.pages.campaigns.destination_card import DestinationCard
from app.theme import PAD, Theme
from app.widgets.forms.field import LEFT_OUT, Field, Spec, Trail


class DestinationsField(Field):
    """Relays remember a destination by its number, so one is added at the end and none is moved."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.cards: list[DestinationCard] = []
        editor = QWidget()
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(PAD)
        self.add_button = QPushButton(self.tr(" Add a destination"))
        self.add_button.clicked.connect(lambda: self._add({}))
        layout.addLayout(self._rows)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        super().__init__("", editor, ("destinations",))
        theme.changed.connect(self._paint)
        self._paint()

    def parts(self) -> Sequence[Field]:
        return (self, *(field for card in self.cards for field in card.fields))

    def open_problems(self) -> None:
        for card in self.cards:
            card.open_problems()

    def show_value(self, value: Any) -> None:
        while self.cards:
            self._drop(self.cards[-1])
        for spec in value if isinstance(value, list) else []:
            self._append(spec)
        self._number()

    def shown(self) -> list[Spec]:
        return [card.spec() for card in self.cards]

    def written(self) -> Any:
        return self.shown() or LEFT_OUT

    def worded(self, further: Trail, text: str) -> str:
        """As the cards are numbered."""
        place = super().worded(further, text)
        return self.tr("Destination {0}").format(place) if further else place

    def _add(self, spec: Spec) -> None:
        card = self._append(spec)
        self._number()
        self.changed.emit()
        card.relay.url.setFocus(Qt.FocusReason.OtherFocusReason)

    def _append(self, spec: Spec) -> DestinationCard:
        card = DestinationCard(self._theme, spec)
        card.changed.connect(self.changed)
        card.removed.connect(lambda: self._remove(card))
        card.duplicated.connect(lambda: self._add(copy.deepcopy(card.spec())))
        self.cards.append(card)
        self._rows.addWidget(card)
        return card

    def _remove(self, card: DestinationCard) -> None:
        self._drop(card)
        self._number()
        self.changed.emit()

    def _drop(self, card: DestinationCard) -> None:
        self.cards.remove(card)
        self._rows.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _number(self) -> None:
        for number, card in enumerate(self.cards):
            card.set_place(number)

    def _paint(self) -> None:
        self.add_button.setIcon(self._theme.icon("plus"))
