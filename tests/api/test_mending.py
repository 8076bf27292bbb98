"""What had no rate gets its amount once there is one; what was frozen stands; both databases, a page at a time."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from server.api import conversions as by_hand
from server.api import costs, mending, rates
from server.api.costs import Bill
from server.api.evidence import evidence
from server.api.mending import Lacking
from server.api.rates import set_rate
from server.api.reports import report
from server.clock import DAY, HOUR, MINUTE
from server.domain.status import Status
from tests.pipeline.world import NOON, World, small_setup, world_on
from tests.storage import databases

NAMES = ("conversions", "revenue", "cost", "without_rate")


@pytest.fixture(params=databases.KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    world = world_on(databases.without_rows(str(request.param)), tmp_path)
    world.apply(small_setup())
    return world


def total(world: World) -> tuple[Any, ...]:
    found = report(world.data, ["campaign"]).total
    return tuple(found[name] for name in NAMES)


def counts(mended: mending.Mended) -> tuple[int, int, int]:
    return mended.conversions, mended.clicks, mended.corrections


def sales(world: World, *currencies: str) -> None:
    for currency in currencies:
        world.post(world.click(cost=f"0.5 {currency}"), payout="10", currency=currency)


def test_a_rate_gives_their_amounts_to_what_had_none(world: World) -> None:
    sales(world, "EUR", "GBP", "USD", "EUR")
    assert total(world) == (4, "10.00", "0.50", 6)
    looked = set_rate(world.data, "EUR", "1.10", "2026-03-01", is_preview=True)
    assert (counts(looked.mended), looked.new, total(world)) == ((2, 2, 0), 1, (4, "10.00", "0.50", 6))
    assert looked.mended.lacking == [Lacking("2026-03-01", "GBP", 1, 1)]
    assert rates.listed(world.data) == []
    done = set_rate(world.data, "eur", "1.10", "2026-03-01")
    assert done == dataclasses.replace(looked, mended=dataclasses.replace(looked.mended))
    assert total(world) == (4, "32.00", "1.60", 2)
    assert [(row["payout_base"], row["rate"], row["warnings"]) for row in world.conversions()] == [
        ("11.00", "1.1", []),
        (None, None, ["no_rate"]),
        ("10.00", None, []),
        ("11.00", "1.1", []),
    ]


def test_the_receipt_loses_the_warning_too_and_keeps_what_it_was_judged_before(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", currency="EUR", txn_id="1")
    world.later(HOUR)
    set_rate(world.data, "EUR", "1.10", "2026-03-01")
    chain = evidence(world.data, click_id)
    (receipt,) = chain["postbacks"]
    assert receipt["warnings"] == []
    ((until, warnings),) = [(one["until"], one["warnings"]) for one in receipt["judged_before"]]
    assert (until, warnings) == ("2026-03-01T13:00:01.000Z", ["no_rate"])
    assert chain["conversions"][0]["updated"] == "2026-03-01T13:00:01.000Z"
    world.replay()
    assert (world.conversion()["payout_base"], world.conversion()["warnings"]) == ("11.00", [])


def test_a_rate_of_a_later_day_gives_nothing_to_an_earlier_one(world: World) -> None:
    sales(world, "EUR")
    done = set_rate(world.data, "EUR", "1.10", "2026-03-02")
    assert (counts(done.mended), done.mended.lacking) == ((0, 0, 0), [Lacking("2026-03-01", "EUR", 1, 1)])


def test_what_was_frozen_stands_whatever_rate_comes_and_however_it_is_folded(world: World) -> None:
    set_rate(world.data, "EUR", "1.10", "2026-03-01")
    click_id = world.click(cost="1 EUR")
    world.post(click_id, payout="10", currency="EUR", txn_id="1", status="pending")
    assert counts(set_rate(world.data, "EUR", "2", "2026-03-01").mended) == (0, 0, 0)
    world.post(click_id, payout="20", currency="EUR", txn_id="1", status="approved")
    world.replay()
    by_hand.set_status(world.data, 1, Status.APPROVED)
    rates.remove(world.data, "2026-03-01", "EUR")
    world.post(click_id, payout="5", currency="EUR", txn_id="1", status="refunded")
    assert total(world) == (1, "16.50", "1.10", 0)
    assert (world.conversion()["payout_base"], world.conversion()["rate"]) == ("22.00", "1.1")
    assert "no_rate" not in world.conversion()["warnings"]


def test_again_looks_up_what_was_frozen_when_asked(world: World) -> None:
    set_rate(world.data, "EUR", "1.10", "2026-03-01")
    sales(world, "EUR", "USD")
    set_rate(world.data, "EUR", "2", "2026-03-01")
    assert counts(mending.preview(world.data, again=True)) == (1, 1, 0)
    assert total(world) == (2, "21.00", "1.05", 0)
    assert counts(mending.mend(world.data, again=True)) == (1, 1, 0)
    assert total(world) == (2, "30.00", "1.50", 0)
    assert counts(mending.mend(world.data, again=True)) == (0, 0, 0)
    rates.remove(world.data, "2026-03-01", "EUR")
    assert counts(mending.mend(world.data, again=True)) == (0, 0, 0)
    assert total(world) == (2, "30.00", "1.50", 0)


def test_another_currency_of_the_same_conversion_has_another_rate(world: World) -> None:
    set_rate(world.data, "EUR", "1.10", "2026-03-01")
    click_id = world.click()
    world.post(click_id, payout="10", currency="EUR", txn_id="1")
    world.post(click_id, payout="10", currency="GBP", txn_id="1")
    assert (world.conversion()["payout_base"], world.conversion()["warnings"][-1]) == (None, "no_rate")
    set_rate(world.data, "GBP", "1.30", "2026-03-01")
    assert (world.conversion()["payout_base"], world.conversion()["rate"]) == ("13.00", "1.3")


def test_a_cost_of_a_conversion_in_a_third_currency_is_mended_by_itself(world: World) -> None:
    world.apply(
        small_setup().replace('{ model = "cpc", value = "0.01" }', '{ model = "cpa", value = "5", currency = "GBP" }')
    )
    set_rate(world.data, "EUR", "1.10", "2026-03-01")
    world.post(world.click(), payout="10", currency="EUR")
    assert total(world) == (1, "11.00", "0.00", 1)
    assert counts(set_rate(world.data, "GBP", "1.20", "2026-03-01").mended) == (1, 0, 0)
    assert total(world) == (1, "11.00", "6.00", 0)
    set_rate(world.data, "GBP", "9", "2026-03-01")
    by_hand.set_status(world.data, 1, Status.APPROVED)
    assert total(world) == (1, "11.00", "6.00", 0)


def test_a_bill_in_another_currency_is_mended_and_spread_to_the_millionth(world: World) -> None:
    for _ in range(7):
        world.click()
    world.later(MINUTE)
    costs.apply(world.data, Bill("summer", NOON - HOUR, NOON + 30_000, 10_000_000, "EUR"))
    assert total(world) == (0, "0.00", "0.00", 7)
    assert counts(set_rate(world.data, "EUR", "1.10", "2026-03-01", is_preview=True).mended) == (0, 0, 1)
    assert counts(set_rate(world.data, "EUR", "1.10", "2026-03-01").mended) == (0, 0, 1)
    assert total(world) == (0, "0.00", "11.00", 0)
    world.rate("2026-02-28", "GBP", "1")
    assert counts(mending.mend(world.data)) == (0, 0, 0)
    set_rate(world.data, "EUR", "2", "2026-03-01")
    assert counts(mending.mend(world.data, again=True)) == (0, 0, 1)
    assert total(world) == (0, "0.00", "20.00", 0)


def test_tests_are_nobodys_money(world: World) -> None:
    world.post(world.click(echo="http://127.0.0.1:9", cost="1 EUR"), payout="10", currency="EUR")
    assert counts(set_rate(world.data, "EUR", "1.10", "2026-03-01").mended) == (0, 0, 0)


def test_many_pages_of_rows_with_and_without_a_rate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "_CONVERSIONS_TOGETHER", 2)
    monkeypatch.setattr(mending, "_CLICKS_TOGETHER", 3)
    for _ in range(3):
        sales(world, "EUR", "GBP", "CHF")
        world.later(DAY)
    done = set_rate(world.data, "EUR", "1.10", "2026-03-01")
    assert counts(done.mended) == (3, 3, 0)
    assert [(one.day, one.currency) for one in done.mended.lacking] == [
        (day, currency) for day in ("2026-03-01", "2026-03-02", "2026-03-03") for currency in ("CHF", "GBP")
    ]
    assert counts(set_rate(world.data, "GBP", "1.30", "2026-03-02").mended) == (2, 2, 0)


def test_an_amount_that_no_column_holds_stays_without(world: World) -> None:
    world.click(cost="999999999999 EUR")
    done = set_rate(world.data, "EUR", "999999999", "2026-03-01")
    assert counts(done.mended) == (0, 0, 0)
    assert total(world) == (0, "0.00", "0.00", 1)
