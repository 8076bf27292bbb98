"""The words that a report is asked for: each is known, or refused with the nearest right one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from server.errors import BadInput, nearest
from server.reports.dimensions import BY_NAME as DIMENSIONS
from server.reports.groups import Values
from server.reports.metrics import BY_NAME as METRIC_BY_NAME
from server.reports.metrics import METRICS, Metric

MOST_DIMENSIONS = 4
_LONGEST_SHOWN = 40


def check(
    by: Sequence[str], where: Values, without: Values, metrics: Sequence[str], sort: str | None, *, is_compared: bool
) -> None:
    for name in (*by, *where, *without):
        _known(name, DIMENSIONS, "dimension", dimension_names())
    if not 1 <= len(by) <= MOST_DIMENSIONS:
        raise BadInput("A report has one to four dimensions.", where="--by", remedy="For example --by campaign,day.")
    for values in (where, without):
        for name in values:
            _check_values(name, values[name])
    for name in (*metrics, *([sort] if sort else [])):
        _known(name, METRIC_BY_NAME, "metric", metric_names())
    _check_compared(by, is_compared=is_compared)


def metrics_of(names: Sequence[str]) -> Sequence[Metric]:
    return [METRIC_BY_NAME[name] for name in names] or METRICS


def dimension_names() -> str:
    names = [name for name in DIMENSIONS if not name.startswith("sub")]
    return ", ".join([*names, "sub1 to sub20"])


def metric_names() -> str:
    return ", ".join(METRIC_BY_NAME)


def formulas() -> Sequence[tuple[str, str]]:
    """What each metric is made of."""
    return [(metric.name, metric.formula) for metric in METRICS]


def _known(name: str, known: Collection[str], kind: str, every: str) -> None:
    if name not in known:
        near = nearest(name, known)
        remedy = f"Did you mean {near}?" if near else f"There are {every}."
        raise BadInput(f"There is no {kind} {name[:_LONGEST_SHOWN]}.", remedy=remedy)


def _check_values(name: str, values: Sequence[str]) -> None:
    words = DIMENSIONS[name].words
    if not values:
        example = words[0] if words else "VALUE"
        raise BadInput(f"A filter by {name} has no values.", where="--where", remedy=f"Write {name}={example}.")
    folded = {word.casefold() for word in words}
    for value in values:
        if words and value and value.casefold() not in folded:
            near = nearest(value, words)
            remedy = f"Did you mean {near}?" if near else f"There are {', '.join(words)}."
            raise BadInput(f"No {name} is {value[:_LONGEST_SHOWN]}.", where="--where", remedy=remedy)


def _check_compared(by: Sequence[str], *, is_compared: bool) -> None:
    for name in by if is_compared else ():
        if DIMENSIONS[name].is_once:
            raise BadInput(
                f"No {name} lies in two periods, so none can be compared.",
                where="--compare",
                remedy="Compare by hour, weekday or anything that is no date.",
            )
