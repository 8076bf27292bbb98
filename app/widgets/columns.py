"""Columns that every list has: the time, a plain word, an amount of money."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.figures import NONE, ago, exact, money, stamp
from app.widgets.column import Column


def time_column(
    name: str = "time", heading: str = QT_TRANSLATE_NOOP("columns", "Time"), *, is_shown: bool = True
) -> Column:
    return Column(
        name,
        heading,
        lambda row, desk: ago(row[name], desk.data.clock()),
        lambda row, desk: exact(row[name], desk.zone),
        export=lambda row, desk: stamp(row[name], desk.zone),
        is_shown=is_shown,
        width=92,
    )


def word_column(name: str, heading: str, *, width: int = 120, grows: int = 0, is_shown: bool = True) -> Column:
    return Column(
        name,
        heading,
        lambda row, _desk: NONE if row[name] in (None, "") else str(row[name]),
        export=lambda row, _desk: "" if row[name] is None else str(row[name]),
        is_shown=is_shown,
        width=width,
        grows=grows,
    )


def money_column(
    name: str, heading: str, currency: str = "currency", *, decimals: int = 2, is_shown: bool = True
) -> Column:
    return Column(
        name,
        heading,
        lambda row, _desk: money(row[name], row[currency], decimals),
        export=lambda row, _desk: row[name] or "",
        is_number=True,
        is_shown=is_shown,
        width=105,
    )
