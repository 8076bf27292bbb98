"""The deck deals every story once before it deals by weight."""

from __future__ import annotations

import random

from server.demo import mishaps, sales
from server.demo.deck import CARDS, SALES, Deck
from server.demo.parties import CAMPAIGNS
from server.domain.outcome import Outcome


def test_a_short_run_has_seen_every_story():
    deck = Deck(random.Random(3))
    dealt = {deck.deal()[0] for _ in range(len(CARDS) + len(SALES))}
    assert dealt == {card.tell for card in CARDS}


def test_a_sale_at_each_network_comes_before_any_conflict():
    for seed in range(50):
        deck = Deck(random.Random(seed))
        first = [deck.deal() for _ in CAMPAIGNS]
        assert {tell for tell, _ in first} == {sales.sale}
        assert {campaign.key for _, campaign in first} == {campaign.key for campaign in CAMPAIGNS}


def test_the_same_seed_deals_the_same():
    one, other = Deck(random.Random(7)), Deck(random.Random(7))
    assert [one.deal() for _ in range(300)] == [other.deal() for _ in range(300)]


def test_the_stories_bring_about_every_outcome_but_that_of_a_test(case_of):
    tells = {card.tell for card in CARDS} | {mishaps.id_of_no_click}
    expected = {postback.expects for tell in tells for postback in tell(case_of()).postbacks}
    assert expected == set(Outcome) - {Outcome.TEST}
