"""The one query of all reports: clicks and conversions, grouped alike, put together by their groups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from server.domain.click_id import first_key, key_time
from server.domain.costing import Correction
from server.domain.money import MICRO
from server.domain.things import Setup
from server.reports import costs
from server.reports.dimensions import BY_NAME, Dimension
from server.reports.groups import Group, Groups, Values
from server.reports.local_time import Moment, number
from server.reports.metrics import METRICS, Sums, sums_of
from server.storage import bases, corrections
from server.storage.tables import ClickRow, ConversionRow, StepRow

MOST_ENDS = 64  # of corrections in one statement
TimeOf = Literal["click", "conversion"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; times in milliseconds, filters by dimension.

    By the time of the conversion, conversions count when they came, and clicks, with their cost, when those came.
    """

    by: Sequence[str]
    zone: ZoneInfo
    since: int | None = None
    until: int | None = None
    where: Values = field(default_factory=dict)
    only: ColumnElement[bool] | None = None  # of the clicks
    without: Values = field(default_factory=dict)
    time: TimeOf = "click"
    sums: Collection[str] = field(default_factory=lambda: sums_of(METRICS))  # that are wanted of clicks


class Keys(NamedTuple):
    """Of clicks: from the first to before the end."""

    first: int | None = None
    end: int | None = None


def run(connection: Connection, question: Question, setup: Setup) -> dict[Group, Sums]:
    names = dict.fromkeys([*question.by, *question.where, *question.without])
    every = [BY_NAME[name] for name in names]
    groups = Groups(question.by, every, question.where, question.without, setup)
    books = _Books(connection, question, setup, every, _moment(connection, question, every))
    standing = corrections.standing(connection)
    since, until = question.since, question.until
    period = Keys(None if since is None else first_key(since), None if until is None else first_key(until))
    of_conversions = Keys() if question.time == "conversion" else period
    for keys, holding in _pieces(of_conversions, standing):
        for values, sums in books.conversions(keys, holding):
            groups.add(values, sums)
    for keys, holding in _pieces(period, standing) if groups.has_clicks else ():
        for values, sums in books.clicks(keys, holding):
            groups.add(values, sums)
    return groups.found


@dataclass(frozen=True, slots=True)
class _Books:
    connection: Connection
    question: Question
    setup: Setup
    every: Sequence[Dimension]
    moment: Moment

    def clicks(self, keys: Keys, standing: Sequence[Correction]) -> Iterator[tuple[Sequence[Any], Sums]]:
        local = self.moment.of_click()
        known = [dimension for dimension in self.every if not dimension.is_of_conversion]
        columns = [_column(dimension, dimension.of_click, local) for dimension in known]
        counts = {name: count for name, count in _counts().items() if name in self.question.sums}
        amounts = (
            self._cost(standing)
            if {"cost", "without_rate"} & set(self.question.sums)
            else (number(0), number(0), number(0))
        )
        query = self._grouped(select(*columns, *counts.values(), *amounts), columns, keys)
        for row in self.connection.execute(query.where(*self._wanted(known, columns))):
            *found, without_rate, whole, rest = row
            values = iter(found)
            filled = [None if dimension.is_of_conversion else next(values) for dimension in self.every]
            sums = Sums(**dict(zip(counts, values, strict=True)), cost=_micros(whole, rest), without_rate=without_rate)
            yield filled, sums

    def _cost(self, standing: Sequence[Correction]) -> tuple[Any, Any, Any]:
        cost = costs.of_clicks(standing, self.setup.owner.base_currency)
        return func.count(case((cost.lacks_rate, 1))), *_sum(cost.amount)

    def conversions(self, keys: Keys, standing: Sequence[Correction]) -> Iterator[tuple[Sequence[Any], Sums]]:
        """What was frozen in a base currency that the owner has left since may have no amount in this one."""
        columns = self._columns_of_conversions()
        base = self.setup.owner.base_currency
        net, payout = bases.net_of_conversion(base), bases.payout_of_conversion(base)
        cost = costs.of_conversions(standing, base)
        lacks_rate = func.count(case((or_(net.is_(None), cost.lacks_rate), 1)))
        status = ConversionRow.status.label("the_status")
        amounts = (*_sum(net), *_sum(payout), *_sum(cost.amount))
        query = self._grouped(
            select(*columns, status, func.count(), lacks_rate, *amounts).join(
                ClickRow, ClickRow.id == ConversionRow.click_id
            ),
            [*columns, ConversionRow.status],
            keys,
        ).where(*self._counted(), *self._wanted(self.every, columns))
        for row in self.connection.execute(query):
            *values, word, count, without_rate, net_1, net_2, payout_1, payout_2, cost_1, cost_2 = row
            sums = _of_status(word, count, _micros(net_1, net_2), _micros(payout_1, payout_2))
            sums.cost, sums.without_rate = _micros(cost_1, cost_2), without_rate
            yield values, sums

    def _columns_of_conversions(self) -> list[Any]:
        by_click = self.question.time == "click"
        local = self.moment.of_click() if by_click else self.moment.of_conversion()
        return [_column(one, one.of_conversion or one.of_click, local) for one in self.every]

    def _wanted(self, known: Sequence[Dimension], columns: Sequence[Any]) -> Iterator[ColumnElement[bool]]:
        """Of what is set up, the database looks at nothing else; other filters are taken from the groups."""
        for dimension, column in zip(known, columns, strict=True):
            values = self.question.where.get(dimension.name, [""])
            if dimension.keys and "" not in values:
                folded = {value.casefold() for value in values}
                yield column.in_([id_ for id_, key in dimension.keys(self.setup).items() if key.casefold() in folded])

    def _counted(self) -> Iterator[ColumnElement[bool]]:
        yield ConversionRow.kept.is_(None)
        yield ConversionRow.is_test.is_(False)
        if self.question.time == "conversion":
            if self.question.since is not None:
                yield ConversionRow.time >= self.question.since
            if self.question.until is not None:
                yield ConversionRow.time < self.question.until

    def _grouped(self, query: Select[Any], columns: Sequence[Any], keys: Keys) -> Select[Any]:
        query = query.where(ClickRow.test_echo.is_(None))
        if keys.first is not None:
            query = query.where(ClickRow.id >= keys.first)
        if keys.end is not None:
            query = query.where(ClickRow.id < keys.end)
        if self.question.only is not None:
            query = query.where(self.question.only)
        return query.group_by(*columns)


