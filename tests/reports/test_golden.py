"""The golden books: few events of every kind, each figure worked out by hand; API, table, CSV and JSON say the same.

The owner counts in USD and lives in Berlin, where the night of 2026-03-29 loses the hour from two to three.
EUR is worth 1.10 and GBP 1.25. B is Berlin's clock, K Kathmandu's (+05:45).

Clicks                                       B           K           cost
  1  summer  Mar 28 22:30 UTC                Sat 23:30   Sun 04:15   0.01 by its campaign (cpc)
  2  summer  Mar 29 00:30 UTC                Sun 01:30   Sun 06:15   0.50 EUR by its parameter = 0.55
  3  summer  Mar 29 01:30 UTC                Sun 03:30   Sun 07:15   0.01
  4  mille   Mar 29 21:59 UTC                Sun 23:59   Mon 03:44   2.50 for a thousand = 0.0025
  5  deal    Mar 29 22:00 UTC                Mon 00:00   Mon 03:45   5 EUR for each sale = 5.50, with its sale
  6  share   Mar 29 22:10 UTC                Mon 00:10   Mon 03:55   30 % of 10.00 = 3.00, with its sale
  7  bill    Mar 29 23:00 UTC                Mon 01:00   Mon 04:45   a bill of 1.00 over the three:
  8  bill    Mar 29 23:01 UTC                Mon 01:01   Mon 04:46     0.333334 for the first,
  9  bill    Mar 29 23:02 UTC                Mon 01:02   Mon 04:47     0.333333 for the others

Conversions, and when they came by B          is now        revenue
  1  a sale of 20, told twice      Sat 23:40  approved      20.00
  1  a deposit of 50 (the offer's) Mon 00:05  approved      50.00
  2  10 EUR, pending, approved     Sun 01:59  approved      11.00
  3  8 GBP, of which 3 refunded    Sun 03:40  refunded       6.25   of 10.00, so 3.75 reversed
  4  7, charged back               Mon 00:20  charged_back   0.00   of 7.00, so 7.00 reversed
  5  12                            Mon 00:30  approved      12.00
  6  10                            Tue 00:30  approved      10.00
  7  9, after the offer's window   Thu        late: kept, does not count
  8  4                             Mon 01:30  pending        0.00   4.00 pending
  9  6, pending, rejected          Mon 01:31  rejected       0.00
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.api import costs
from server.api.costs import Bill
from server.api.reports import report
from server.cli.main import main
from server.clock import HOUR
from server.domain.money import to_micros
from tests.pipeline.world import World, small_setup
from tests.reports.small_books import at, rows

KATHMANDU = ZoneInfo("Asia/Kathmandu")
CAMPAIGNS = "".join(
    f"""
