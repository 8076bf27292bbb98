"""Today's figures against the same time of earlier days, what came last, and what needs a hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from server.api import reports, setup, today
from server.api.data import open_data
from server.clock import DAY, HOUR, MINUTE
from server.domain.click_id import first_key
from server.pipeline import unrecorded
from server.setup.document import read_document
from server.storage.tables import ClickRow, ConversionRow, PostbackRow

SETUP = """
base_currency = "USD"
timezone = "Europe/Berlin"
[[source]]
key = "prop"
template = "propellerads"
[[network]]
key = "maxi"
token = ""
[[offer]]
key = "keto"
network = "maxi"
url = "https://go.example.net/?s={click_id}"
[[campaign]]
key = "summer"
source = "prop"
[[campaign.path]]
offers = [{ offer = "keto" }]
"""
NOW = int(datetime(2026, 11, 18, 11, 30, tzinfo=UTC).timestamp() * 1000)  # 12:30 in Berlin


@pytest.fixture
def data(tmp_path):
    with open_data(str(tmp_path / "data"), clock=lambda: NOW) as data:
        setup.apply(data, read_document(SETUP, "x"))
        yield data


def click(data, at, cost="1"):
    click.number += 1
    key = first_key(at) + click.number
    micros = int(float(cost) * 1_000_000)
    row = {"id": key, "campaign_id": 1, "source_id": 1, "reason": "", "cost": micros, "cost_currency": "USD"}
    data.database.write(lambda c: c.execute(insert(ClickRow).values(**row)))
    return key


click.number = 0


def conversion(data, key, net="10", kept=None):
    micros = int(float(net) * 1_000_000)
    row = {
        "identity": str(key).encode(), "click_id": key, "campaign_id": 1, "source_id": 1, "network_id": 1,
        "offer_id": 1, "event_key": "", "time": NOW, "updated": NOW, "status": "approved",
        "original_status": "approved", "kept": kept, "is_test": False, "payout": micros, "currency": "USD",
        "net": micros, "base_currency": "USD", "net_base": micros, "payout_base": micros, "warnings": [],
    }  # fmt: skip
    data.database.write(lambda c: c.execute(insert(ConversionRow).values(**row)))


def postback(data, outcome, at=NOW):
    row = {
        "time": at, "address": "maxi", "method": "GET", "query": b"", "body": b"", "content_type": "", "ip": "1.1.1.1",
        "outcome": outcome, "warnings": [], "reason": f"because {outcome}", "remedy": "mend it",
    }  # fmt: skip
    data.database.write(lambda c: c.execute(insert(PostbackRow).values(**row)))


def test_days_end_at_the_same_time_of_day_in_the_owners_zone(data):
    conversion(data, click(data, NOW - HOUR))
    click(data, NOW - 13 * HOUR)  # yesterday by the owner's clock, today by UTC? no: 23:30 in Berlin
    click(data, NOW - DAY - HOUR)
    click(data, NOW - DAY + HOUR)  # yesterday, later than now
    click(data, NOW - 7 * DAY - 2 * HOUR)
    found = today.today(data)
    assert (found.today["clicks"], found.yesterday["clicks"], found.last_week["clicks"]) == (1, 1, 1)
    assert (found.today["profit"], found.yesterday["profit"]) == ("9.00", "-1.00")
    assert [hour["clicks"] for hour in found.hours_today] == [0] * 11 + [1] + [0] * 12
    yesterday = [hour["clicks"] for hour in found.hours_yesterday]
    assert (yesterday[11], yesterday[13], yesterday[23], sum(yesterday)) == (1, 1, 1, 3)


def test_the_figures_are_those_of_the_reports(data):
    for minutes in range(5):
        conversion(data, click(data, NOW - minutes * MINUTE, "0.5"), "3.25")
    found = today.today(data)
    total = reports.report(data, ["day"], since=NOW - 12 * HOUR).total
    assert found.today == {name: total[name] for name in found.today}
    assert found.today["roi"] == "550.00"


def test_the_day_after_a_night_of_25_hours_compares_the_same_hours(tmp_path):
    noon = int(datetime(2026, 10, 26, 11, 0, tzinfo=UTC).timestamp() * 1000)  # the day after summer time ended
    with open_data(str(tmp_path / "data"), clock=lambda: noon) as data:
        setup.apply(data, read_document(SETUP, "x"))
        click(data, noon - DAY - 13 * HOUR + HOUR // 2)  # the night before the change, 00:30 by the wall clock
        assert today.today(data).yesterday["clicks"] == 1


def test_what_needs_a_hand_is_grouped_and_says_why(data):
    for outcome in ("no_click_id", "no_click_id", "click_unknown", "accepted"):
        postback(data, outcome)
    postback(data, "no_click_id", NOW - 2 * DAY)
    conversion(data, click(data, NOW), kept="late")
    found = [(one.page, one.word, one.count) for one in today.attention(data)]
    assert found == [
        ("postbacks", "no_click_id", 2),
        ("postbacks", "click_unknown", 1),
        ("conversions", "late", 1),
        ("networks", "maxi", 1),
        ("sources", "prop", 2),
    ]
    assert today.attention(data)[0].reason == "because no_click_id"
    assert today.attention(data)[0].remedy == "mend it"


def test_what_was_not_recorded_needs_a_hand_for_a_day(data):
    def lost(what, number, at):
        downtime = unrecorded.missing(unrecorded.SPOOL_FULL, what, number, at)
        data.database.write(lambda connection: unrecorded.write(connection, downtime))

    lost("click", 9, NOW - 2 * DAY)
    assert [one.page for one in today.attention(data)] == ["networks", "sources"]
    lost("click", 3, NOW - HOUR)
    lost("postback", 1, NOW - HOUR + 30)
    lost("click", 2, NOW)
    first = today.attention(data)[0]
    assert (first.page, first.word, first.count) == ("downtime", "spool_full", 6)
    assert first.reason == (
        "Not recorded from 2026-11-18T10:30:00.000Z to 2026-11-18T11:30:00.000Z: clicks 5, postbacks 1."
    )
    assert "make room on the disk" in first.remedy


def test_the_feed_is_newest_first_and_tells_a_rush_of_clicks_as_a_number(data):
    click(data, NOW - 2 * HOUR)
    postback(data, "no_click_id", NOW - HOUR)
    postback(data, "duplicate", NOW - HOUR)
    conversion(data, click(data, NOW - 3 * HOUR))
    assert [event.kind for event in today.feed(data)] == ["conversion", "postback", "click", "click"]
    for number in range(20):
        click(data, NOW - number * 1000)
    first = next(event for event in today.feed(data) if event.kind.startswith("click"))
    assert (first.kind, first.count) == ("clicks", 20)
    assert len(today.feed(data, 1)) == 1


def test_what_a_test_did_is_no_news(data):
    from server.api.testing import Wishes, run_test

    with open_data(str(data.folder.path)) as live:
        hops = list(run_test(live, "summer", Wishes(starts_server=True)))
        assert [hop.name for hop in hops] == ["click", "postback", "relay"]
        assert today.feed(live) == []
        assert today.today(live).today["clicks"] == 0