def _column(dimension: Dimension, column: Any, local: Any) -> Any:
    return dimension.of_time(local) if dimension.of_time else column()


def _moment(connection: Connection, question: Question, every: Sequence[Dimension]) -> Moment:
    """From the first to the last that there is: a zone's clock is put forward and back for ever."""
    since, until = question.since, question.until
    if any(dimension.of_time for dimension in every) and (since is None or until is None):
        clicks = connection.execute(select(func.min(ClickRow.id), func.max(ClickRow.id))).one()
        came = connection.execute(select(func.min(ConversionRow.time), func.max(ConversionRow.time))).one()
        first, last = (key_time(key or 0) for key in clicks)
        since = min(first, came[0] or first) if since is None else since
        until = max(last, came[1] or last) if until is None else until
    return Moment(question.zone, since or 0, until or 0)


def _counts() -> dict[str, Any]:
    """What is counted of clicks: on a page of the owner's, and from there to an offer, among others."""
    is_on_page = or_(ClickRow.landing_id.is_not(None), ClickRow.is_direct.is_(True))
    has_step = select(StepRow.id).where(StepRow.click_id == ClickRow.id).correlate(ClickRow).exists()
    return {
        "clicks": func.count(),
        "landed": func.count(case((is_on_page, 1))),
        "went_on": func.count(case((and_(is_on_page, has_step), 1))),
        "unique": func.count(case((ClickRow.is_returning.is_(False), 1))),
        "bots": func.count(ClickRow.bot),
    }


def _of_status(status: str, count: int, net: int, payout: int) -> Sums:
    sums = Sums(conversions=count, revenue=net)
    match status:
        case "approved":
            sums.approved, sums.approved_revenue = count, net
        case "pending":
            sums.pending, sums.pending_revenue = count, payout
        case "rejected":
            sums.rejected = count
        case _:
            sums.reversed, sums.reversed_revenue = count, payout - net
    return sums


def _pieces(period: Keys, standing: Sequence[Correction]) -> Iterator[tuple[Keys, Sequence[Correction]]]:
    """The period cut where corrections begin and end, so that no statement grows too long; what holds in each piece."""
    of_period = [one for one in standing if _overlap(one, period)]
    inside = [key for key in costs.ends(of_period) if _is_within(key, period)]
    cuts = [period.first, *inside[MOST_ENDS::MOST_ENDS], period.end]
    for first, end in pairwise(cuts):
        piece = Keys(first, end)
        yield piece, [one for one in of_period if _overlap(one, piece)]


def _is_within(key: int, period: Keys) -> bool:
    return (period.end is None or key < period.end) and (period.first is None or key > period.first)


def _overlap(correction: Correction, period: Keys) -> bool:
    span = correction.span
    starts_later = period.end is not None and span.first_key >= period.end
    ended_before = period.first is not None and span.end_key <= period.first
    return not starts_later and not ended_before


def _sum(amount: Any) -> tuple[Any, Any]:
    """Whole units and what is below them apart: ten of the largest amounts would overflow SQLite's sum."""
    return func.sum(amount // MICRO), func.sum(amount % MICRO)


def _micros(whole: Any, rest: Any) -> int:
    return int(whole or 0) * MICRO + int(rest or 0)
