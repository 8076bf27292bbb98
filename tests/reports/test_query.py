"""Small books, and what every report makes of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from server.api import conversions as by_hand
from server.api import costs
from server.api.costs import Bill
from server.api.reports import report
from server.clock import DAY, HOUR
from server.domain.money import to_micros
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, World, small_setup
from tests.reports.small_books import rows, sale


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
            "unique_clicks": 0,  # of nobody is known whether it was the first time
            "bots": 0,
            "lp_views": 0,
            "lp_clicks": 0,
            "approval_rate": "25.00",
            "approved_revenue": "10.00",
            "reversed_revenue": "3.00",
            "roas": "300.00",
            "epv": None,
            "cpc": "0.01",
            "cpa": "0.0125",
            "avg_payout": "10.00",
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


def test_the_most_or_the_least_of_a_metric_first_and_what_has_none_last(books: World) -> None:
    books.click(cost="0")
    by_roi = {"sort": "roi"}
    assert rows(books, "sub1", "roi", **by_roi) == [("a", "49900.00"), ("b", "-100.00"), (None, None)]
    assert rows(books, "sub1", "roi", **by_roi, is_rising=True) == [("b", "-100.00"), ("a", "49900.00"), (None, None)]
    found = report(books.data, ["sub1"], limit=1, metrics=["clicks", "cost"], **by_roi)
    assert (found.rows, found.left_out) == ([{"sub1": "a", "clicks": 3, "cost": "0.03"}], 2)
    assert found.total == {"sub1": None, "clicks": 6, "cost": "0.05"}


def test_visitors_are_told_apart(world: World) -> None:
    keys = [world.ground.click_key(world.click(sub1=name)) for name in ("new", "back", "bot", "unknown")]
    facts = ({"is_returning": False}, {"is_returning": True}, {"is_returning": True, "bot": "agent"}, {})
    for key, columns in zip(keys, facts, strict=True):
        statement = update(ClickRow).where(ClickRow.id == key).values(**{"referrer": None, **columns})
        world.data.database.write(lambda connection, statement=statement: connection.execute(statement))
    assert rows(world, "returning", "clicks", "unique_clicks") == [("no", 1, 1), ("yes", 2, 0), (None, 1, 0)]
    assert rows(world, "bot", "clicks", "bots") == [("no", 3, 0), ("yes", 1, 1)]
    assert rows(world, "campaign", "clicks", "unique_clicks", "bots") == [("summer", 4, 1, 1)]
    assert rows(world, "sub1", "clicks", where={"bot": ["yes"]}) == [("bot", 1)]


def test_referrers_are_told_by_their_host(world: World) -> None:
    for referrer in ("https://news.example/a?b=1", "https://NEWS.example/c", "https://[broken", None):
        key = world.ground.click_key(world.click())
        statement = update(ClickRow).where(ClickRow.id == key).values(referrer=referrer)
        world.data.database.write(lambda connection, statement=statement: connection.execute(statement))
    assert rows(world, "referrer", "clicks") == [("news.example", 2), (None, 2)]
    assert rows(world, "reason", "clicks") == [("only_path", 4)]


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
    world.base("EUR")
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


def test_by_the_time_of_the_conversion_a_bill_for_its_click_holds_too(empty_world: World) -> None:
    world = empty_world
    share = 'cost = { model = "share", value = "30%" }'
    world.apply(small_setup().replace('cost = { model = "cpc", value = "0.01" }', share))
    click_id = world.click()
    world.later(3 * HOUR)
    world.post(click_id, payout="10", currency="USD")
    later: dict[str, Any] = {"since": NOON + 2 * HOUR, "time": "conversion"}
    assert rows(world, "campaign", "clicks", "revenue", "cost", **later) == [("summer", 0, "10.00", "3.00")]
    costs.apply(world.data, Bill("summer", NOON, NOON + HOUR, to_micros("2")))
    assert rows(world, "campaign", "clicks", "revenue", "cost", **later) == [("summer", 0, "10.00", "0.00")]
    assert rows(world, "campaign", "clicks", "cost", time="conversion") == [("summer", 1, "2.00")]
