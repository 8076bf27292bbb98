"""Beside the line: what has no amount in a base currency is given one, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from server.domain.click_id import key_time
from server.domain.freezing import Frozen, freeze, frozen_of, is_without_rate, own_of, with_remark
from server.domain.moment import iso
from server.domain.outcome import Warning
from server.domain.rates import RateOf, converted, product
from server.pipeline.values import Rates
from server.storage import bases, corrections
from server.storage.tables import ClickRow, ConversionRow, CorrectionRow, JudgementRow, PostbackRow

Changes = Mapping[int, Mapping[str, Any]]  # the new columns of a row, by its number

_CONVERSIONS = select(*ConversionRow.__table__.columns).order_by(ConversionRow.id)
_CLICK_COLUMNS = (ClickRow.id, ClickRow.cost, ClickRow.cost_currency)
_CLICKS = select(*_CLICK_COLUMNS, ClickRow.base_currency, ClickRow.cost_base, ClickRow.bases)
_CHANGE_RECEIPT = (
    update(PostbackRow).where(PostbackRow.id == bindparam("key")).values(warnings=bindparam("new_warnings"))
)
_REMARK = [Warning.NO_RATE.value]
_BILLS = select(*CorrectionRow.__table__.columns).where(CorrectionRow.undone_at.is_(None)).order_by(CorrectionRow.id)
_CHANGE_CLICK = (
    update(ClickRow)
    .where(ClickRow.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("base_currency", "cost_base", "bases")})
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which base currency; whether it is the one that rows are shown in; whether what was frozen is looked up again."""

    base: str
    is_home: bool = True
    again: bool = False


# -- conversions -------------------------------------------------------------------------------------------------------


def conversions_for(wish: Wish) -> Any:
    if wish.again:
        return bases.is_conversion_foreign(wish.base)
    if wish.is_home:
        is_elsewhere = (ConversionRow.base_currency != wish.base) & ConversionRow.is_test.is_(False)
        return or_(bases.is_conversion_without(wish.base), is_elsewhere)
    return bases.is_conversion_without(wish.base)


def rate_conversions(connection: Connection, numbers: Sequence[int], wish: Wish) -> Changes:
    """What would change of these, by the rates that are known now."""
    rates = Rates(connection)
    rows = connection.execute(_CONVERSIONS.where(ConversionRow.id.in_(numbers))).all()
    found = {row.id: _conversion_in(row, rates.of(row.time), wish) for row in rows}
    return {number: columns for number, columns in found.items() if columns}


