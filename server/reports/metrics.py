"""Every metric, defined once; sums are kept, ratios are made at the end, and a ratio over nothing is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

from server.domain.money import MICRO, format_money

Unit = Literal["count", "money", "percent"]


@dataclass(slots=True)
class Sums:
    """What is added up for a row of a report; money in millionths of the base currency."""

    clicks: int = 0
    landed: int = 0  # clicks that were on a landing page
    went_on: int = 0  # of those, the ones that went on to an offer
    conversions: int = 0
    approved: int = 0
    pending: int = 0
    rejected: int = 0
    reversed: int = 0
    revenue: int = 0
    pending_revenue: int = 0
    cost: int = 0
    without_rate: int = 0

    def add(self, other: Sums) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    label: str
    unit: Unit
    value: Callable[[Sums], int | None]


def _ratio(above: int, below: int) -> int | None:
    """In millionths; None where nothing is below the line."""
    return above * MICRO // below if below else None


METRICS = (
    Metric("clicks", "Clicks", "count", lambda s: s.clicks),
    Metric("conversions", "Conversions", "count", lambda s: s.conversions),
    Metric("approved", "Approved", "count", lambda s: s.approved),
    Metric("pending", "Pending", "count", lambda s: s.pending),
    Metric("rejected", "Rejected", "count", lambda s: s.rejected),
    Metric("reversed", "Reversed", "count", lambda s: s.reversed),
    Metric("revenue", "Revenue", "money", lambda s: s.revenue),
    Metric("pending_revenue", "Pending revenue", "money", lambda s: s.pending_revenue),
    Metric("cost", "Cost", "money", lambda s: s.cost),
    Metric("profit", "Profit", "money", lambda s: s.revenue - s.cost),
    Metric("roi", "ROI", "percent", lambda s: _ratio(100 * (s.revenue - s.cost), s.cost)),
    Metric("lp_ctr", "LP CTR", "percent", lambda s: _ratio(100 * s.went_on, s.landed)),
    Metric("cr", "CR", "percent", lambda s: _ratio(100 * s.conversions, s.clicks)),
    Metric("epc", "EPC", "money", lambda s: s.revenue // s.clicks if s.clicks else None),
    Metric("without_rate", "Without rate", "count", lambda s: s.without_rate),
)


def round_half_even(micros: int, step: int) -> int:
    quotient, rest = divmod(micros, step)
    return (quotient + (2 * rest > step or (2 * rest == step and quotient % 2 == 1))) * step


def shown(metric: Metric, sums: Sums) -> str | int | None:
    value = metric.value(sums)
    if value is None or metric.unit == "count":
        return value
    return format_money(round_half_even(value, 10_000) if metric.unit == "percent" else value)
