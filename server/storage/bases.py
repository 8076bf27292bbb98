"""Amounts in a base currency, as SQL: of its own currency, of the row's base, or of another that it was given."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, and_, case, cast, func, or_, select

from server.clock import DAY
from server.domain.click_id import first_key, key_time
from server.domain.moment import iso
from server.storage.tables import ClickRow, ConversionRow, CorrectionRow

_KEYS_A_DAY = first_key(key_time(0) + DAY)


class Lack(NamedTuple):
    """Rows of one day and currency that have no amount in a base currency."""

    kind: str  # conversion or click
    day: str
    currency: str | None
    frozen_in: str | None  # the base currency in which they have one
    rows: int


def cost_of_click(base: str) -> Any:
    return _in_base(ClickRow, ClickRow.cost, ClickRow.cost_currency, ClickRow.cost_base, ClickRow.bases[base], base)


def cost_of_conversion(base: str) -> Any:
    return _of_conversion(ConversionRow.cost, ConversionRow.cost_currency, "cost_base", base)


def net_of_conversion(base: str) -> Any:
    return _of_conversion(ConversionRow.net, ConversionRow.currency, "net_base", base)


def payout_of_conversion(base: str) -> Any:
    return _of_conversion(ConversionRow.payout, ConversionRow.currency, "payout_base", base)


def is_click_without(base: str) -> Any:
    return and_(ClickRow.cost.is_not(None), ClickRow.test_echo.is_(None), cost_of_click(base).is_(None))


def is_conversion_without(base: str) -> Any:
    lacks_cost = and_(ConversionRow.cost.is_not(None), cost_of_conversion(base).is_(None))
    return and_(ConversionRow.is_test.is_(False), or_(net_of_conversion(base).is_(None), lacks_cost))


def is_click_foreign(base: str) -> Any:
    """Whether a rate has a say in what it cost."""
    return and_(ClickRow.cost_currency != base, ClickRow.test_echo.is_(None))


def is_conversion_foreign(base: str) -> Any:
    foreign = or_(ConversionRow.currency != base, ConversionRow.cost_currency != base)
    return and_(ConversionRow.is_test.is_(False), foreign)


def has_money(connection: Connection) -> bool:
    """Whether anything real was ever earned or paid."""
    asked = (
        select(ConversionRow.id).where(ConversionRow.is_test.is_(False)),
        select(CorrectionRow.id),
        select(ClickRow.id).where(ClickRow.cost.is_not(None), ClickRow.test_echo.is_(None)),
    )
    return any(connection.execute(query.limit(1)).first() for query in asked)


def lacking(connection: Connection, of_clicks: Any, of_conversions: Any, base: str) -> list[Lack]:
    """By kind, day and currency, the oldest day first."""
    click_day = ClickRow.id // _KEYS_A_DAY
    in_click = case((ClickRow.cost_base.is_not(None), ClickRow.base_currency))
    conversion_day = ConversionRow.time // DAY
    lacks_net = net_of_conversion(base).is_(None)
    wanting = case((lacks_net, ConversionRow.currency), else_=ConversionRow.cost_currency)
    in_conversion = case((ConversionRow.net_base.is_not(None), ConversionRow.base_currency))
    clicks = _counted((click_day, ClickRow.cost_currency, in_click), of_clicks)
    conversions = _counted((conversion_day, wanting, in_conversion), of_conversions)
    found = [Lack("click", _day(key_time(0) + n * DAY), *row) for n, *row in connection.execute(clicks)]
    found += [Lack("conversion", _day(n * DAY), *row) for n, *row in connection.execute(conversions)]
    return sorted(found, key=lambda one: (one.day, one.kind, one.currency or ""))


def _counted(columns: tuple[Any, ...], which: Any) -> Any:
    """Grouped outside of where they are worked out: PostgreSQL takes two equal expressions with values for two."""
    inner = select(*(column.label(f"c{n}") for n, column in enumerate(columns))).where(which).subquery()
    return select(*inner.c, func.count()).group_by(*inner.c)


def _of_conversion(own: Any, currency: Any, name: str, base: str) -> Any:
    return _in_base(ConversionRow, own, currency, getattr(ConversionRow, name), ConversionRow.bases[(base, name)], base)


def _in_base(table: Any, own: Any, currency: Any, in_its_base: Any, in_another: Any, base: str) -> Any:
    """What is of that currency needs no rate; what stands in a document is looked at only where there is one."""
    kept = case((table.bases.is_not(None), cast(in_another.as_string(), BigInteger)))
    return case((currency == base, own), (table.base_currency == base, in_its_base), else_=kept)


def _day(time: int) -> str:
    return iso(time)[:10]
