"""Every dimension, one row each: how it is grouped in the database, and how a group is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from server.clock import MINUTE
from server.domain.click_id import first_key, key_time
from server.domain.things import SUBS, Setup
from server.storage.tables import ClickRow, ConversionRow, StepRow

# Every zone's offset is a multiple of a quarter of an hour, so a quarter never spans two local hours or days.
QUARTER = 15 * MINUTE
_KEYS_A_QUARTER = first_key(key_time(0) + QUARTER)

Name = Callable[[Any, Setup, ZoneInfo], str | None]


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    label: str
    column: Callable[[], Any]
    shown: Name
    of_conversion: Callable[[], Any] | None = None  # where a conversion knows better than its click
    is_of_conversion: bool = False  # clicks have no such thing


def _as_it_is(value: Any, _setup: Setup, _zone: ZoneInfo) -> str | None:
    return None if value is None else str(value)


def _key(of: Callable[[Setup], Mapping[int, str]]) -> Name:
    return lambda value, setup, _zone: of(setup).get(value)


def _offer_key(value: Any, setup: Setup, _zone: ZoneInfo) -> str | None:
    offer = setup.offer_by_id.get(value)
    return offer.key if offer else None


def _time(pattern: str) -> Name:
    def shown(quarter: Any, _setup: Setup, zone: ZoneInfo) -> str:
        moment = datetime.fromtimestamp((key_time(0) + int(quarter) * QUARTER) / 1000, UTC)
        return moment.astimezone(zone).strftime(pattern)

    return shown


def _of_click(name: str, label: str, shown: Name = _as_it_is) -> Dimension:
    return Dimension(name, label, lambda: getattr(ClickRow, name), shown)


def _of_time(name: str, label: str, pattern: str) -> Dimension:
    return Dimension(name, label, lambda: ClickRow.id // _KEYS_A_QUARTER, _time(pattern))


def _latest_step(column: Any) -> Any:
    """Where a visitor of a landing page went last."""
    latest = select(column).where(StepRow.click_id == ClickRow.id).order_by(StepRow.id.desc()).limit(1)
    return latest.correlate(ClickRow).scalar_subquery()


DIMENSIONS = (
    Dimension("campaign", "Campaign", lambda: ClickRow.campaign_id, _key(lambda setup: setup.key_of_campaign)),
    Dimension("source", "Source", lambda: ClickRow.source_id, _key(lambda setup: setup.key_of_source)),
    Dimension(
        "network",
        "Network",
        lambda: func.coalesce(_latest_step(StepRow.network_id), ClickRow.network_id),
        _key(lambda setup: setup.key_of_network),
        lambda: ConversionRow.network_id,
    ),
    Dimension(
        "offer",
        "Offer",
        lambda: func.coalesce(_latest_step(StepRow.offer_id), ClickRow.offer_id),
        _offer_key,
        lambda: ConversionRow.offer_id,
    ),
    Dimension("landing", "Landing page", lambda: ClickRow.landing_id, _key(lambda setup: setup.key_of_landing)),
    Dimension("path", "Path", lambda: ClickRow.path + 1, _as_it_is),
    *(_of_click(name, f"Sub {name.removeprefix('sub')}") for name in SUBS),
    _of_click("country", "Country"),
    _of_click("region", "Region"),
    _of_click("isp", "ISP"),
    _of_click("device", "Device"),
    _of_click("os", "OS"),
    _of_click("browser", "Browser"),
    _of_click("language", "Language"),
    _of_click("referrer", "Referrer"),
    _of_time("hour", "Hour of day", "%H"),
    _of_time("weekday", "Weekday", "%u %a"),
    _of_time("day", "Day", "%Y-%m-%d"),
    _of_time("week", "Week", "%G-W%V"),
    _of_time("month", "Month", "%Y-%m"),
    Dimension("event", "Event", lambda: ConversionRow.event, _as_it_is, is_of_conversion=True),
    Dimension("status", "Status", lambda: ConversionRow.status, _as_it_is, is_of_conversion=True),
)
BY_NAME = {dimension.name: dimension for dimension in DIMENSIONS}
