"""What has no amount in the base currency gets one once a rate is known: looked at first, then done page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from server.api.data import Data
from server.domain.rates import Rate
from server.pipeline import rating
from server.pipeline.rating import Changes, Wish
from server.storage import bases, rates
from server.storage.bases import Lack
from server.storage.tables import ClickRow, ConversionRow

_CONVERSIONS_TOGETHER = 50
_CLICKS_TOGETHER = 500
_LONGEST_REST_S = 0.1
_NEVER = "9999"


@dataclass(frozen=True, slots=True)
class Lacking:
    """What of one day and currency has no rate."""

    day: str
    currency: str | None
    conversions: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Mended:
    """How many came, or would come, to an amount in the base currency, and what has no rate."""

    base_currency: str
    conversions: int = 0
    clicks: int = 0
    corrections: int = 0
    lacking: Sequence[Lacking] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass changed, and up to which rows it has seen everything."""

    conversions: int
    clicks: int
    corrections: int
    last_conversion: int
    last_click: int


def preview(data: Data, *, more: Iterable[Rate] = (), again: bool = False) -> Mended:
    """`more` are rates that are to be stored; with `again` what was frozen is looked up anew, too."""
    return would_rate(data, Wish(data.setup().owner.base_currency, again=again), more)


def mend(data: Data, *, again: bool = False) -> Mended:
    base = data.setup().owner.base_currency
    passed = rate_all(data, Wish(base, again=again))
    with data.database.read() as connection:
        left = _lacks(connection, Wish(base))
    return Mended(base, passed.conversions, passed.clicks, passed.corrections, _by_day(left))


def would_rate(data: Data, wish: Wish, more: Iterable[Rate] = ()) -> Mended:
    """By the days from which on a rate is known: what is worked out of it is the same, so it need not be."""
    with data.database.read() as connection:
        lacks, first = _lacks(connection, wish), rates.first_days(connection, wish.base)
        concerned = rating.corrections_for(connection, wish)
    for rate in more:
        if wish.base in (rate.currency, rate.base):
            other = rate.currency if rate.base == wish.base else rate.base
            first[other] = min(rate.day, first.get(other, _NEVER))

    def is_known(day: str, *currencies: str | None) -> bool:
        return any(first.get(one or "", _NEVER) <= day for one in currencies)

    found = [
        one for one in lacks if one.currency in (None, wish.base) or is_known(one.day, one.frozen_in, one.currency)
    ]
    count = {kind: sum(one.rows for one in found if one.kind == kind) for kind in ("conversion", "click")}
    corrections = sum(is_known(day, *currencies) for day, *currencies in concerned)
    left = [one for one in lacks if one not in found]
    return Mended(wish.base, count["conversion"], count["click"], corrections, _by_day(left))


def rate_all(data: Data, wish: Wish) -> Passed:
    """In short transactions with rests between them, so that a server that runs can write meanwhile."""
    conversions, last_conversion = _pass(
        data,
        (ConversionRow.id, rating.conversions_for(wish), _CONVERSIONS_TOGETHER),
        lambda connection, numbers: rating.rate_conversions(connection, numbers, wish),
        lambda connection, changes: rating.write_conversions(connection, changes, data.clock()),
    )
    clicks, last_click = _pass(
        data,
        (ClickRow.id, rating.clicks_for(wish), _CLICKS_TOGETHER),
        lambda connection, numbers: rating.rate_clicks(connection, numbers, wish),
        rating.write_clicks,
    )
    with data.database.read() as connection:
        changes = rating.rate_corrections(connection, wish)
    for number, columns in changes.items():
        data.database.write(partial(rating.write_corrections, changes={number: columns}))
    return Passed(conversions, clicks, len(changes), last_conversion, last_click)


def _pass(
    data: Data,
    which: tuple[Any, Any, int],
    rate: Callable[[Connection, Sequence[int]], Changes],
    write: Callable[[Connection, Changes], None],
) -> tuple[int, int]:
    """How many rows changed, and the last number of the table when none was left."""
    number, condition, together = which
    changed = last = 0
    while True:
        with data.database.read() as connection:
            page = select(number).where(condition, number > last).order_by(number).limit(together)
            numbers = list(connection.scalars(page))
            if not numbers:
                return changed, connection.scalar(select(func.max(number))) or 0
            is_any = bool(rate(connection, numbers))
        last = numbers[-1]
        if is_any:
            changed += _written(data, numbers, rate, write)


def _written(
    data: Data,
    numbers: Sequence[int],
    rate: Callable[[Connection, Sequence[int]], Changes],
    write: Callable[[Connection, Changes], None],
) -> int:
    """By what stands there now: it may have changed since it was looked at."""

    def job(connection: Connection) -> int:
        changes = rate(connection, numbers)
        write(connection, changes)
        return len(changes)

    began = time.monotonic()
    count = data.database.write(job)
    time.sleep(min(_LONGEST_REST_S, time.monotonic() - began))
    return count


def _lacks(connection: Connection, wish: Wish) -> list[Lack]:
    if wish.again:
        return bases.lacking(
            connection, bases.is_click_foreign(wish.base), bases.is_conversion_foreign(wish.base), wish.base
        )
    return bases.lacking(
        connection, bases.is_click_without(wish.base), bases.is_conversion_without(wish.base), wish.base
    )


def _by_day(lacks: Iterable[Lack]) -> list[Lacking]:
    """In the order of the days."""
    found: dict[tuple[str, str | None], dict[str, int]] = {}
    for lack in lacks:
        counts = found.setdefault((lack.day, lack.currency), {"conversion": 0, "click": 0})
        counts[lack.kind] += lack.rows
    return [Lacking(day, currency, counts["conversion"], counts["click"]) for (day, currency), counts in found.items()]
