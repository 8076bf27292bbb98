"""The one query of all reports: clicks and conversions, grouped alike, put together by their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, case, func, select

from server.domain.click_id import first_key
from server.domain.money import MICRO
from server.domain.things import Setup
from server.reports.dimensions import BY_NAME, Dimension
from server.reports.metrics import Sums
from server.storage.tables import ClickRow, ConversionRow

Group = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; times of the click in milliseconds, filters by dimension."""

    by: Sequence[str]
    zone: ZoneInfo
    since: int | None = None
    until: int | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)


def run(connection: Connection, question: Question, setup: Setup) -> dict[Group, Sums]:
    asked = [BY_NAME[name] for name in question.by]
    filtered = [BY_NAME[name] for name in question.where]
    every = list(dict.fromkeys([*asked, *filtered]))
    groups: dict[Group, Sums] = {}
    has_conversion_filter = any(dimension.is_of_conversion for dimension in filtered)
    for values, sums in _conversions(connection, every, question, setup):
        _add(groups, values, sums, every, question, setup)
    if not has_conversion_filter:
        for values, sums in _clicks(connection, every, question, setup):
            _add(groups, values, sums, every, question, setup)
    return groups


def _add(
    groups: dict[Group, Sums],
    values: Sequence[Any],
    sums: Sums,
    every: Sequence[Dimension],
    question: Question,
    setup: Setup,
) -> None:
    shown = {
        dimension.name: dimension.shown(value, setup, question.zone)
        for dimension, value in zip(every, values, strict=True)
    }
    for name, wanted in question.where.items():
        if (shown[name] or "").casefold() not in {one.casefold() for one in wanted}:
            return
    groups.setdefault(tuple(shown[name] for name in question.by), Sums()).add(sums)


def _clicks(
    connection: Connection, every: Sequence[Dimension], question: Question, setup: Setup
) -> Iterator[tuple[Sequence[Any], Sums]]:
    columns = [dimension.column() for dimension in every if not dimension.is_of_conversion]
    base = setup.owner.base_currency
    query = _grouped(
        select(
            *columns,
            func.count(),
            *_sum(case((ClickRow.cost_currency == base, ClickRow.cost))),
            func.count(case((ClickRow.cost_currency != base, 1))),
        ),
        columns,
        question,
    )
    for row in connection.execute(query):
        *values, clicks, whole, rest, without_rate = row
        found = iter(values)
        filled = [None if dimension.is_of_conversion else next(found) for dimension in every]
        yield filled, Sums(clicks=clicks, cost=_micros(whole, rest), without_rate=without_rate)


def _conversions(
    connection: Connection, every: Sequence[Dimension], question: Question, setup: Setup
) -> Iterator[tuple[Sequence[Any], Sums]]:
    """What was frozen in a base currency that the owner has left since has no amount in this one."""
    columns = [(dimension.of_conversion or dimension.column)() for dimension in every]
    counted = and_(ConversionRow.kept.is_(None), ConversionRow.is_test.is_(False))
    is_of_base = ConversionRow.base_currency == setup.owner.base_currency
    net, payout = (case((is_of_base, amount)) for amount in (ConversionRow.net_base, ConversionRow.payout_base))
    query = _grouped(
        select(
            *columns,
            ConversionRow.status.label("the_status"),
            func.count(),
            *_sum(net),
            *_sum(payout),
            func.count(case((net.is_(None), 1))),
        ).join(ClickRow, ClickRow.id == ConversionRow.click_id),
        [*columns, ConversionRow.status],
        question,
    ).where(counted)
    for row in connection.execute(query):
        *values, status, count, whole, rest, whole_payout, rest_payout, without_rate = row
        sums = Sums(conversions=count, revenue=_micros(whole, rest), without_rate=without_rate)
        kind = "reversed" if status in ("refunded", "charged_back") else status
        setattr(sums, kind, count)
        if status == "pending":
            sums.pending_revenue = _micros(whole_payout, rest_payout)
        yield values, sums


def _sum(amount: Any) -> tuple[Any, Any]:
    """Whole units and what is below them apart: ten of the largest amounts would overflow SQLite's sum."""
    return func.sum(amount // MICRO), func.sum(amount % MICRO)


def _micros(whole: Any, rest: Any) -> int:
    return int(whole or 0) * MICRO + int(rest or 0)


def _grouped(query: Select[Any], columns: Sequence[Any], question: Question) -> Select[Any]:
    query = query.where(ClickRow.test_echo.is_(None))
    if question.since is not None:
        query = query.where(ClickRow.id >= first_key(question.since))
    if question.until is not None:
        query = query.where(ClickRow.id < first_key(question.until))
    return query.group_by(*columns)
