"""Small books, and what every report makes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.api import conversions as by_hand
from server.api.reports import report
from server.clock import DAY, HOUR
from server.errors import BadInput
from server.reports.dimensions import DIMENSIONS
from tests.pipeline.world import NOON, World, small_setup


def rows(world: World, by: str, *metrics: str, **more: Any) -> list[tuple[Any, ...]]:
    names = by.split(",")
    found = report(world.data, names, **more)
    return [tuple(row[name] for name in (*names, *metrics)) for row in found.rows]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def sale(world: World, click_id: str, payout: str, *statuses: str, **more: str) -> None:
    for status in statuses or ("approved",):
        world.post(click_id, txn_id=f"T-{click_id}", payout=payout, status=status, **more)


@pytest.fixture
def books(world: World) -> World:
    """Two zones: one sells, one does not."""
    for number, zone in enumerate(("a", "a", "a", "b", "b")):
        click_id = world.click(sub1=zone, sub2=f"creative {number % 2}")
        if number == 0:
            sale(world, click_id, "10")
        elif number == 1:
            sale(world, click_id, "20", "pending")
        elif number == 2:
            sale(world, click_id, "8")
            world.post(click_id, txn_id=f"T-{click_id}", payout="3", status="refunded")
        elif number == 3:
            sale(world, click_id, "5", "approved", "rejected")
    return world


def test_every_metric_by_campaign(books: World) -> None:
    found = report(books.data, ["campaign"])
    assert list(found.rows) == [
        {
            "campaign": "summer",
            "clicks": 5,
            "conversions": 4,
            "approved": 1,
            "pending": 1,
            "rejected": 1,
            "reversed": 1,
            "revenue": "15.00",
            "pending_revenue": "20.00",
            "cost": "0.05",
            "profit": "14.95",
            "roi": "29900.00",
            "lp_ctr": None,
            "cr": "80.00",
            "epc": "3.00",
            "without_rate": 0,
        }
    ]
    assert found.total == {**found.rows[0], "campaign": None}


def test_several_dimensions_at_once(books: World) -> None:
    assert rows(books, "sub1,sub2", "clicks", "conversions", "revenue") == [
        ("a", "creative 0", 2, 2, "15.00"),
        ("a", "creative 1", 1, 1, "0.00"),
        ("b", "creative 0", 1, 0, "0.00"),
        ("b", "creative 1", 1, 1, "0.00"),
    ]
    assert rows(books, "sub1,campaign,source,network", "clicks") == [
        ("a", "summer", "prop", "maxi", 3),
        ("b", "summer", "prop", "maxi", 2),
    ]


def test_what_has_no_value_stands_last(books: World) -> None:
    books.click()
    assert rows(books, "sub1", "clicks", "cr") == [("a", 3, "100.00"), ("b", 2, "50.00"), (None, 1, "0.00")]


def test_by_status_and_event_clicks_stand_apart(books: World) -> None:
    books.post(books.click(), event="Deposit")
    assert rows(books, "status", "clicks", "conversions", "cr") == [
        ("approved", 0, 2, None),
        ("pending", 0, 1, None),
        ("refunded", 0, 1, None),
        ("rejected", 0, 1, None),
        (None, 6, 0, "0.00"),
    ]
    assert rows(books, "event", "clicks", "conversions") == [("Deposit", 0, 1), (None, 6, 4)]


def test_filters(books: World) -> None:
    assert rows(books, "sub1", "clicks", where={"sub1": ["A"]}) == [("a", 3)]
    assert rows(books, "campaign", "clicks", "revenue", where={"sub1": ["a", "B"], "sub2": ["creative 0"]}) == [
        ("summer", 3, "15.00")
    ]
    assert rows(books, "sub1", "clicks", where={"campaign": ["winter"]}) == []
    # Clicks have no status: filtered by one, only conversions are left.
    assert rows(books, "sub1", "clicks", "conversions", where={"status": ["approved", "rejected"]}) == [
        ("a", 0, 1),
        ("b", 0, 1),
    ]


def test_a_period_is_of_clicks_from_its_start_to_before_its_end(world: World) -> None:
    for hours in range(4):
        world.clock.now = NOON + hours * HOUR
        sale(world, world.click(), "1")
    world.clock.now = NOON + 9 * DAY
    since, until = NOON + HOUR, NOON + 3 * HOUR
    assert rows(world, "campaign", "clicks", "revenue", since=since, until=until) == [("summer", 2, "2.00")]
    assert rows(world, "campaign", "clicks", since=since) == [("summer", 3)]
    assert rows(world, "campaign", "clicks", until=NOON) == []


def test_what_is_kept_apart_and_what_is_a_test_does_not_count(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(offer="window_days = 1"))
    owner, thief, late = world.click(), world.click(), world.click()
    sale(world, owner, "10")
    world.post(thief, txn_id=f"T-{owner}", payout="10")
    sale(world, world.click(echo="http://127.0.0.1:9"), "10")
    world.later(2 * DAY)
    sale(world, late, "10")
    assert rows(world, "campaign", "clicks", "conversions", "revenue", "cost") == [("summer", 3, 1, "10.00", "0.03")]
    by_hand.accept_late(world.data, 4)
    assert rows(world, "campaign", "conversions", "revenue") == [("summer", 2, "20.00")]


# -- money -----------------------------------------------------------------------------------------------------------


def test_what_has_no_rate_is_counted_beside_the_sums(world: World) -> None:
    world.rate("2026-03-01", "GBP", "1.25")
    for payout, currency in (("10", "USD"), ("8", "GBP"), ("100", "EUR")):
        world.post(world.click(cost=f"0.5 {currency}"), payout=payout, currency=currency)
    assert rows(world, "campaign", "conversions", "revenue", "cost", "without_rate") == [
        ("summer", 3, "20.00", "1.125", 2)  # a sale in euro, and a click paid in euro
    ]


def test_sums_of_two_base_currencies_are_never_mixed(world: World) -> None:
    sale(world, world.click(), "10")
    world.rate("2026-03-01", "EUR", "1.25")
    world.apply(small_setup(top='base_currency = "EUR"'))
    sale(world, world.click(), "10")
    assert rows(world, "campaign", "conversions", "revenue", "without_rate") == [("summer", 2, "8.00", 2)]


def test_the_largest_amounts_add_up(world: World) -> None:
    """A network without a token can be told anything; the report goes on."""
    for _ in range(11):
        sale(world, world.click(cost="999999999999"), "999,999,999,999.99")
    assert rows(world, "campaign", "revenue", "cost", "without_rate") == [
        ("summer", "10999999999999.89", "10999999999989.00", 0)
    ]


# -- steps -----------------------------------------------------------------------------------------------------------


def test_a_visitor_of_a_landing_page_counts_where_the_step_led_and_the_sale_where_it_was(empty_world: World) -> None:
    world = empty_world
    offers = 'offers = [{ offer = "keto", weight = 100 }, { offer = "elsewhere", weight = 100 }]'
    landing = 'landings = [{ landing = "quiz", weight = 100 }]'
    world.apply(small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', f"{offers}\n{landing}"))
    stays, goes, both = world.click(), world.click(), world.click()
    assert stays != goes
    world.step(goes, 1)
    world.step(both, 1)
    world.step(both, 2)
    world.post(both, "maxi", payout="10")
    world.post(both, "other", payout="7")
    assert rows(world, "network", "clicks", "conversions", "revenue") == [
        ("maxi", 1, 1, "10.00"),
        ("other", 1, 1, "7.00"),
        (None, 1, 0, "0.00"),
    ]
    assert rows(world, "offer,landing", "clicks", "conversions") == [
        ("elsewhere", "quiz", 1, 1),
        ("keto", "quiz", 1, 1),
        (None, "quiz", 1, 0),
    ]
    assert rows(world, "network", "clicks", where={"network": ["other"]}) == [("other", 1)]


def test_of_those_on_a_landing_page_how_many_went_on(empty_world: World) -> None:
    """However often each; who went straight to an offer was on none."""
    world = empty_world
    landing = """
