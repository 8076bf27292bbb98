"""Moments: the times that networks write, read into milliseconds UTC, and written as ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = re.compile(r"(?a:\d{9,17})(?:\.(?a:\d+))?")
_ISO = re.compile(r"(?a:\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_RAW_PLUS = re.compile(r" (\d{2}:?\d{2})$")  # a plus that arrived unencoded reads as a blank
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = 946_684_800_000  # 2000-01-01
_LATEST = 4_102_444_800_000  # 2100-01-01


def read_moment(text: str, zone: str = "UTC") -> int | None:
    """Seconds, milliseconds or microseconds since 1970, or an ISO-like date; anything else is no time."""
    text = text.strip()
    moment: int | None
    if _EPOCH.fullmatch(text):
        moment = _from_epoch(text.split(".")[0])
    elif _ISO.fullmatch(text):
        moment = _from_iso(text, zone)
    else:
        return None
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def iso(moment: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{moment % 1000:03d}Z"


def _from_epoch(digits: str) -> int:
    number = int(digits)
    if number < 100_000_000_000:
        return number * 1000
    return number if number < 100_000_000_000_000 else number // 1000


def _from_iso(text: str, zone: str) -> int | None:
    if text.count(":") > 2 or len(text) > 19:
        text = _RAW_PLUS.sub(r"+\1", text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return (moment - _EPOCH_START) // timedelta(milliseconds=1)
