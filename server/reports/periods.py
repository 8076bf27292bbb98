"""Periods of a report by a zone's clock, and of each the one before: days and months, not so many hours."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.clock import SECOND
from server.errors import BadInput, nearest

SPANS = ("today", "yesterday", "last 7 days", "last 30 days", "this week", "last week", "this month", "last month")
_LAST_DAYS = re.compile(r"(?a:last ([1-9]\d{0,3}) days?)")
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Period(NamedTuple):
    """From the start to before the end, in milliseconds UTC; None: everything on that side."""

    since: int | None = None
    until: int | None = None


class Span(NamedTuple):
    """By the wall clock: from, to, and so far back lies the one before: some days, or a month."""

    start: datetime
    end: datetime
    days: int | None


def read_span(text: str, now: int, zone: ZoneInfo) -> Span:
    words = " ".join(text.replace("-", " ").replace("_", " ").casefold().split())
    today = _wall(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if match := _LAST_DAYS.fullmatch(words):
        days = int(match[1])
        return Span(today - (days - 1) * _DAY, today + _DAY, days)
    if words in _SPANS:
        return _SPANS[words](today)
    near = nearest(words, SPANS)
    remedy = f"Did you mean {near}?" if near else f"There are {', '.join(SPANS)}."
    raise BadInput(f"{text[:40]} is no span of time.", where="--span", remedy=remedy)


def of_span(span: Span, zone: ZoneInfo) -> Period:
    return Period(_moment(span.start, zone), _moment(span.end, zone))


def before_span(span: Span, now: int, zone: ZoneInfo) -> Period:
    """Where the span still runs, up to the same time of day: half a day is not held against a whole one."""
    end = min(span.end, _wall(now, zone))
    return Period(_moment(_back(span.start, span.days), zone), _moment(_back(end, span.days), zone))


def before(period: Period, now: int, zone: ZoneInfo) -> Period:
    """As long by the clock, and up to its start."""
    if period.since is None:
        raise BadInput(
            "There is nothing before everything to compare with.",
            where="--compare",
            remedy="Name a start with --from, or a --span.",
        )
    start, end = _wall(period.since, zone), _wall(now if period.until is None else period.until, zone)
    return Period(_moment(start - max(end - start, timedelta()), zone), period.since)


def _this_month(today: datetime) -> Span:
    first = today.replace(day=1)
    return Span(first, _first_after(first), None)


def _last_month(today: datetime) -> Span:
    end = today.replace(day=1)
    return Span(_back(end, None), end, None)


def _this_week(today: datetime) -> Span:
    monday = today - today.weekday() * _DAY
    return Span(monday, monday + _WEEK, _WEEK.days)


_SPANS: Mapping[str, Callable[[datetime], Span]] = {
    "today": lambda today: Span(today, today + _DAY, 1),
    "yesterday": lambda today: Span(today - _DAY, today, 1),
    "this week": _this_week,
    "last week": lambda today: _this_week(today - _WEEK),
    "this month": _this_month,
    "last month": _last_month,
}


def _first_after(first: datetime) -> datetime:
    return (first + 31 * _DAY).replace(day=1)


def _back(wall: datetime, days: int | None) -> datetime:
    """Some days, or a month: of the 31st, to the last day of a shorter one."""
    if days is not None:
        return wall - days * _DAY
    last = wall.replace(day=1) - _DAY
    return last.replace(
        day=min(wall.day, calendar.monthrange(last.year, last.month)[1]),
        hour=wall.hour,
        minute=wall.minute,
        second=wall.second,
        microsecond=wall.microsecond,
    )


def _wall(moment: int, zone: ZoneInfo) -> datetime:
    whole, rest = divmod(moment, SECOND)
    return datetime.fromtimestamp(whole, UTC).astimezone(zone).replace(tzinfo=None, microsecond=rest * 1000)


def _moment(wall: datetime, zone: ZoneInfo) -> int:
    """Of a time that the clock skips, the moment at which it does; of one that comes twice, the first."""
    aware = wall.replace(tzinfo=zone)
    return int(aware.timestamp()) * SECOND + wall.microsecond // 1000
