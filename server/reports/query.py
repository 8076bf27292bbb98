"""The one query of all reports: clicks and conversions, grouped alike, put together by their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from server.domain.click_id import first_key, key_time
from server.domain.costing import Correction
from server.domain.money import MICRO
from server.domain.things import Setup
from server.reports import costs
from server.reports.dimensions import BY_NAME, Dimension
from server.reports.metrics import Sums
from server.storage import corrections
from server.storage.tables import ClickRow, ConversionRow, StepRow

Group = tuple[str | None, ...]
MOST_ENDS = 64  # of corrections in one statement


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; times of the click in milliseconds, filters by dimension."""

    by: Sequence[str]
    zone: ZoneInfo
    since: int | None = None
    until: int | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    only: ColumnElement[bool] | None = None  # of the clicks


def run(connection: Connection, question: Question, setup: Setup) -> dict[Group, Sums]:
    asked = [BY_NAME[name] for name in question.by]
    filtered = [BY_NAME[name] for name in question.where]
    every = list(dict.fromkeys([*asked, *filtered]))
    groups: dict[Group, Sums] = {}
    has_conversion_filter = any(dimension.is_of_conversion for dimension in filtered)
    standing = [one for one in corrections.standing(connection) if _overlap(one, question)]
    for piece in _pieces(question, standing):
        concerned = [one for one in standing if _overlap(one, piece)]
        for values, sums in _conversions(connection, every, piece, setup, concerned):
            _add(groups, values, sums, every, question, setup)
        if not has_conversion_filter:
            for values, sums in _clicks(connection, every, piece, setup, concerned):
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
    connection: Connection,
    every: Sequence[Dimension],
    question: Question,
    setup: Setup,
    standing: Sequence[Correction],
) -> Iterator[tuple[Sequence[Any], Sums]]:
    columns = [dimension.column() for dimension in every if not dimension.is_of_conversion]
    cost = costs.of_clicks(standing, setup.owner.base_currency)
    query = _grouped(
        select(*columns, func.count(), *_landed(), *_sum(cost.amount), func.count(case((cost.lacks_rate, 1)))),
        columns,
        question,
    )
    for row in connection.execute(query):
        *values, clicks, landed, went_on, whole, rest, without_rate = row
        found = iter(values)
        filled = [None if dimension.is_of_conversion else next(found) for dimension in every]
        cost_of_all = _micros(whole, rest)
        yield filled, Sums(clicks, landed, went_on, cost=cost_of_all, without_rate=without_rate)


def _landed() -> tuple[Any, Any]:
    """On a page of the owner's, and from there to an offer."""
    is_on_page = or_(ClickRow.landing_id.is_not(None), ClickRow.is_direct.is_(True))
    has_step = select(StepRow.id).where(StepRow.click_id == ClickRow.id).correlate(ClickRow).exists()
    return func.count(case((is_on_page, 1))), func.count(case((and_(is_on_page, has_step), 1)))


def _conversions(
    connection: Connection,
    every: Sequence[Dimension],
    question: Question,
    setup: Setup,
    standing: Sequence[Correction],
) -> Iterator[tuple[Sequence[Any], Sums]]:
    """What was frozen in a base currency that the owner has left since has no amount in this one."""
    columns = [(dimension.of_conversion or dimension.column)() for dimension in every]
    counted = and_(ConversionRow.kept.is_(None), ConversionRow.is_test.is_(False))
    is_of_base = ConversionRow.base_currency == setup.owner.base_currency
    net, payout = (case((is_of_base, amount)) for amount in (ConversionRow.net_base, ConversionRow.payout_base))
    cost = costs.of_conversions(standing, setup.owner.base_currency)
    query = _grouped(
        select(
            *columns,
            ConversionRow.status.label("the_status"),
            func.count(),
            *_sum(net),
            *_sum(payout),
            *_sum(cost.amount),
            func.count(case((or_(net.is_(None), cost.lacks_rate), 1))),
        ).join(ClickRow, ClickRow.id == ConversionRow.click_id),
        [*columns, ConversionRow.status],
        question,
    ).where(counted)
    for row in connection.execute(query):
        *values, status, count, net_1, net_2, payout_1, payout_2, cost_1, cost_2, without_rate = row
        sums = Sums(
            conversions=count,
            revenue=_micros(net_1, net_2),
            cost=_micros(cost_1, cost_2),
            without_rate=without_rate,
        )
        kind = "reversed" if status in ("refunded", "charged_back") else status
        setattr(sums, kind, count)
        if status == "pending":
            sums.pending_revenue = _micros(payout_1, payout_2)
        yield values, sums


def _pieces(question: Question, standing: Sequence[Correction]) -> Iterator[Question]:
    """The period cut where corrections begin and end, so that no statement grows too long."""
    inside = [key for key in costs.ends(standing) if _is_within(key, question)]
    since = question.since
    for cut in inside[MOST_ENDS::MOST_ENDS]:
        yield replace(question, since=since, until=key_time(cut))
        since = key_time(cut)
    yield replace(question, since=since)


def _is_within(key: int, question: Question) -> bool:
    is_late = question.until is not None and key >= first_key(question.until)
    is_early = question.since is not None and key <= first_key(question.since)
    return not is_late and not is_early


def _overlap(correction: Correction, question: Question) -> bool:
    starts_later = question.until is not None and correction.span.first_key >= first_key(question.until)
    ended_before = question.since is not None and correction.span.end_key <= first_key(question.since)
    return not starts_later and not ended_before


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
    if question.only is not None:
        query = query.where(question.only)
    return query.group_by(*columns)
