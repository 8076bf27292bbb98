"""Reports as tables: the words asked for, checked, and the rows with their metrics, compared where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from server.api.data import Data
from server.api.report_words import check, dimension_names, metrics_of
from server.domain.moment import iso
from server.reports import periods
from server.reports.dimensions import BY_NAME as DIMENSIONS
from server.reports.groups import Group, Values
from server.reports.metrics import BY_NAME as METRICS
from server.reports.metrics import Metric, Sums, Unit, change, shown, sums_of
from server.reports.periods import Period
from server.reports.query import Question, TimeOf, run

__all__ = ["Asked", "Column", "Report", "dimension_names", "report", "report_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Beside the dimensions: of when, of what, and how it is shown. A span's words take the place of the times."""

    zone: ZoneInfo | None = None  # the owner's
    since: int | None = None
    until: int | None = None
    span: str | None = None
    time: TimeOf = "click"
    where: Values = field(default_factory=dict)
    without: Values = field(default_factory=dict)
    metrics: Sequence[str] = ()  # all
    is_compared: bool = False  # with the period before
    sort: str | None = None  # a metric, the most first; else by name
    is_rising: bool = False  # the least first
    limit: int | None = None


class Column(NamedTuple):
    name: str
    label: str
    unit: Unit | None = None  # None: a dimension; a change is in percent


@dataclass(frozen=True, slots=True)
class Report:
    """The total is of all rows, also of those that are left out. Times are ISO 8601, None where there is no limit."""

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    total: Mapping[str, Any]
    time: TimeOf
    zone: str
    currency: str
    period: tuple[str | None, str | None]
    before: tuple[str | None, str | None] | None
    left_out: int


Pair = tuple[Sums, Sums | None]  # of the period, and of the one before


def report(data: Data, by: Sequence[str], **words: Any) -> Report:
    """With the words of `Asked`."""
    return report_of(data, by, Asked(**words))


def report_of(data: Data, by: Sequence[str], asked: Asked) -> Report:
    check(by, asked.where, asked.without, asked.metrics, asked.sort, is_compared=asked.is_compared)
    setup = data.setup()
    zone = asked.zone or ZoneInfo(setup.owner.timezone)
    period, earlier = _periods(asked, data.clock(), zone)
    question = Question(
        by,
        zone,
        period.since,
        period.until,
        asked.where,
        without=asked.without,
        time=asked.time,
        sums=sums_of(_needed(asked)),
    )
    with data.database.read() as connection:
        groups = run(connection, question, setup)
        past = None
        if earlier:
            past = run(connection, replace(question, since=earlier.since, until=earlier.until), setup)
    pairs = _paired(groups, past)
    metrics = metrics_of(asked.metrics)
    ordered = _ordered(pairs, asked)
    kept = ordered[: asked.limit]
    return Report(
        columns=[Column(name, DIMENSIONS[name].label) for name in by] + _columns(metrics, is_compared=past is not None),
        rows=[dict(zip(by, group, strict=True)) | _figures(metrics, pair) for group, pair in kept],
        total=dict.fromkeys(by) | _figures(metrics, _total(groups, past)),
        time=asked.time,
        zone=zone.key,
        currency=setup.owner.base_currency,
        period=_told(period),
        before=_told(earlier) if earlier else None,
        left_out=len(ordered) - len(kept),
    )


def _needed(asked: Asked) -> Sequence[Metric]:
    return [*metrics_of(asked.metrics), *([METRICS[asked.sort]] if asked.sort else [])]


def _periods(asked: Asked, now: int, zone: ZoneInfo) -> tuple[Period, Period | None]:
    if asked.span is not None:
        span = periods.read_span(asked.span, now, zone)
        return periods.of_span(span, zone), periods.before_span(span, now, zone) if asked.is_compared else None
    period = Period(asked.since, asked.until)
    return period, periods.before(period, now, zone) if asked.is_compared else None


def _paired(groups: Mapping[Group, Sums], past: Mapping[Group, Sums] | None) -> dict[Group, Pair]:
    if past is None:
        return {group: (sums, None) for group, sums in groups.items()}
    every = dict.fromkeys([*groups, *past])
    return {group: (groups.get(group, Sums()), past.get(group, Sums())) for group in every}


def _total(groups: Mapping[Group, Sums], past: Mapping[Group, Sums] | None) -> Pair:
    return _added(groups), None if past is None else _added(past)


def _added(groups: Mapping[Group, Sums]) -> Sums:
    total = Sums()
    for sums in groups.values():
        total.add(sums)
    return total


def _ordered(pairs: Mapping[Group, Pair], asked: Asked) -> list[tuple[Group, Pair]]:
    """By name, what has none last; by a metric, what has no value last, whichever way."""
    ordered = sorted(pairs.items(), key=lambda item: [(value is None, value or "") for value in item[0]])
    if asked.sort is None:
        return ordered
    metric, sign = METRICS[asked.sort], 1 if asked.is_rising else -1

    def place(item: tuple[Group, Pair]) -> tuple[bool, int]:
        value = metric.value(item[1][0])
        return value is None, sign * (value or 0)

    return sorted(ordered, key=place)


def _figures(metrics: Sequence[Metric], pair: Pair) -> dict[str, Any]:
    now, past = pair
    if past is None:
        return {metric.name: shown(metric, now) for metric in metrics}
    figures: dict[str, Any] = {}
    for metric in metrics:
        figures[metric.name] = shown(metric, now)
        figures[f"{metric.name}_before"] = shown(metric, past)
        figures[f"{metric.name}_change"] = change(metric, now, past)
    return figures


def _columns(metrics: Sequence[Metric], *, is_compared: bool) -> list[Column]:
    columns = []
    for metric in metrics:
        columns.append(Column(metric.name, metric.label, metric.unit))
        if is_compared:
            columns.append(Column(f"{metric.name}_before", f"{metric.label} before", metric.unit))
            columns.append(Column(f"{metric.name}_change", f"{metric.label} change", "percent"))
    return columns


def _told(period: Period) -> tuple[str | None, str | None]:
    since, until = period
    return None if since is None else iso(since), None if until is None else iso(until)