def write_conversions(connection: Connection, changes: Changes, now: int) -> None:
    """With the remark of those that lacked a rate and have one now goes the one of their receipts; both are kept."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, columns in changes.items():
        is_mended = "base_currency" not in columns and "net_base" in columns
        changed = {**columns, "updated": now} if is_mended else columns
        values = {f"new_{name}": value for name, value in changed.items()}
        alike.setdefault(tuple(changed), []).append({"key": number, **values})
    for names, some in alike.items():
        connection.execute(_change_conversion(names), some)
    mended = [number for number, columns in changes.items() if Warning.NO_RATE not in columns.get("warnings", _REMARK)]
    if mended:
        _take_remark_from_receipts(connection, mended, now)


@lru_cache(maxsize=64)
def _change_conversion(names: tuple[str, ...]) -> Any:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(ConversionRow).where(ConversionRow.id == bindparam("key")).values(values)


def _conversion_in(row: Row[Any], rate_of: RateOf, wish: Wish) -> dict[str, Any]:
    """The columns that differ; what stood in the base currency before is kept beside, so that it can come back."""
    own, base, kept = own_of(row), wish.base, dict(row.bases or {})
    main, its_base = frozen_of(row), row.base_currency
    before = main if its_base == base else Frozen(**kept.get(base, {}))
    if wish.again:
        found = freeze(own, base, _else_as_before(rate_of, row, before))
    else:
        found = freeze(own, base, _through(rate_of, row), before)
    if its_base != base and not wish.is_home:
        columns: dict[str, Any] = {} if found == Frozen() else {"bases": {**kept, base: found._asdict()}}
    elif its_base != base:
        others = {name: book for name, book in kept.items() if name != base}
        if main.net_base is not None or main.cost_base is not None:
            others[its_base] = main._asdict()
        columns = {"base_currency": base, **found._asdict(), "bases": others or None}
    else:
        columns = found._asdict()
    if wish.is_home:
        lacks = is_without_rate(own, base, found.rate)
        columns["warnings"] = with_remark(row.warnings, is_without_rate=lacks)
    return {name: value for name, value in columns.items() if getattr(row, name) != value}


def _through(rate_of: RateOf, row: Row[Any]) -> RateOf:
    """What was frozen in another base currency stands: it goes from there on by the rate between the two."""

    def found(currency: str, base: str) -> Decimal | None:
        if row.base_currency == base:
            return rate_of(currency, base)
        if currency == row.base_currency:
            first: str | None = "1"
        else:
            first = row.rate if currency == row.currency else row.cost_rate
        further = rate_of(row.base_currency, base) if first else None
        if first and further:
            return further if first == "1" else product(Decimal(first), further)
        return rate_of(currency, base)

    return found


def _else_as_before(rate_of: RateOf, row: Row[Any], before: Frozen) -> RateOf:
    """Where no rate is known any more, the frozen one stands all the same."""

    def found(currency: str, base: str) -> Decimal | None:
        stood = before.rate if currency == row.currency else before.cost_rate
        return rate_of(currency, base) or (Decimal(stood) if stood else None)

    return found


def _take_remark_from_receipts(connection: Connection, numbers: Sequence[int], now: int) -> None:
    clicks = select(ConversionRow.click_id).where(ConversionRow.id.in_(numbers))
    columns = (PostbackRow.id, PostbackRow.outcome, PostbackRow.warnings, PostbackRow.reason, PostbackRow.conversion_id)
    of_them = PostbackRow.click_id.in_(clicks) & PostbackRow.conversion_id.in_(numbers)
    kept, changed = [], []
    for row in connection.execute(select(*columns).where(of_them)).all():
        left = [one for one in row.warnings if one["warning"] != Warning.NO_RATE]
        if len(left) < len(row.warnings):
            judged = {name: getattr(row, name) for name in ("outcome", "warnings", "reason", "conversion_id")}
            kept.append({"postback_id": row.id, "time": now, **judged})
            changed.append({"key": row.id, "new_warnings": left})
    if changed:
        connection.execute(insert(JudgementRow), kept)
        connection.execute(_CHANGE_RECEIPT, changed)


# -- clicks ------------------------------------------------------------------------------------------------------------


def clicks_for(wish: Wish) -> Any:
    return bases.is_click_foreign(wish.base) if wish.again else bases.is_click_without(wish.base)


def rate_clicks(connection: Connection, numbers: Sequence[int], wish: Wish) -> Changes:
    rates = Rates(connection)
    rows: Any = connection.execute(_CLICKS.where(ClickRow.id.in_(numbers)))
    found = {row.id: _click_in(row, rates.of(key_time(row.id)), wish) for row in rows}
    return {number: columns for number, columns in found.items() if columns}


def write_clicks(connection: Connection, changes: Changes) -> None:
    if changes:
        values = [
            {"key": number, **{f"new_{name}": value for name, value in columns.items()}}
            for number, columns in changes.items()
        ]
        connection.execute(_CHANGE_CLICK, values)


def _click_in(row: Row[Any], rate_of: RateOf, wish: Wish) -> dict[str, Any] | None:
    base, kept = wish.base, row.bases or {}
    before = row.cost_base if row.base_currency == base else kept.get(base)
    amount = _amount_in(row, rate_of, wish)
    if amount is None or amount == before:
        return None
    if row.base_currency == base or row.cost_base is None:
        return {"base_currency": base, "cost_base": amount, "bases": row.bases}
    return {"base_currency": row.base_currency, "cost_base": row.cost_base, "bases": {**kept, base: amount}}


def _amount_in(row: Row[Any], rate_of: RateOf, wish: Wish) -> int | None:
    is_frozen_elsewhere = row.cost_base is not None and row.base_currency != wish.base
    if is_frozen_elsewhere and not wish.again and (further := rate_of(row.base_currency, wish.base)):
        return converted(row.cost_base, further)
    direct = rate_of(row.cost_currency, wish.base)
    return converted(row.cost, direct) if direct else None


# -- corrections of cost -----------------------------------------------------------------------------------------------


def corrections_for(connection: Connection, wish: Wish) -> list[tuple[str, str | None, str]]:
    """Of the bills without an amount in the base currency: the day, the base currency of one they have, their own."""
    rows: Any = connection.execute(_BILLS).all()
    return [
        (iso(key_time(row.end_key) - 1)[:10], None if row.total_base is None else row.base_currency, row.currency)
        for row in rows
        if row.currency != wish.base and (wish.again or _total_in(row, wish.base) is None)
    ]


def rate_corrections(connection: Connection, wish: Wish) -> Changes:
    """Of the bills that hold: few, but each is spread over all its clicks."""
    rates = Rates(connection)
    rows = connection.execute(_BILLS).all()
    found = {row.id: _correction_in(connection, row, rates, wish) for row in rows if row.currency != wish.base}
    return {number: columns for number, columns in found.items() if columns}


def write_corrections(connection: Connection, changes: Changes) -> None:
    for number, columns in changes.items():
        this = (CorrectionRow.id == number) & (CorrectionRow.clicks == columns["clicks"])  # no click came since
        connection.execute(update(CorrectionRow).where(this).values(**columns))


def _correction_in(connection: Connection, row: Row[Any], rates: Rates, wish: Wish) -> dict[str, Any] | None:
    base, kept = wish.base, row.bases or {}
    before = _total_in(row, base)
    if before is not None and not wish.again:
        return None
    rate_of = rates.of(key_time(row.end_key) - 1)
    total = None
    if row.base_currency != base and row.total_base is not None and (further := rate_of(row.base_currency, base)):
        total = converted(row.total_base, further)
    if total is None and (direct := rate_of(row.currency, base)):
        total = converted(row.total, direct)
    if total is None or total == before:
        return None
    span = corrections.of_row(row).span
    book = corrections.in_base(connection, span, total)
    if row.base_currency != base:
        return {"clicks": row.clicks, "bases": {**kept, base: book}}
    parts = {"part_base": book["part"], "more_before_base": book["more_before"]}
    return {"clicks": row.clicks, "total_base": total, **parts}


def _total_in(row: Row[Any], base: str) -> int | None:
    total: int | None = row.total_base if row.base_currency == base else (row.bases or {}).get(base, {}).get("total")
    return total
