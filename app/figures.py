"""Numbers, money and times as the user's locale and zone write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QLocale

NONE = "–"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def moment_of(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC)


def exact(iso: str | None, zone: ZoneInfo) -> str:
    """The moment in the owner's zone, to the second, as the user's locale writes a day and a time."""
    if not iso:
        return NONE
    moment, locale = moment_of(iso).astimezone(zone), QLocale()
    if locale.language() is QLocale.Language.C:
        return f"{moment:%Y-%m-%d %H:%M:%S} {moment.tzname()}"
    days = re.sub(r"(?<!y)yy(?!y)", "yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat))
    times = locale.timeFormat(QLocale.FormatType.LongFormat).replace("t", "").strip()
    return f"{locale.toString(moment.date(), days)} {locale.toString(moment.time(), times)} {moment.tzname()}"


def stamp(iso: str | None, zone: ZoneInfo) -> str:
    """The same for a spreadsheet: the order of its letters is that of time, and it has its offset."""
    return moment_of(iso).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z") if iso else ""


def ago(iso: str | None, now_ms: int) -> str:
    """How long since; times to come read `in 5 min`."""
    if not iso:
        return NONE
    seconds = now_ms / 1000 - moment_of(iso).timestamp()
    words = _span(abs(seconds))
    if abs(seconds) < 2:
        return _tr("now")
    return (_tr("{0} ago") if seconds > 0 else _tr("in {0}")).format(words)


def number(value: int | None) -> str:
    return NONE if value is None else QLocale().toString(value)


def money(value: str | None, currency: str | None = None, decimals: int = 2) -> str:
    """So many decimals, or as many as the amount has; a currency's code stands behind."""
    if value is None:
        return NONE
    exponent = Decimal(value).normalize().as_tuple().exponent
    wanted = max(decimals, -exponent) if isinstance(exponent, int) else decimals
    shown = QLocale().toString(float(value), "f", min(wanted, 6))
    return f"{shown} {currency}" if currency else shown


def _span(seconds: float) -> str:
    if seconds < 60:
        return _tr("{0} s").format(int(seconds))
    if seconds < 3600:
        return _tr("{0} min").format(int(seconds // 60))
    if seconds < 86_400:
        return _tr("{0} h").format(int(seconds // 3600))
    return _tr("{0} d").format(int(seconds // 86_400))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Figures", text)
