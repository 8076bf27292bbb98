"""Numbers, money and times as the user's locale and zone write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale

NONE = "–"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def moment_of(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC)


def exact(iso: str | None, zone: ZoneInfo) -> str:
    """The moment in the owner's zone, to the second, with its offset."""
    if not iso:
        return NONE
    return moment_of(iso).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")


def ago(iso: str | None, now_ms: int) -> str:
    """How long since; times to come read `in 5 min`."""
    if not iso:
        return NONE
    seconds = now_ms / 1000 - moment_of(iso).timestamp()
    words = _span(abs(seconds))
    if abs(seconds) < 2:
        return "now"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def number(value: int | None) -> str:
    return NONE if value is None else QLocale().toString(value)


def money(value: str | None, currency: str | None = None) -> str:
    """Two decimals, or as many as the amount has; a currency's code stands behind."""
    if value is None:
        return NONE
    exponent = Decimal(value).normalize().as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    shown = QLocale().toString(float(value), "f", min(decimals, 6))
    return f"{shown} {currency}" if currency else shown


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86_400)} d"
