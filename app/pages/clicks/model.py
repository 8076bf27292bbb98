"""The columns of the clicks."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk
from app.figures import NONE, money
from app.theme import Tone
from app.widgets.column import Column
from app.widgets.columns import time_column, word_column
from app.widgets.reasons import reason_in_full, reason_in_short
from server.api.lists import Shown

_DECIMALS = 4


def _where(row: Shown, _desk: Desk) -> str:
    return row["offer"] or row["landing"] or NONE


def _why(row: Shown, _desk: Desk) -> str:
    why = reason_in_short(row["reason"])
    return _tr("{0}, path {1}").format(why, row["path"]) if row["path"] else why


def _yes_or_no(row: Shown, _desk: Desk) -> str:
    """New is what nobody has seen before; of some visits it is not known."""
    if row["returning"] is None:
        return NONE
    return QCoreApplication.translate("words", "yes" if row["returning"] else "no")


def _cost(row: Shown, _desk: Desk) -> str:
    """With a sign where a bill that came later took the place of what it cost by itself; rounded, for it is a part."""
    if row["correction"] is None:
        return money(row["cost"], row["currency"], _DECIMALS)
    return f"✎ {money(str(round(Decimal(row['cost']), _DECIMALS)), row['currency'], _DECIMALS)}"


def _cost_tip(row: Shown, _desk: Desk) -> str:
    now = money(row["cost"], row["currency"], _DECIMALS)
    if row["correction"] is None:
        return now
    if row["original_cost"] is None:
        return _tr("{0} by correction {1}.").format(now, row["correction"])
    before = money(row["original_cost"], row["original_currency"], _DECIMALS)
    return _tr("{0} by correction {1}; by itself {2}.").format(now, row["correction"], before)


def _own_cost(row: Shown) -> tuple[str | None, str | None]:
    """As it arose; what a correction left as it was has no other."""
    if row["correction"] is None:
        return row["cost"], row["currency"]
    return row["original_cost"], row["original_currency"]


def _tr(text: str) -> str:
    return QCoreApplication.translate("clicks", text)


COLUMNS: tuple[Column, ...] = (
    time_column(),
    word_column("campaign", QT_TRANSLATE_NOOP("columns", "Campaign"), width=105, grows=2),
    word_column("source", QT_TRANSLATE_NOOP("columns", "Source"), width=95, grows=2),
    Column(
        "where",
        QT_TRANSLATE_NOOP("columns", "Went to"),
        _where,
        lambda row, _desk: row["destination"] or _tr("nowhere"),
        tone=lambda row: Tone.PLAIN if row["destination"] else Tone.BAD,
        width=110,
        grows=2,
    ),
    Column(
        "reason",
        QT_TRANSLATE_NOOP("columns", "Why"),
        _why,
        lambda row, _desk: reason_in_full(row["reason"]),
        is_shown=False,
        width=180,
        grows=1,
    ),
    word_column("landing", QT_TRANSLATE_NOOP("columns", "Landing page"), is_shown=False),
    word_column("external_id", QT_TRANSLATE_NOOP("columns", "External id"), width=130, grows=1),
    Column(
        "cost",
        QT_TRANSLATE_NOOP("columns", "Cost"),
        _cost,
        _cost_tip,
        export=lambda row, _desk: row["cost"] or "",
        is_number=True,
        width=115,
    ),
    Column(
        "own_cost",
        QT_TRANSLATE_NOOP("columns", "Cost by itself"),
        lambda row, _desk: money(*_own_cost(row), _DECIMALS),
        export=lambda row, _desk: _own_cost(row)[0] or "",
        is_number=True,
        is_shown=False,
        width=115,
    ),
    word_column("sub1", QT_TRANSLATE_NOOP("columns", "Sub 1"), width=85, grows=1),
    word_column("sub2", QT_TRANSLATE_NOOP("columns", "Sub 2"), width=85, grows=1),
    word_column("sub3", QT_TRANSLATE_NOOP("columns", "Sub 3"), is_shown=False),
    word_column("country", QT_TRANSLATE_NOOP("columns", "Country"), width=75, is_shown=False),
    word_column("region", QT_TRANSLATE_NOOP("columns", "Region"), is_shown=False),
    word_column("isp", QT_TRANSLATE_NOOP("columns", "Provider"), width=140, is_shown=False),
    word_column("device", QT_TRANSLATE_NOOP("columns", "Device"), width=85, is_shown=False),
    word_column("ip", QT_TRANSLATE_NOOP("columns", "IP address"), is_shown=False),
    word_column("id", QT_TRANSLATE_NOOP("columns", "Click id"), width=206),
    word_column("os", QT_TRANSLATE_NOOP("columns", "System"), is_shown=False),
    word_column("os_version", QT_TRANSLATE_NOOP("columns", "System version"), is_shown=False),
    word_column("browser", QT_TRANSLATE_NOOP("columns", "Browser"), is_shown=False),
    word_column("browser_version", QT_TRANSLATE_NOOP("columns", "Browser version"), is_shown=False),
    word_column("bot", QT_TRANSLATE_NOOP("columns", "Bot, and why"), width=140, is_shown=False),
    Column("returning", QT_TRANSLATE_NOOP("columns", "Returning"), _yes_or_no, is_shown=False, width=95),
    word_column("language", QT_TRANSLATE_NOOP("columns", "Language"), is_shown=False),
    word_column("referrer", QT_TRANSLATE_NOOP("columns", "Referrer"), is_shown=False),
    word_column("user_agent", QT_TRANSLATE_NOOP("columns", "Agent"), width=260, is_shown=False),
)