[[campaign]]
key = "{key}"
source = "prop"
cost = {cost}
[[campaign.path]]
offers = [{{ offer = "keto", weight = 100 }}]
"""
    for key, cost in (
        ("mille", '{ model = "cpm", value = "2.50" }'),
        ("deal", '{ model = "cpa", value = "5", currency = "EUR" }'),
        ("share", '{ model = "share", value = "30%" }'),
        ("bill", '{ model = "none" }'),
    )
)
SETUP = small_setup(top='timezone = "Europe/Berlin"', offer="window_days = 2") + CAMPAIGNS
CLICKS = (
    ("summer", "2026-03-28T22:30Z", {"sub1": "a"}),
    ("summer", "2026-03-29T00:30Z", {"sub1": "a", "cost": "0.50 EUR"}),
    ("summer", "2026-03-29T01:30Z", {"sub1": "b"}),
    ("mille", "2026-03-29T21:59Z", {"sub1": "b"}),
    ("deal", "2026-03-29T22:00Z", {}),
    ("share", "2026-03-29T22:10Z", {}),
    ("bill", "2026-03-29T23:00Z", {}),
    ("bill", "2026-03-29T23:01Z", {}),
    ("bill", "2026-03-29T23:02Z", {}),
)
POSTS = (
    (1, "2026-03-28T22:40Z", {"payout": "20", "txn_id": "s1"}),
    (1, "2026-03-28T22:41Z", {"payout": "20", "txn_id": "s1"}),
    (2, "2026-03-29T00:59Z", {"payout": "10", "currency": "EUR", "txn_id": "s2", "status": "pending"}),
    (3, "2026-03-29T01:40Z", {"payout": "8", "currency": "GBP", "txn_id": "s3"}),
    (1, "2026-03-29T22:05Z", {"event": "deposit", "txn_id": "d1"}),
    (4, "2026-03-29T22:20Z", {"payout": "7", "txn_id": "s4"}),
    (5, "2026-03-29T22:30Z", {"payout": "12", "txn_id": "s5"}),
    (8, "2026-03-29T23:30Z", {"payout": "4", "txn_id": "s8", "status": "pending"}),
    (9, "2026-03-29T23:31Z", {"payout": "6", "txn_id": "s9", "status": "pending"}),
    (2, "2026-03-30T09:00Z", {"payout": "10", "currency": "EUR", "txn_id": "s2", "status": "approved"}),
    (3, "2026-03-30T10:00Z", {"payout": "3", "currency": "GBP", "txn_id": "s3", "status": "refunded"}),
    (4, "2026-03-30T11:00Z", {"txn_id": "s4", "status": "chargeback"}),
    (9, "2026-03-30T12:00Z", {"payout": "6", "txn_id": "s9", "status": "rejected"}),
    (6, "2026-03-30T22:30Z", {"payout": "10", "currency": "USD", "txn_id": "s6"}),
    (7, "2026-04-02T08:00Z", {"payout": "9", "txn_id": "s7"}),
)


@pytest.fixture
def golden(empty_world: World) -> World:
    world = empty_world
    world.clock.now = at(CLICKS[0][1])
    world.apply(SETUP)
    world.rate("2026-03-01", "EUR", "1.10")
    world.rate("2026-03-01", "GBP", "1.25")
    ids = []
    for campaign, time, parameters in CLICKS:
        world.clock.now = at(time)
        ids.append(world.click(campaign, **parameters))
    for number, time, parameters in POSTS:
        world.clock.now = at(time)
        world.post(ids[number - 1], **parameters)
    first = at(CLICKS[6][1])
    costs.apply(world.data, Bill("bill", first, first + HOUR, to_micros("1")))
    return world


def test_every_figure_of_all(golden: World) -> None:
    """Revenue 20 + 50 + 11 + 6.25 + 12 + 10; cost 0.01 + 0.55 + 0.01 + 0.0025 + 5.50 + 3 + 1."""
    assert report(golden.data, ["source"]).total == {
        "source": None,
        "clicks": 9,
        "conversions": 9,  # the duplicate and the late one do not count
        "approved": 5,  # 1, its deposit, 2, 5, 6
        "pending": 1,
        "rejected": 1,
        "reversed": 2,  # 3 and 4
        "revenue": "109.25",
        "pending_revenue": "4.00",
        "cost": "10.0725",
        "profit": "99.1775",  # 109.25 - 10.0725
        "roi": "984.64",  # 99.1775 / 10.0725 = 9.846364
        "lp_ctr": None,  # nobody was on a landing page
        "cr": "100.00",  # 9 / 9
        "epc": "12.138889",  # 109.25 / 9 = 12.1388888…
        "without_rate": 0,
        "unique_clicks": 0,  # of nobody is known whether it was the first time
        "bots": 0,
        "lp_views": 0,
        "lp_clicks": 0,
        "approval_rate": "55.56",  # 5 / 9
        "approved_revenue": "103.00",  # 20 + 50 + 11 + 12 + 10
        "reversed_revenue": "10.75",  # 3.75 + 7
        "roas": "10.85",  # 109.25 / 10.0725 = 10.846364
        "epv": None,
        "cpc": "1.119167",  # 10.0725 / 9 = 1.1191666…
        "cpa": "1.119167",
        "avg_payout": "20.60",  # 103 / 5
    }


def test_by_campaign(golden: World) -> None:
    assert rows(golden, "campaign", "clicks", "conversions", "revenue", "cost", "profit") == [
        ("bill", 3, 2, "0.00", "1.00", "-1.00"),
        ("deal", 1, 1, "12.00", "5.50", "6.50"),
        ("mille", 1, 1, "0.00", "0.0025", "-0.0025"),
        ("share", 1, 1, "10.00", "3.00", "7.00"),
        ("summer", 3, 4, "87.25", "0.57", "86.68"),
    ]


def test_by_status_and_by_event(golden: World) -> None:
    assert rows(golden, "status", "conversions", "revenue", "reversed_revenue", "pending_revenue", "cost") == [
        ("approved", 5, "103.00", "0.00", "0.00", "8.50"),  # 5.50 and 3.00 were paid for sales
        ("charged_back", 1, "0.00", "7.00", "0.00", "0.00"),
        ("pending", 1, "0.00", "0.00", "4.00", "0.00"),
        ("refunded", 1, "6.25", "3.75", "0.00", "0.00"),
        ("rejected", 1, "0.00", "0.00", "0.00", "0.00"),
        (None, 0, "0.00", "0.00", "0.00", "1.5725"),  # clicks have no status
    ]
    assert rows(golden, "event", "conversions", "revenue") == [("deposit", 1, "50.00"), (None, 8, "59.25")]


def test_by_the_days_of_two_zones(golden: World) -> None:
    assert rows(golden, "day", "clicks", "conversions", "revenue", "cost") == [
        ("2026-03-28", 1, 2, "70.00", "0.01"),
        ("2026-03-29", 3, 3, "17.25", "0.5625"),  # 11 + 6.25; 0.55 + 0.01 + 0.0025
        ("2026-03-30", 5, 4, "22.00", "9.50"),  # 12 + 10; 5.50 + 3 + 1
    ]
    assert rows(golden, "day", "clicks", "conversions", "revenue", "cost", zone=KATHMANDU) == [
        ("2026-03-29", 3, 4, "87.25", "0.57"),
        ("2026-03-30", 6, 5, "22.00", "9.5025"),
    ]


def test_by_the_hours_of_the_night_that_loses_one(golden: World) -> None:
    assert rows(golden, "day,hour", "clicks", "revenue", where={"day": ["2026-03-29"]}) == [
        ("2026-03-29", "01", 1, "11.00"),
        ("2026-03-29", "03", 1, "6.25"),  # there is no hour 02
        ("2026-03-29", "23", 1, "0.00"),
    ]
    weekdays = [("1 Mon", 5, "22.00"), ("6 Sat", 1, "70.00"), ("7 Sun", 3, "17.25")]
    assert rows(golden, "weekday", "clicks", "revenue") == weekdays
    assert rows(golden, "week", "clicks", "revenue") == [("2026-W13", 4, "87.25"), ("2026-W14", 5, "22.00")]


def test_by_the_time_of_the_conversion(golden: World) -> None:
    """Clicks, and what they cost, by their own; conversions, and what those cost, by when they came."""
    by_conversion: dict[str, Any] = {"time": "conversion"}
    assert rows(golden, "day", "clicks", "conversions", "revenue", "cost", **by_conversion) == [
        ("2026-03-28", 1, 1, "20.00", "0.01"),
        ("2026-03-29", 3, 2, "17.25", "0.5625"),
        ("2026-03-30", 5, 5, "62.00", "6.50"),  # 50 + 12; 1.00 and the 5.50 of click 5's sale
        ("2026-03-31", 0, 1, "10.00", "3.00"),  # click 6's sale
    ]
    tuesday = {"since": at("2026-03-31T00:00+02:00"), "until": at("2026-04-01T00:00+02:00")}
    assert rows(golden, "campaign", "clicks", "revenue", **tuesday, **by_conversion) == [("share", 0, "10.00")]
    assert rows(golden, "campaign", "clicks", "revenue", **tuesday) == []


def test_a_day_against_the_day_before(golden: World) -> None:
    """Sunday and Monday by Berlin's clock: 23 hours against 24."""
    monday = {"since": at("2026-03-30T00:00+02:00"), "until": at("2026-03-31T00:00+02:00")}
    found = report(golden.data, ["campaign"], **monday, is_compared=True, metrics=["revenue", "cr"])
    assert found.before == ("2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z")
    assert [tuple(row.values()) for row in found.rows] == [
        ("bill", "0.00", "0.00", None, "66.67", None, None),
        ("deal", "12.00", "0.00", None, "100.00", None, None),
        ("mille", "0.00", "0.00", None, None, "100.00", None),
        ("share", "10.00", "0.00", None, "100.00", None, None),
        ("summer", "0.00", "17.25", "-100.00", None, "100.00", None),
    ]
    # 22 against 17.25 is 4.75 / 17.25 more; 4 of 5 converted against 3 of 3, 20 points less.
    assert tuple(found.total.values()) == (None, "22.00", "17.25", "27.54", "80.00", "100.00", "-20.00")


