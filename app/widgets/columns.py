"""Columns that every list has: the time, a plain word, an amount of money."""

from __future__ import annotations

from app.figures import NONE, ago, exact, money
from app.widgets.rows import Column


def time_column(name: str = "time", heading: str = "Time", *, is_shown: bool = True) -> Column:
    return Column(
        name,
        heading,
        lambda row, desk: ago(row[name], desk.data.clock()),
        lambda row, desk: exact(row[name], desk.zone),
        export=lambda row, desk: exact(row[name], desk.zone),
        is_shown=is_shown,
        width=90,
    )


def word_column(name: str, heading: str, *, width: int = 120, is_shown: bool = True) -> Column:
    return Column(
        name,
        heading,
        lambda row, _desk: NONE if row[name] in (None, "") else str(row[name]),
        export=lambda row, _desk: "" if row[name] is None else str(row[name]),
        is_shown=is_shown,
        width=width,
    )


def money_column(name: str, heading: str, currency: str = "currency", *, is_shown: bool = True) -> Column:
    return Column(
        name,
        heading,
        lambda row, _desk: money(row[name], row[currency]),
        export=lambda row, _desk: row[name] or "",
        is_number=True,
        is_shown=is_shown,
        width=110,
    )
