"""What reports and lists say of cost: by the campaign's model, by later bills, and after these are undone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from server.api import conversions as by_hand
from server.api import costs
from server.api.costs import Bill
from server.api.lists import CLICKS, Filters, stream
from server.api.reports import report
from server.api.sorting import Sorting
from server.clock import DAY, HOUR
from server.domain.click_id import first_key
from server.domain.money import format_money, to_micros
from server.domain.status import Status
from server.reports.query import MOST_ENDS
from server.storage import corrections
from server.storage.tables import ClickRow, CorrectionRow
from tests.pipeline.world import NOON, World, small_setup

CPA = 'cost = { model = "cpa", value = "5", currency = "EUR" }'
SHARE = 'cost = { model = "share", value = "30%" }'


def with_cost(cost: str) -> str:
    return small_setup().replace('cost = { model = "cpc", value = "0.01" }', cost)


def total(world: World, *metrics: str, **more: Any) -> Any:
    found = report(world.data, ["campaign"], **more).total
    values = tuple(found[name] for name in metrics or ("cost",))
    return values if len(values) > 1 else values[0]


def correct(world: World, amount: str, since: int = NOON, until: int = NOON + HOUR, **more: Any) -> dict[str, Any]:
    world.clock.now = max(world.clock.now, until + costs.LATE)
    return costs.apply(world.data, Bill("summer", since, until, to_micros(amount), **more))


def clicks(world: World, count: int, **parameters: str) -> list[str]:
    made = []
    for _ in range(count):
        made.append(world.click(**parameters))
        world.later(1)
    return made


# -- by the model ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ('cost = { model = "cpc", value = "0.012" }', "0.036"),
        ('cost = { model = "cpm", value = "0.33" }', "0.00099"),
        ('cost = { model = "none" }', "0.00"),
    ],
)
def test_clicks_cost_what_their_campaign_says(empty_world: World, cost: str, expected: str) -> None:
    empty_world.apply(with_cost(cost))
    clicks(empty_world, 3)
    assert total(empty_world) == expected


def test_what_a_click_cost_stands_whatever_is_set_up_later(empty_world: World) -> None:
    world = empty_world
    world.apply(with_cost('cost = { model = "cpc", value = "0.5" }'))
    world.click()
    world.apply(with_cost('cost = { model = "cpc", value = "2" }'))
    world.click()
    assert total(world) == "2.50"


def test_a_click_paid_in_another_currency_counts_by_the_rate_of_its_day(world: World) -> None:
    world.rate("2026-02-01", "GBP", "1.25")
    world.rate("2026-03-02", "GBP", "2")
    world.click(cost="0.50 GBP")
    world.later(DAY)
    world.click(cost="0.50 GBP")
    world.click(cost="0.50 EUR")
    world.rate("2026-03-01", "GBP", "9")  # what was frozen stands
    assert total(world, "cost", "without_rate") == ("1.625", 1)
    first, second, third = world.clicks()
    assert [(one["cost"], one["currency"]) for one in (first, second, third)] == [
        ("0.50", "GBP"),
        ("0.50", "GBP"),
        ("0.50", "EUR"),
    ]


def test_a_price_that_no_column_holds_in_the_base_currency_costs_no_click(world: World) -> None:
    world.rate("2026-03-01", "GBP", "10000000")
    world.click(cost="999999999999 GBP")
    assert total(world, "clicks", "cost", "without_rate") == (1, "0.00", 1)


def test_what_conversions_cost_counts_in_the_base_currency(empty_world: World) -> None:
    world = empty_world
    world.apply(with_cost(CPA))
    world.rate("2026-03-01", "EUR", "1.10")
    sold, pending, rejected = clicks(world, 3, cost="0.25")
    world.post(sold, payout="32", txn_id="1")
    world.post(pending, payout="32", txn_id="2", status="pending")
    world.post(rejected, payout="32", txn_id="3", status="rejected")
    assert total(world, "revenue", "cost", "profit", "without_rate") == ("32.00", "5.50", "26.50", 0)
    world.post(pending, payout="32", txn_id="2", status="approved")
    world.post(sold, txn_id="1", status="refunded")
    assert total(world, "revenue", "cost") == ("32.00", "11.00")  # a refund is not taken from the source
    world.apply(with_cost(SHARE))
    by_hand.set_status(world.data, 3, Status.APPROVED)
    assert total(world, "revenue", "cost") == ("64.00", "16.50")  # by what was agreed when it came
    world.post(world.click(), payout="10", currency="USD")
    assert total(world, "revenue", "cost") == ("74.00", "19.50")
    assert [(one["cost"], one["cost_currency"]) for one in world.conversions()] == [
        ("5.00", "EUR"),
        ("5.00", "EUR"),
        ("5.00", "EUR"),
        ("3.00", "USD"),
    ]


def test_a_conversion_whose_cost_has_no_rate_is_counted_once_beside_the_sum(empty_world: World) -> None:
    world = empty_world
    world.apply(with_cost(CPA))
    world.post(world.click(), payout="32", currency="USD")
    world.post(world.click(), payout="32", currency="CHF")
    assert total(world, "revenue", "cost", "without_rate") == ("32.00", "0.00", 2)


def test_a_share_follows_what_is_left_of_the_payout(empty_world: World) -> None:
    world = empty_world
    world.apply(with_cost(SHARE))
    click_id = world.click()
    world.post(click_id, payout="10.00", txn_id="1")
    assert total(world, "revenue", "cost") == ("10.00", "3.00")
    world.post(click_id, payout="4", txn_id="1", status="refunded")
    assert total(world, "revenue", "cost") == ("6.00", "1.80")


# -- by a later bill ---------------------------------------------------------------------------------------------------


def test_a_bill_is_spread_over_its_clicks_to_the_millionth_and_shows_at_once(world: World) -> None:
    for zone in ("a", "b", "a", "b", "a", "b", "a"):
        clicks(world, 1, sub1=zone)
    world.click(echo="http://127.0.0.1:9")
    assert total(world) == "0.07"
    found = correct(world, "10")
    assert (found["clicks"], found["cost_before"], found["cost_after"]) == (7, "0.07", "10.00")
    assert total(world) == "10.00"
    assert [(row["sub1"], row["cost"]) for row in report(world.data, ["sub1"]).rows] == [
        ("a", "5.714286"),
        ("b", "4.285714"),
    ]
    shown = world.clicks()
    assert [row["cost"] for row in shown] == ["1.428572"] * 3 + ["1.428571"] * 4 + ["0.01"]
    assert {(row["original_cost"], row["original_currency"], row["correction"]) for row in shown[:7]} == {
        ("0.01", "USD", found["number"])
    }
    assert (shown[7]["test"], shown[7]["original_cost"], shown[7]["correction"]) == (True, None, None)
    costs.undo(world.data, "summer")
    assert total(world) == "0.07"
    assert {(row["cost"], row["original_cost"]) for row in world.clicks()} == {("0.01", None)}


def test_only_the_clicks_of_its_period_and_its_sub_ids_are_corrected(world: World) -> None:
    clicks(world, 2, sub1="a")
    clicks(world, 2, sub1="A")
    world.clock.now = NOON + HOUR
    clicks(world, 2, sub1="a")
    correct(world, "6", where={"sub1": "a"})
    assert [row["cost"] for row in world.clicks()] == ["3.00", "3.00", "0.01", "0.01", "0.01", "0.01"]
    assert total(world) == "6.04"
    assert total(world, until=NOON + HOUR) == "6.02"


def test_of_several_the_latest_holds_and_each_can_be_undone_by_itself(world: World) -> None:
    clicks(world, 4)
    first = correct(world, "4")
    second = correct(world, "10", since=NOON + 1, until=NOON + 3)
    assert total(world) == "12.00"
    costs.undo(world.data, "summer", first["number"])
    assert total(world) == "10.02"
    costs.undo(world.data, "summer", second["number"])
    assert total(world) == "0.04"
    assert [one["undone"] is not None for one in costs.listed(world.data, "summer")] == [True, True]


def test_a_bill_in_another_currency_counts_by_the_rate_of_its_last_day(world: World) -> None:
    clicks(world, 3)
    world.rate("2026-03-01", "EUR", "1.10")
    world.rate("2026-03-02", "EUR", "5")
    correct(world, "10", until=NOON + 12 * HOUR, currency="EUR")
    assert total(world, "cost", "without_rate") == ("11.00", 0)
    assert [(row["cost"], row["currency"]) for row in world.clicks()] == [
        ("3.333334", "EUR"),
        ("3.333333", "EUR"),
        ("3.333333", "EUR"),
    ]
    correct(world, "10", until=NOON + 1, currency="GBP")
    assert total(world, "cost", "without_rate") == ("7.333333", 1)  # each click bears its millionth


def test_a_bill_says_also_what_the_conversions_of_its_clicks_cost(empty_world: World) -> None:
    world = empty_world
    world.apply(with_cost(SHARE))
    inside = world.click()
    world.clock.now = NOON + HOUR
    outside = world.click()
    for click_id in (inside, outside):
        world.post(click_id, payout="10", currency="USD")
    found = correct(world, "2", currency="USD")
    assert (found["cost_before"], total(world)) == ("3.00", "5.00")
    assert [(one["cost"], one["original_cost"]) for one in world.conversions()] == [("0.00", "3.00"), ("3.00", None)]
    assert total(world, where={"status": ["approved"]}) == "3.00"


def test_clicks_are_sorted_by_what_they_cost_now(world: World) -> None:
    cheap, dear = world.click(cost="1"), world.click(cost="2")
    world.later(HOUR)
    middle = world.click(cost="3")
    world.clock.now = NOON + 2 * HOUR
    costs.apply(world.data, Bill("summer", NOON, NOON + 1, to_micros("20")))
    found = [row["id"] for row in stream(CLICKS, world.data, Filters(), Sorting("cost", is_falling=True))]
    assert found == [dear, cheap, middle]


def test_a_click_that_is_recorded_late_bears_its_part(world: World) -> None:
    made = clicks(world, 3)
    correct(world, "10")
    key = first_key(NOON + HOUR // 2)

    def come_late(connection: Any) -> None:
        row = dict(connection.execute(select(*ClickRow.__table__.columns).limit(1)).one()._mapping)
        connection.execute(insert(ClickRow), {**row, "id": key})
        corrections.spread_anew(connection, [key])

    world.data.database.write(come_late)
    assert len(world.clicks()) == len(made) + 1
    assert total(world, "clicks", "cost") == (4, "10.00")
    (shown,) = costs.listed(world.data, "summer")
    assert (shown["clicks"], shown["total"]) == (4, "10.00")


def test_a_bill_for_each_moment_of_a_long_period_adds_up(world: World) -> None:
    """More ends than one statement takes."""
    clicks(world, MOST_ENDS + 6)
    world.clock.now = NOON + DAY
    for number in range(MOST_ENDS + 3):
        costs.apply(world.data, Bill("summer", NOON + number, NOON + number + 1, number))
    expected = sum(range(MOST_ENDS + 3)) + 30_000
    assert total(world, "clicks", "cost") == (MOST_ENDS + 6, format_money(expected))
    assert total(world, since=NOON + 2) == format_money(expected - 1)
    assert total(world, until=NOON + 66) == format_money(sum(range(66)))
    assert total(world, since=NOON + 5, until=NOON + 7) == format_money(5 + 6)


# -- any ---------------------------------------------------------------------------------------------------------------

BILLS = st.tuples(
    st.integers(0, 11),
    st.integers(1, 12),
    st.integers(0, 10**13),
    st.sampled_from([{}, {"sub1": "a"}, {"sub1": "b"}]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(bills=st.lists(BILLS, min_size=1, max_size=4), seed=st.integers(0, 99))
def test_whatever_is_billed_the_books_balance_and_undoing_it_restores_them(
    world_of_twelve: World, bills: list[tuple[int, int, int, dict[str, str]]], seed: int
) -> None:
    world = world_of_twelve
    world.data.database.write(lambda connection: connection.execute(delete(CorrectionRow)))
    expected = dict.fromkeys(range(12), (10000, None))
    made = []
    for first, length, amount, where in bills:
        covered = [n for n in range(first, min(12, first + length)) if not where or where["sub1"] == "ab"[n % 2]]
        if not covered:
            continue
        bill = Bill("summer", NOON + first, NOON + first + length, amount, where=where)
        made.append(costs.apply(world.data, bill)["number"])
        part, rest = divmod(amount, len(covered))
        expected |= {n: (part + (place < rest), made[-1]) for place, n in enumerate(covered)}
        assert sum(expected[n][0] for n in covered) == amount
    shown = world.clicks()
    assert [(to_micros(row["cost"]), row["correction"]) for row in shown] == list(expected.values())
    sums = {zone: sum(cost for n, (cost, _) in expected.items() if "ab"[n % 2] == zone) for zone in "ab"}
    assert [row["cost"] for row in report(world.data, ["sub1"]).rows] == [format_money(sums[zone]) for zone in "ab"]
    for number in Random(seed).sample(made, len(made)):
        costs.undo(world.data, "summer", number)
    assert total(world) == "0.12"


@pytest.fixture
def world_of_twelve(world: World) -> World:
    """Clicks of one millisecond each, by turns of zone a and zone b."""
    for number in range(12):
        world.clock.now = NOON + number
        world.click(sub1="ab"[number % 2])
    world.clock.now = NOON + DAY
    return world