[[campaign]]
key = "quiz"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto" }]
"""
    world.apply(small_setup() + landing)
    world.click("summer")
    _, goes, twice = (world.click("quiz") for _ in range(3))
    for click_id in (goes, twice, twice):
        world.step(click_id)
    assert rows(world, "campaign", "clicks", "lp_ctr") == [("quiz", 3, "66.67"), ("summer", 1, None)]


# -- time ------------------------------------------------------------------------------------------------------------


def clicks_at(world: World, *times: str) -> None:
    for time in times:
        world.clock.now = at(time)
        sale(world, world.click(), "1")


def test_days_begin_where_the_owner_lives(world: World) -> None:
    clicks_at(world, "2026-02-28T18:14:59.999Z", "2026-02-28T18:15:00Z", "2026-03-01T18:14:59Z", "2026-03-01T18:15:00Z")
    kathmandu = ZoneInfo("Asia/Kathmandu")  # +05:45
    assert rows(world, "day", "clicks", "revenue", zone=kathmandu) == [
        ("2026-02-28", 1, "1.00"),
        ("2026-03-01", 2, "2.00"),
        ("2026-03-02", 1, "1.00"),
    ]
    assert rows(world, "day", "clicks", zone=ZoneInfo("UTC")) == [("2026-02-28", 2), ("2026-03-01", 2)]
    assert rows(world, "hour", "clicks", zone=kathmandu) == [("00", 2), ("23", 2)]
    assert rows(world, "weekday", "clicks", zone=kathmandu) == [("1 Mon", 1), ("6 Sat", 1), ("7 Sun", 2)]
    assert rows(world, "week", "clicks", zone=kathmandu) == [("2026-W09", 3), ("2026-W10", 1)]
    assert rows(world, "month", "clicks", zone=kathmandu) == [("2026-02", 1), ("2026-03", 3)]


def test_the_owners_zone_is_taken_where_none_is_asked_for(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(top='timezone = "America/St_Johns"'))  # -03:30
    clicks_at(world, "2026-03-02T03:29:59Z", "2026-03-02T03:30:00Z")
    assert rows(world, "day", "clicks") == [("2026-03-01", 1), ("2026-03-02", 1)]
    assert rows(world, "day", "clicks", where={"day": ["2026-03-02"]}) == [("2026-03-02", 1)]


def test_the_night_that_loses_an_hour(world: World) -> None:
    clicks_at(
        world, "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
        "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z",
    )  # fmt: skip
    berlin = ZoneInfo("Europe/Berlin")
    assert rows(world, "day,hour", "clicks", zone=berlin) == [
        ("2026-03-28", "23", 1),
        ("2026-03-29", "00", 1),
        ("2026-03-29", "01", 1),
        ("2026-03-29", "03", 1),
        ("2026-03-29", "23", 1),
        ("2026-03-30", "00", 1),
    ]


def test_the_night_that_has_an_hour_twice(world: World) -> None:
    clicks_at(
        world, "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T22:59:59Z",
        "2026-10-25T23:00:00Z",
    )  # fmt: skip
    assert rows(world, "day,hour", "clicks", zone=ZoneInfo("Europe/Berlin")) == [
        ("2026-10-25", "00", 1),
        ("2026-10-25", "02", 2),
        ("2026-10-25", "23", 1),
        ("2026-10-26", "00", 1),
    ]


def test_a_zone_whose_summer_is_half_an_hour_away(world: World) -> None:
    clicks_at(world, "2026-04-04T14:59:59Z", "2026-04-04T15:00:00Z", "2026-04-05T13:29:59Z", "2026-04-05T13:30:00Z")
    assert rows(world, "day,hour", "clicks", zone=ZoneInfo("Australia/Lord_Howe")) == [
        ("2026-04-05", "01", 2),  # +11:00 until 15:00 UTC, then +10:30: 01:30 comes twice
        ("2026-04-05", "23", 1),
        ("2026-04-06", "00", 1),
    ]


# -- every one -------------------------------------------------------------------------------------------------------


def test_every_dimension_can_be_asked_for_and_filtered_by(books: World) -> None:
    for dimension in DIMENSIONS:
        found = report(books.data, [dimension.name, "sub1"])
        assert (found.total["clicks"], found.total["conversions"], found.total["revenue"]) == (5, 4, "15.00")
        some = next((row[dimension.name] for row in found.rows if row[dimension.name] is not None), "nothing")
        report(books.data, ["campaign"], where={dimension.name: [some]})


def test_what_no_report_knows_is_refused(books: World) -> None:
    with pytest.raises(BadInput, match=r"There is no dimension sub21\. Did you mean sub1\?|Did you mean sub"):
        report(books.data, ["sub21"])
    with pytest.raises(BadInput, match="A report has one to four dimensions"):
        report(books.data, ["sub1", "sub2", "sub3", "sub4", "sub5"])
