"""Every dimension, one row each: how it is grouped in the database, and how a group is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from server.clock import DAY, HOUR
from server.domain.asking import host_of
from server.domain.status import Status
from server.domain.things import SUBS, Setup
from server.reports.local_time import number
from server.storage.tables import ClickRow, ConversionRow, StepRow

Name = Callable[[Any, Setup], str | None]
Column = Callable[[], Any]

_FIRST_DAY = date(1970, 1, 1)  # a Thursday
_TO_MONDAY = 3
_WEEKDAYS = ("1 Mon", "2 Tue", "3 Wed", "4 Thu", "5 Fri", "6 Sat", "7 Sun")
_HOURS = tuple(f"{hour:02}" for hour in range(24))


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    label: str
    shown: Name
    of_click: Column | None = None  # None: clicks have no such thing
    of_conversion: Column | None = None  # where a conversion knows better than its click
    of_time: Callable[[Any], Any] | None = None  # of milliseconds by the local clock
    words: Sequence[str] = ()  # all that there are, where there are few
    is_once: bool = False  # what lies in one period never lies in another
    keys: Callable[[Setup], Mapping[int, str]] | None = None  # of what is set up: the column holds its number

    @property
    def is_of_conversion(self) -> bool:
        return self.of_click is None and self.of_time is None


def _as_it_is(value: Any, _setup: Setup) -> str | None:
    return None if value is None else str(value)


def _set_up(
    name: str,
    label: str,
    keys: Callable[[Setup], Mapping[int, str]],
    of_click: Column,
    of_conversion: Column | None = None,
) -> Dimension:
    return Dimension(name, label, lambda value, setup: keys(setup).get(value), of_click, of_conversion, keys=keys)


def _key_of_offer(setup: Setup) -> Mapping[int, str]:
    return {number: offer.key for number, offer in setup.offer_by_id.items()}


def _host(value: Any, _setup: Setup) -> str | None:
    return host_of(value) if value else None


def _is_any(value: Any, _setup: Setup) -> str:
    return "yes" if value else "no"


def _yes_or_no(value: Any, _setup: Setup) -> str | None:
    return None if value is None else "yes" if value else "no"


def _of_click(name: str, label: str) -> Dimension:
    return Dimension(name, label, _as_it_is, lambda: getattr(ClickRow, name))


def _date(days: int) -> date:
    return _FIRST_DAY + timedelta(days=int(days))


def _one_of(words: Sequence[str]) -> Name:
    return lambda value, _setup: words[int(value)]


def _dated(pattern: str, days: int = 1) -> Name:
    return lambda value, _setup: (_date(value * days) - timedelta(days=_TO_MONDAY * (days > 1))).strftime(pattern)


def _days(local: Any) -> Any:
    return local // number(DAY)


def _latest_step(column: Any) -> Any:
    """Where a visitor of a landing page went last."""
    latest = select(column).where(StepRow.click_id == ClickRow.id).order_by(StepRow.id.desc()).limit(1)
    return latest.correlate(ClickRow).scalar_subquery()


DIMENSIONS = (
    _set_up("campaign", "Campaign", lambda setup: setup.key_of_campaign, lambda: ClickRow.campaign_id),
    _set_up("source", "Source", lambda setup: setup.key_of_source, lambda: ClickRow.source_id),
    _set_up(
        "network",
        "Network",
        lambda setup: setup.key_of_network,
        lambda: func.coalesce(_latest_step(StepRow.network_id), ClickRow.network_id),
        lambda: ConversionRow.network_id,
    ),
    _set_up(
        "offer",
        "Offer",
        _key_of_offer,
        lambda: func.coalesce(_latest_step(StepRow.offer_id), ClickRow.offer_id),
        lambda: ConversionRow.offer_id,
    ),
    _set_up("landing", "Landing page", lambda setup: setup.key_of_landing, lambda: ClickRow.landing_id),
    Dimension("path", "Path", _as_it_is, lambda: ClickRow.path + number(1)),
    *(_of_click(name, f"Sub {name.removeprefix('sub')}") for name in SUBS),
    _of_click("country", "Country"),
    _of_click("region", "Region"),
    _of_click("isp", "ISP"),
    _of_click("device", "Device"),
    _of_click("os", "OS"),
    _of_click("os_version", "OS version"),
    _of_click("browser", "Browser"),
    _of_click("browser_version", "Browser version"),
    _of_click("language", "Language"),
    Dimension("referrer", "Referrer", _host, lambda: ClickRow.referrer),
    Dimension("bot", "Bot", _is_any, lambda: ClickRow.bot, words=("yes", "no")),
    Dimension("returning", "Returning", _yes_or_no, lambda: ClickRow.is_returning, words=("yes", "no")),
    Dimension(
        "hour",
        "Hour of day",
        _one_of(_HOURS),
        of_time=lambda local: local // number(HOUR) % number(24),
        words=_HOURS,
    ),
    Dimension(
        "weekday",
        "Weekday",
        _one_of(_WEEKDAYS),
        of_time=lambda local: (_days(local) + number(_TO_MONDAY)) % number(7),
        words=_WEEKDAYS,
    ),
    Dimension("day", "Day", _dated("%Y-%m-%d"), of_time=_days, is_once=True),
    Dimension(
        "week",
        "Week",
        _dated("%G-W%V", 7),
        of_time=lambda local: (_days(local) + number(_TO_MONDAY)) // number(7),
        is_once=True,
    ),
    Dimension("month", "Month", _dated("%Y-%m"), of_time=_days, is_once=True),
    _of_click("reason", "Reason"),
    Dimension("event", "Event", _as_it_is, of_conversion=lambda: ConversionRow.event),
    Dimension("status", "Status", _as_it_is, of_conversion=lambda: ConversionRow.status, words=tuple(Status)),
)
BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
