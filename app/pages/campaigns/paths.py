"""The paths of a campaign, a card each."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.pages.campaigns.cards import CardsField
from app.pages.campaigns.path_card import PathCard
from app.theme import Theme
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import Spec


class PathsField(CardsField[PathCard]):
    def __init__(self, theme: Theme) -> None:
        self._offers = Offered()
        self._landings = Offered()
        tr = QCoreApplication.translate
        super().__init__(theme, ("path",), tr("PathsField", "Add a path"), tr("PathsField", "Path {0}"))

    def offer(self, offers: Offered, landings: Offered) -> None:
        """What a path can lead to."""
        self._offers, self._landings = offers, landings
        for card in self.cards:
            card.offer(offers, landings)

    def card_of(self, spec: Spec) -> PathCard:
        card = PathCard(self.theme, spec, self._offers, self._landings)
        card.moved.connect(lambda step: self._move(card, step))
        return card

    def add_new(self) -> None:
        self.append({"offers": [{"offer": key} for key, _ in self._offers.live[:1]]})
        self.have_changed()

    def _move(self, card: PathCard, step: int) -> None:
        old = self.cards.index(card)
        new = old + step
        if 0 <= new < len(self.cards):
            self.cards.insert(new, self.cards.pop(old))
            self.rows.removeWidget(card)
            self.rows.insertWidget(new, card)
            self.have_changed()
