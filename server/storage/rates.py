"""Rates as they are stored: one for a day, a currency and a base currency, the latest word counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, tuple_

from server.domain.rates import Rate
from server.storage.dialect import insert_or_ignore
from server.storage.tables import RateRow

_COLUMNS = (RateRow.day, RateRow.currency, RateRow.base_currency, RateRow.rate, RateRow.origin)
_KEY = (RateRow.day, RateRow.currency, RateRow.base_currency)
_TOGETHER = 200

Key = tuple[str, str, str]  # day, currency, base currency


def listed(
    connection: Connection, currency: str | None = None, since: str | None = None, until: str | None = None
) -> list[Rate]:
    """Newest day first; `until` is the last day."""
    query = select(*_COLUMNS).order_by(RateRow.day.desc(), RateRow.currency, RateRow.base_currency)
    if currency is not None:
        query = query.where((RateRow.currency == currency) | (RateRow.base_currency == currency))
    if since is not None:
        query = query.where(RateRow.day >= since)
    if until is not None:
        query = query.where(RateRow.day <= until)
    return [_rate(row) for row in connection.execute(query)]


def into(connection: Connection, base: str) -> list[Rate]:
    """All that lead straight to a currency, oldest first."""
    query = select(*_COLUMNS).where(RateRow.base_currency == base).order_by(RateRow.day)
    return [_rate(row) for row in connection.execute(query)]


def known(connection: Connection, rates: Sequence[Rate]) -> dict[Key, str]:
    """What is stored for the same days and currencies."""
    rest, found = iter(rates), {}
    while some := [key_of(one) for one in islice(rest, _TOGETHER)]:
        for row in connection.execute(select(*_COLUMNS).where(tuple_(*_KEY).in_(some))):
            found[(row.day, row.currency, row.base_currency)] = row.rate
    return found


def key_of(rate: Rate) -> Key:
    return rate.day, rate.currency, rate.base


def put(connection: Connection, rates: Sequence[Rate]) -> None:
    if not rates:
        return
    statement = insert_or_ignore(connection.dialect.name)(RateRow)
    said = {"rate": statement.excluded.rate, "origin": statement.excluded.origin}
    upsert = statement.on_conflict_do_update(index_elements=[column.key for column in _KEY], set_=said)
    rows = [
        {"day": one.day, "currency": one.currency, "base_currency": one.base, "rate": one.rate, "origin": one.origin}
        for one in rates
    ]
    connection.execute(upsert, rows)


def remove(connection: Connection, day: str, currency: str, base: str) -> bool:
    return bool(connection.execute(delete(RateRow).where(_is(day, currency, base))).rowcount)


def first_days(connection: Connection, currency: str) -> dict[str, str]:
    """Of each other currency the first day with a rate to this one or from it."""
    there = select(RateRow.currency, func.min(RateRow.day)).where(RateRow.base_currency == currency)
    back = select(RateRow.base_currency, func.min(RateRow.day)).where(RateRow.currency == currency)
    first: dict[str, str] = {}
    for query in (there.group_by(RateRow.currency), back.group_by(RateRow.base_currency)):
        for other, day in connection.execute(query):
            first[other] = min(day, first.get(other, day))
    return first


def _is(day: str, currency: str, base: str) -> ColumnElement[bool]:
    return and_(RateRow.day == day, RateRow.currency == currency, RateRow.base_currency == base)


def _rate(row: Sequence[str | None]) -> Rate:
    return Rate(*(value or "" for value in row))
