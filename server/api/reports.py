"""Reports as tables: the words asked for, checked, and the rows with their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from server.api.data import Data
from server.errors import BadInput, nearest
from server.reports.dimensions import BY_NAME, DIMENSIONS
from server.reports.metrics import METRICS, Sums, shown
from server.reports.query import Group, Question, run

MOST_DIMENSIONS = 4


@dataclass(frozen=True, slots=True)
class Report:
    columns: Sequence[tuple[str, str]]  # name and label
    rows: Sequence[Mapping[str, Any]]
    total: Mapping[str, Any]


def report(
    data: Data,
    by: Sequence[str],
    *,
    zone: ZoneInfo | None = None,
    since: int | None = None,
    until: int | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    for name in (*by, *(where or ())):
        _check(name)
    if not 1 <= len(by) <= MOST_DIMENSIONS:
        raise BadInput("A report has one to four dimensions.", where="--by", remedy="For example --by campaign,day.")
    setup = data.setup()
    question = Question(by, zone or ZoneInfo(setup.owner.timezone), since, until, where or {})
    with data.database.read() as connection:
        groups = run(connection, question, setup)
    total = Sums()
    for sums in groups.values():
        total.add(sums)
    rows = [
        dict(zip(by, group, strict=True)) | _metrics(sums)
        for group, sums in sorted(groups.items(), key=lambda item: _order(item[0]))
    ]
    columns = [(name, BY_NAME[name].label) for name in by] + [(metric.name, metric.label) for metric in METRICS]
    return Report(columns, rows, dict.fromkeys(by) | _metrics(total))


def dimension_names() -> str:
    names = [dimension.name for dimension in DIMENSIONS if not dimension.name.startswith("sub")]
    return ", ".join([*names, "sub1 to sub20"])


def _order(group: Group) -> tuple[tuple[bool, str], ...]:
    """By name, what has none last."""
    return tuple((value is None, value or "") for value in group)


def _metrics(sums: Sums) -> dict[str, Any]:
    return {metric.name: shown(metric, sums) for metric in METRICS}


def _check(name: str) -> None:
    if name not in BY_NAME:
        near = nearest(name, BY_NAME)
        remedy = f"Did you mean {near}?" if near else f"There are {dimension_names()}."
        raise BadInput(f"There is no dimension {name}.", remedy=remedy)
