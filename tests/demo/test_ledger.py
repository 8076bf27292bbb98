"""The ledger: what is entered is what is expected, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.demo import mishaps, reversals, sales
from server.demo.ledger import MOST_SURPRISES, Ledger, Told
from server.demo.parties import POPWAVE, SOCIALO
from server.domain.outcome import Outcome


def test_a_source_is_owed_only_the_statuses_that_it_wants(case_of):
    story = reversals.refunded_in_part(case_of())
    popwave, socialo = Ledger(), Ledger()
    popwave.enter_story("click", story, POPWAVE, "v1")
    socialo.enter_story("click", story, SOCIALO, "v1")
    approved = ("v1", "approved", Decimal("50.00"), "USD")
    assert popwave.owed == {Told("popwave", *approved): 1}
    assert popwave.skipped == {"popwave": 1}
    assert socialo.owed == {
        Told("socialo", *approved): 1,
        Told("socialo", "v1", "refunded", Decimal("37.66"), "USD"): 1,
    }
    assert not socialo.skipped


def test_a_click_without_an_id_of_its_source_owes_nothing(case_of):
    ledger = Ledger()
    ledger.enter_story("click", sales.lead_approved(case_of()), SOCIALO, None)
    assert not ledger.owed
    assert ledger.skipped == {"socialo": 2}


def test_what_is_kept_apart_is_not_counted(case_of):
    ledger = Ledger()
    ledger.enter_story("one", sales.upsell(case_of()), POPWAVE, "v1")
    ledger.enter_story("two", mishaps.transaction_of_another_click(case_of()), POPWAVE, "v2")
    assert sorted(booking.net for booking in ledger.counted) == [Decimal("12.34"), Decimal("50.00")]
    assert [booking.kept for booking in ledger.kept] == ["conflict"]


@pytest.mark.parametrize(
    ("status", "text", "is_planned"),
    [
        (200, "OK accepted 12", True),
        (200, "OK duplicate 12", False),
        (403, "OK accepted 12", False),
        (503, "not stored, try again", False),
        (0, "Connection refused", False),
        (200, "", False),
    ],
)
def test_an_answer_is_compared_with_the_plan_word_and_status(case_of, status, text, is_planned):
    ledger = Ledger()
    (postback,) = sales.sale(case_of()).postbacks
    ledger.enter_answer(postback, status, text)
    assert ledger.planned == {Outcome.ACCEPTED: 1}
    assert bool(ledger.surprises) is not is_planned


def test_a_refused_postback_is_answered_403(case_of):
    ledger = Ledger()
    (postback,) = mishaps.token_wrong(case_of()).postbacks
    ledger.enter_answer(postback, 403, "STORED unauthorised")
    assert not ledger.surprises


def test_surprises_do_not_flood_the_memory():
    ledger = Ledger()
    for number in range(10 * MOST_SURPRISES):
        ledger.surprise(str(number))
    assert len(ledger.surprises) == MOST_SURPRISES


def test_the_longest_story_is_the_example(case_of):
    ledger = Ledger()
    ledger.enter_story("short", sales.sale(case_of()), POPWAVE, "v1")
    ledger.enter_story("long", reversals.refunded_twice_in_part(case_of()), POPWAVE, "v2")
    ledger.enter_story("shorter", sales.upsell(case_of()), POPWAVE, "v3")
    assert ledger.most_told_of == "long"
