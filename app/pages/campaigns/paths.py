"""The paths of a campaign, a card each, in order; moved by their grips, and weighed against their equals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QScrollArea

from app.pages.campaigns.cards import CardsField
from app.pages.campaigns.path_card import PathCard
from app.theme import Theme
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import Field, Spec
from app.widgets.forms.tab_order import tab_in_layout_order
from app.widgets.share_bar import weight_for

_MOST_OPEN = 2  # paths that stand unfolded by themselves


class PathsField(CardsField[PathCard]):
    def __init__(self, theme: Theme) -> None:
        self._offers = Offered()
        self._landings = Offered()
        tr = QCoreApplication.translate
        super().__init__(theme, ("path",), tr("PathsField", "Add a path"), tr("PathsField", "Path {0}"))
        self.changed.connect(self._show_shares)

    def offer(self, offers: Offered, landings: Offered) -> None:
        """What a path can lead to."""
        self._offers, self._landings = offers, landings
        for card in self.cards:
            card.offer(offers, landings)

    def parts(self) -> Sequence[Field]:
        return (self, *(part for card in self.cards for part in card.parts()))

    def open_problems(self) -> None:
        for card in self.cards:
            card.open_problems()

    def show_value(self, value: Any) -> None:
        """As far as they were folded before, where there are as many: it may be the same campaign, saved."""
        before = [card.is_open for card in self.cards]
        super().show_value(value)
        if len(before) != len(self.cards):
            before = [len(self.cards) <= _MOST_OPEN] * len(self.cards)
        for card, is_open in zip(self.cards, before, strict=True):
            card.open(is_open=is_open)
        self._settle()

    def card_of(self, spec: Spec) -> PathCard:
        card = PathCard(self.theme, spec, self._offers, self._landings)
        card.moved.connect(lambda step: self._move(card, self.cards.index(card) + step))
        card.grown.connect(self._settle)
        card.head.grip.held.connect(lambda height: self._drag(card, height))
        card.head.bar.drawn.connect(lambda share: self._draw(card, share))
        return card

    def add_new(self) -> None:
        card = self.append({"offers": [{"offer": key} for key, _ in self._offers.live[:1]]})
        card.open()
        self.have_changed()
        self._settle()
        card.head.name.setFocus()

    def have_changed(self) -> None:
        self._settle()
        super().have_changed()

    # -- moving --------------------------------------------------------------------------------------------------------

    def _drag(self, card: PathCard, height: int) -> None:
        """To where the mouse is: below each card whose middle it has passed."""
        above = [other for other in self.cards if other is not card and self._middle(other) < height]
        self._move(card, len(above))

    def _middle(self, card: PathCard) -> int:
        return card.mapToGlobal(QPoint(0, card.height() // 2)).y()

    def _move(self, card: PathCard, place: int) -> None:
        if place == self.cards.index(card) or not 0 <= place < len(self.cards):
            return
        self.cards.remove(card)
        self.cards.insert(place, card)
        self.rows.removeWidget(card)
        self.rows.insertWidget(place, card)
        self.rows.activate()
        self.have_changed()
        self._reveal(card)

    def _reveal(self, card: PathCard) -> None:
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(card.head)

    # -- shares --------------------------------------------------------------------------------------------------------

    def _draw(self, card: PathCard, share: float) -> None:
        others = sum(other.head.weight.value() for other in self._equals(card) if other is not card)
        if others:
            card.head.weight.setValue(weight_for(share, others))

    def _equals(self, card: PathCard) -> list[PathCard]:
        """The paths that share with this one where all of them are open."""
        rank = _rank(card.spec())
        return [other for other in self.cards if _rank(other.spec()) == rank]

    def _show_shares(self) -> None:
        ranks = [_rank(card.spec()) for card in self.cards]
        wholes: dict[tuple[bool, int], int] = {}
        for rank, card in zip(ranks, self.cards, strict=True):
            wholes[rank] = wholes.get(rank, 0) + card.head.weight.value()
        for rank, card in zip(ranks, self.cards, strict=True):
            card.head.show_share(card.head.weight.value() / wholes[rank] if wholes[rank] else 0)

    def _settle(self) -> None:
        self._show_shares()
        tab_in_layout_order(self.editor)


def _rank(spec: Spec) -> tuple[bool, int]:
    return bool(spec.get("default", False)), int(spec.get("priority", 0))
