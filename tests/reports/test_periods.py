"""Spans by the clock of a zone, whole nights that lose or win an hour among them, and the period before each."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.clock import DAY, HOUR, MINUTE
from server.errors import BadInput
from server.reports import periods
from server.reports.local_time import offsets
from server.reports.periods import Period

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # +05:45
CAIRO = ZoneInfo("Africa/Cairo")  # its midnight of 2026-04-24 does not exist
HAVANA = ZoneInfo("America/Havana")  # its midnight of 2026-11-01 comes twice


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def told(period: Period) -> tuple[str, str]:
    since, until = (datetime.fromtimestamp(moment / 1000, UTC).isoformat()[:16] for moment in period)
    return since, until


def span(text: str, now: str, zone: ZoneInfo) -> tuple[str, str]:
    return told(periods.of_span(periods.read_span(text, at(now), zone), zone))


def before(text: str, now: str, zone: ZoneInfo) -> tuple[str, str]:
    return told(periods.before_span(periods.read_span(text, at(now), zone), at(now), zone))


NOW = "2026-03-18T10:30:00Z"  # a Wednesday


@pytest.mark.parametrize(
    ("text", "expected", "earlier"),
    [
        ("today", ("03-18T00:00", "03-19T00:00"), ("03-17T00:00", "03-17T10:30")),
        ("Yesterday", ("03-17T00:00", "03-18T00:00"), ("03-16T00:00", "03-17T00:00")),
        ("last 7 days", ("03-12T00:00", "03-19T00:00"), ("03-05T00:00", "03-11T10:30")),
        ("last-1-day", ("03-18T00:00", "03-19T00:00"), ("03-17T00:00", "03-17T10:30")),
        ("this week", ("03-16T00:00", "03-23T00:00"), ("03-09T00:00", "03-11T10:30")),
        ("last week", ("03-09T00:00", "03-16T00:00"), ("03-02T00:00", "03-09T00:00")),
        ("this_month", ("03-01T00:00", "04-01T00:00"), ("02-01T00:00", "02-18T10:30")),
        ("last month", ("02-01T00:00", "03-01T00:00"), ("01-01T00:00", "02-01T00:00")),
    ],
)
def test_every_span_and_the_one_before(text: str, expected: tuple[str, str], earlier: tuple[str, str]) -> None:
    assert span(text, NOW, UTC_ZONE) == tuple(f"2026-{one}" for one in expected)
    assert before(text, NOW, UTC_ZONE) == tuple(f"2026-{one}" for one in earlier)


@pytest.mark.parametrize(
    ("zone", "now", "expected", "hours"),
    [
        (BERLIN, "2026-03-29T10:00Z", ("2026-03-28T23:00", "2026-03-29T22:00"), 23),
        (BERLIN, "2026-10-25T10:00Z", ("2026-10-24T22:00", "2026-10-25T23:00"), 25),
        (KATHMANDU, "2026-03-01T18:15Z", ("2026-03-01T18:15", "2026-03-02T18:15"), 24),
        (KATHMANDU, "2026-03-01T18:14Z", ("2026-02-28T18:15", "2026-03-01T18:15"), 24),
        (CAIRO, "2026-04-24T10:00Z", ("2026-04-23T22:00", "2026-04-24T21:00"), 23),  # from 01:00 on
        (HAVANA, "2026-11-01T10:00Z", ("2026-11-01T04:00", "2026-11-02T05:00"), 25),  # from the first midnight
    ],
)
def test_today_is_as_long_as_the_day_is(zone: ZoneInfo, now: str, expected: tuple[str, str], hours: int) -> None:
    found = periods.of_span(periods.read_span("today", at(now), zone), zone)
    assert told(found) == expected
    assert (found.until or 0) - (found.since or 0) == hours * HOUR


def test_half_a_day_is_held_against_the_same_half_by_the_clock() -> None:
    """The day before the summer began: 10:30 in Berlin is then an hour later in UTC."""
    assert before("today", "2026-03-29T08:30Z", BERLIN) == ("2026-03-27T23:00", "2026-03-28T09:30")


def test_a_month_back_from_the_31st_is_the_last_day_of_the_shorter_one() -> None:
    assert before("this month", "2026-03-31T10:30Z", UTC_ZONE) == ("2026-02-01T00:00", "2026-02-28T10:30")


def test_before_a_period_of_ones_own_lies_one_as_long_by_the_clock() -> None:
    three_days = Period(at("2026-03-28T00:00+01:00"), at("2026-03-31T00:00+02:00"))
    assert told(periods.before(three_days, 0, BERLIN)) == ("2026-03-24T23:00", "2026-03-27T23:00")
    since_ten = Period(at("2026-03-10T10:00Z"))
    assert told(periods.before(since_ten, at("2026-03-10T12:30Z"), UTC_ZONE)) == (
        "2026-03-10T07:30",
        "2026-03-10T10:00",
    )


@pytest.mark.parametrize("text", ["", "last 0 days", "last 99999 days", "tomorow", "last ٣ days"])
def test_what_is_no_span_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput, match=r"^--span: .* is no span of time\. \S[^\n]*$"):
        periods.read_span(text, at(NOW), UTC_ZONE)


# -- the offsets that SQL is given -------------------------------------------------------------------------------------

ZONES = sorted(available_timezones())
FIRST = at("2020-01-01T00:00Z") // DAY
LAST = at("2031-01-01T00:00Z") // DAY


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(ZONES), moments=st.lists(st.integers(FIRST * DAY, LAST * DAY - 1), max_size=50))
def test_any_moment_is_by_the_offsets_what_it_is_by_the_zone(zone: str, moments: list[int]) -> None:
    found = offsets(ZoneInfo(zone), FIRST, LAST)
    around = [one.since + change for one in found[1:] for change in (-MINUTE, -1, 0, MINUTE)]
    for moment in (*moments, *around):
        ahead = [one.ahead for one in found if one.since <= moment][-1]
        local = datetime.fromtimestamp(moment // 1000, ZoneInfo(zone)).utcoffset()
        assert local is not None
        assert ahead == local.total_seconds() * 1000
