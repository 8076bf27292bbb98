"""What a path can ask about a visitor: one text for each fact, None where it is not known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DEVICES = ("mobile", "tablet", "desktop", "tv", "console", "bot")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SUBS = tuple(f"sub{number}" for number in range(1, 21))

_ANY_TIME = datetime.fromtimestamp(0, UTC)

_Told = Callable[[Mapping[str, Any], datetime], str | None]


def facts_of(names: Collection[str], click: Mapping[str, Any], moment: int, zone: str) -> dict[str, str | None]:
    """Of a click's columns, and of the moment in the owner's time zone."""
    if not names:
        return {}
    at = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)) if _needs_time(names) else _ANY_TIME
    return {name: _FACTS[name](click, at) for name in names}


def host_of(referrer: str) -> str | None:
    """Of the address that a browser says it comes from; whatever else stands there has none."""
    try:
        return urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname
    except ValueError:
        return None


def _needs_time(names: Collection[str]) -> bool:
    return "hour" in names or "weekday" in names


def _column(name: str) -> _Told:
    def told(click: Mapping[str, Any], _at: datetime) -> str | None:
        value = click.get(name)
        return value or None

    return told


def _referrer(click: Mapping[str, Any], _at: datetime) -> str | None:
    referrer = click.get("referrer")
    return host_of(referrer) if referrer else None


def _returning(click: Mapping[str, Any], _at: datetime) -> str | None:
    is_returning = click.get("is_returning")
    return None if is_returning is None else "yes" if is_returning else "no"


_FACTS: Mapping[str, _Told] = {
    **{name: _column(name) for name in ("country", "region", "device", "os", "os_version")},
    **{name: _column(name) for name in ("browser", "browser_version", "language")},
    "referrer": _referrer,
    "hour": lambda _click, at: str(at.hour),
    "weekday": lambda _click, at: WEEKDAYS[at.weekday()],
    "bot": lambda click, _at: "yes" if click.get("bot") else "no",
    "returning": _returning,
    "network": _column("isp"),
    **{name: _column(name) for name in _SUBS},
}
FACTS = tuple(_FACTS)
