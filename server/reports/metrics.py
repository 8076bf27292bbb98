"""Every metric, defined once; sums are kept, ratios are made at the end, and a ratio over nothing is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from server.domain.money import MICRO, format_money

Unit = Literal["count", "money", "percent", "ratio"]
More = Literal["better", "worse", "neither"]  # what it is where there is more of it


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
    unique: int = 0  # clicks of visitors of whom is known that they had not come before
    bots: int = 0
    approved_revenue: int = 0  # revenue without what is left of reversed conversions
    reversed_revenue: int = 0  # of reversed conversions what is not left

    def add(self, other: Sums) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Metric:
    """A sum, or what it is more than another; with `below` a ratio to a third. All three are names of `Sums`."""

    name: str
    label: str
    formula: str
    unit: Unit
    more: More
    above: str
    below: str | None = None
    minus: str | None = None

    def value(self, sums: Sums) -> int | None:
        """A count; else in millionths of the money, of a hundredth, of one. None where nothing is below the line."""
        above: int = getattr(sums, self.above) - (getattr(sums, self.minus) if self.minus else 0)
        if self.below is None:
            return above
        return _divided(above * _SCALES[self.unit], getattr(sums, self.below), _STEPS[self.unit])


_SCALES = {"count": 1, "money": 1, "percent": 100 * MICRO, "ratio": MICRO}
_STEPS = {"count": 1, "money": 1, "percent": 10_000, "ratio": 10_000}  # a percentage has two decimals


METRICS = (
    Metric("clicks", "Clicks", "visits recorded, tests left out", "count", "neither", "clicks"),
    Metric("conversions", "Conversions", "conversions that count", "count", "better", "conversions"),
    Metric("approved", "Approved", "conversions that are approved", "count", "better", "approved"),
    Metric("pending", "Pending", "conversions that are pending", "count", "neither", "pending"),
    Metric("rejected", "Rejected", "conversions that are rejected", "count", "worse", "rejected"),
    Metric("reversed", "Reversed", "conversions that are refunded or charged back", "count", "worse", "reversed"),
    Metric(
        "revenue",
        "Revenue",
        "payouts of approved conversions, and what is left of reversed ones",
        "money",
        "better",
        "revenue",
    ),
    Metric(
        "pending_revenue",
        "Pending revenue",
        "payouts of pending conversions",
        "money",
        "better",
        "pending_revenue",
    ),
    Metric("cost", "Cost", "what clicks and conversions cost, corrected", "money", "worse", "cost"),
    Metric("profit", "Profit", "revenue - cost", "money", "better", "revenue", minus="cost"),
    Metric("roi", "ROI", "profit / cost", "percent", "better", "revenue", "cost", minus="cost"),
    Metric(
        "lp_ctr",
        "LP CTR",
        "landing page clicks / landing page views",
        "percent",
        "better",
        "went_on",
        "landed",
    ),
    Metric("cr", "CR", "conversions / clicks", "percent", "better", "conversions", "clicks"),
    Metric("epc", "EPC", "revenue / clicks", "money", "better", "revenue", "clicks"),
    Metric(
        "without_rate",
        "Without rate",
        "clicks and conversions with an amount that has no rate to the base currency",
        "count",
        "worse",
        "without_rate",
    ),
    Metric(
        "unique_clicks",
        "Unique clicks",
        "clicks of visitors who had not come before (returning = no)",
        "count",
        "neither",
        "unique",
    ),
    Metric("bots", "Bots", "clicks of bots (bot = yes)", "count", "worse", "bots"),
    Metric("lp_views", "LP views", "clicks that were on a landing page", "count", "neither", "landed"),
    Metric("lp_clicks", "LP clicks", "landing page views that led on to an offer", "count", "better", "went_on"),
    Metric(
        "approval_rate",
        "Approval rate",
        "approved / conversions",
        "percent",
        "better",
        "approved",
        "conversions",
    ),
    Metric(
        "approved_revenue",
        "Approved revenue",
        "payouts of approved conversions",
        "money",
        "better",
        "approved_revenue",
    ),
    Metric(
        "reversed_revenue",
        "Reversed revenue",
        "payouts of reversed conversions - what is left of them",
        "money",
        "worse",
        "reversed_revenue",
    ),
    Metric("roas", "ROAS", "revenue / cost", "ratio", "better", "revenue", "cost"),
    Metric("epv", "EPV", "revenue / unique clicks", "money", "better", "revenue", "unique"),
    Metric("cpc", "CPC", "cost / clicks", "money", "worse", "cost", "clicks"),
    Metric("cpa", "CPA", "cost / conversions", "money", "worse", "cost", "conversions"),
    Metric(
        "avg_payout",
        "Average payout",
        "approved revenue / approved",
        "money",
        "better",
        "approved_revenue",
        "approved",
    ),
)
BY_NAME = {metric.name: metric for metric in METRICS}


def sums_of(metrics: Iterable[Metric]) -> Collection[str]:
    """The names of what they are made of: nothing else needs to be added up."""
    return {name for metric in metrics for name in (metric.above, metric.below, metric.minus) if name}


def shown(metric: Metric, sums: Sums) -> str | int | None:
    return said(metric, metric.value(sums))


def said(metric: Metric, value: int | None) -> str | int | None:
    return value if value is None or metric.unit == "count" else format_money(value)


def change(metric: Metric, now: Sums, before: Sums) -> str | None:
    """In percent of what it was; of a percentage in points."""
    new, old = metric.value(now), metric.value(before)
    if new is None or old is None:
        return None
    if metric.unit == "percent":
        return format_money(new - old)
    grown = _divided((new - old) * _SCALES["percent"], abs(old), _STEPS["percent"])
    return None if grown is None else format_money(grown)


def _divided(above: int, below: int, step: int) -> int | None:
    """To the step, half to even; rounded once, whatever the ratio."""
    if not below:
        return None
    if below < 0:
        above, below = -above, -below
    quotient, rest = divmod(above, below * step)
    half = below * step
    return (quotient + (2 * rest > half or (2 * rest == half and quotient % 2 == 1))) * step
