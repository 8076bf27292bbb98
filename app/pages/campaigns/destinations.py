"""The further destinations of a campaign's relays, a card each: a partner's URL beside the source."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt

from app.pages.campaigns.cards import CardsField
from app.pages.campaigns.destination_card import DestinationCard
from app.theme import Theme
from app.widgets.forms.field import Field, Spec


class DestinationsField(CardsField[DestinationCard]):
    """Relays remember a destination by its number, so one is added at the end and none is moved."""

    def __init__(self, theme: Theme) -> None:
        tr = QCoreApplication.translate
        add, one = tr("DestinationsField", "Add a destination"), tr("DestinationsField", "Destination {0}")
        super().__init__(theme, ("destinations",), add, one)

    def parts(self) -> Sequence[Field]:
        return (self, *(field for card in self.cards for field in card.fields))

    def open_problems(self) -> None:
        for card in self.cards:
            card.open_problems()

    def card_of(self, spec: Spec) -> DestinationCard:
        card = DestinationCard(self.theme, spec)
        card.duplicated.connect(lambda: self._add(copy.deepcopy(card.spec())))
        return card

    def add_new(self) -> None:
        self._add({})

    def _add(self, spec: Spec) -> None:
        card = self.append(spec)
        self.have_changed()
        card.relay.url.setFocus(Qt.FocusReason.OtherFocusReason)