@pytest.mark.parametrize("by", ["campaign", "day,hour", "sub1,status", "event"])
def test_table_csv_and_json_say_what_the_api_says(golden: World, capsys: pytest.CaptureFixture[str], by: str) -> None:
    found = report(golden.data, by.split(","))
    words = ["report", "--by", by, "--data", str(golden.data.folder.path), "--database", golden.data.url]

    def said(*more: str) -> str:
        assert main([*words, *more]) == 0
        return capsys.readouterr().out

    beside = {"time": "click", "currency": "USD"}
    assert [json.loads(line) for line in said("--json").splitlines()] == [{**row, **beside} for row in found.rows]
    as_text = [{name: "" if value is None else str(value) for name, value in row.items()} for row in found.rows]
    assert list(csv.DictReader(io.StringIO(said("--csv")))) == [{**row, **beside} for row in as_text]
    names = [column.name for column in found.columns]
    _, *table, said_of = said("--metrics", ",".join(names[len(by.split(",")) :])).splitlines()
    total = {**found.total, names[0]: "total"}
    shown = [["–" if row[name] is None else str(row[name]) for name in names] for row in [*found.rows, total]]
    assert [re.split(r"\s{2,}", line.strip()) for line in table] == shown
    assert said_of == "By the time of the click, in Europe/Berlin."
