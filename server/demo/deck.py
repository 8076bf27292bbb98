"""Which story comes next: first each of them once, then by weight, so that a short run has seen them all."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from server.demo import mishaps, reversals, sales
from server.demo.parties import CAMPAIGNS, QUIZ, SUMMER, Campaign
from server.demo.story import Case, Story

Tell = Callable[[Case], Story]


@dataclass(frozen=True, slots=True)
class Card:
    tell: Tell
    weight: int
    campaigns: tuple[Campaign, ...] = CAMPAIGNS


SALES = (Card(sales.sale, 0, (SUMMER,)), Card(sales.sale, 0, (QUIZ,)))
CARDS = (
    Card(sales.nothing_bought, 90),
    Card(sales.sale, 36),
    Card(sales.sale_without_status, 6),
    Card(sales.sale_at_the_offers_price, 6),
    Card(sales.sale_in_euro, 3),
    Card(sales.add_on, 3),
    Card(sales.upsell, 4),
    Card(sales.lead, 4),
    Card(sales.lead_approved, 8),
    Card(sales.lead_approved_for_more, 3),
    Card(sales.lead_rejected, 4),
    Card(sales.approved_after_rejection, 2, (SUMMER,)),
    Card(sales.approved_after_rejection, 2, (QUIZ,)),
    Card(sales.lead_after_approval, 2, (SUMMER,)),
    Card(sales.lead_after_approval, 2, (QUIZ,)),
    Card(sales.repeated, 4),
    Card(sales.transaction_id_later, 2),
    Card(sales.payout_corrected, 2),
    Card(reversals.refunded, 3),
    Card(reversals.refunded_in_part, 3),
    Card(reversals.refunded_twice_in_part, 2),
    Card(reversals.refunded_by_sign, 2),
    Card(reversals.charged_back, 2),
    Card(reversals.refund_before_its_sale, 1),
    Card(mishaps.macro_left_in, 2),
    Card(mishaps.id_cut_short, 2),
    Card(mishaps.id_with_another_character, 1),
    Card(mishaps.id_missing, 1),
    Card(mishaps.sent_to_the_other_network, 1),
    Card(mishaps.status_unknown, 1),
    Card(mishaps.currency_unknown, 1),
    Card(mishaps.token_wrong, 1),
    Card(mishaps.body_unreadable, 1),
    Card(mishaps.ampersand_from_html, 2),
    Card(mishaps.json_called_a_form, 1),
    Card(mishaps.id_in_another_parameter, 2),
    Card(mishaps.amount_that_could_be_two, 1),
    Card(mishaps.transaction_of_another_click, 1),
    Card(mishaps.long_after_the_click, 2, (QUIZ,)),
)


class Deck:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        opening = list(CARDS)
        chance.shuffle(opening)
        self._opening = [*opening, *SALES]  # dealt from the end: a conflict needs a sale before it
        self._weights = [card.weight for card in CARDS]

    def deal(self) -> tuple[Tell, Campaign]:
        card = self._opening.pop() if self._opening else self._chance.choices(CARDS, self._weights)[0]
        return card.tell, self._chance.choice(card.campaigns)
