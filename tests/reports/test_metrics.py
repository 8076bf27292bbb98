"""Each metric has one definition, and a ratio over nothing is none."""

from __future__ import annotations

import pytest

from server.reports.metrics import METRICS, Sums, change, shown

BY_NAME = {metric.name: metric for metric in METRICS}
BUSY = Sums(
    clicks=400,
    landed=300,
    went_on=75,
    conversions=7,
    approved=3,
    pending=2,
    rejected=1,
    reversed=1,
    revenue=62_500_000,
    pending_revenue=20_000_000,
    cost=40_000_000,
    without_rate=2,
    unique=125,
    bots=20,
    approved_revenue=60_000_000,
    reversed_revenue=4_000_000,
)
LOSS = Sums(clicks=3, cost=9_000_000, revenue=1_000_000, conversions=1)


def all_of(sums: Sums) -> dict[str, str | int | None]:
    return {metric.name: shown(metric, sums) for metric in METRICS}


def test_every_metric_of_a_busy_day() -> None:
    assert all_of(BUSY) == {
        "clicks": 400,
        "conversions": 7,
        "approved": 3,
        "pending": 2,
        "rejected": 1,
        "reversed": 1,
        "revenue": "62.50",
        "pending_revenue": "20.00",
        "cost": "40.00",
        "profit": "22.50",
        "roi": "56.25",
        "lp_ctr": "25.00",
        "cr": "1.75",
        "epc": "0.15625",
        "without_rate": 2,
        "unique_clicks": 125,
        "bots": 20,
        "lp_views": 300,
        "lp_clicks": 75,
        "approval_rate": "42.86",
        "approved_revenue": "60.00",
        "reversed_revenue": "4.00",
        "roas": "1.56",  # 1.5625
        "epv": "0.50",
        "cpc": "0.10",
        "cpa": "5.714286",
        "avg_payout": "20.00",
    }


def test_a_loss_is_negative() -> None:
    found = all_of(LOSS)
    assert (found["profit"], found["roi"], found["cr"], found["epc"]) == ("-8.00", "-88.89", "33.33", "0.333333")


def test_a_ratio_over_nothing_is_none() -> None:
    found = all_of(Sums())
    assert {name for name, value in found.items() if value is None} == {
        *("roi", "lp_ctr", "cr", "epc", "approval_rate", "roas", "epv", "cpc", "cpa", "avg_payout")
    }
    assert {value for value in found.values() if value is not None} == {0, "0.00"}
    assert all_of(Sums(clicks=5))["roi"] is None
    assert all_of(Sums(conversions=5))["cr"] is None


@pytest.mark.parametrize(
    ("clicks", "conversions", "expected"),
    [
        *((3, 1, "33.33"), (3, 2, "66.67"), (800, 1, "0.12"), (1600, 6, "0.38"), (1, 2, "200.00")),
        (10**9 - 1, 1_250_000, "0.13"),  # 0.125000000125: rounded once, not to a millionth first
    ],
)
def test_a_percentage_has_two_decimals_half_to_even(clicks: int, conversions: int, expected: str) -> None:
    assert shown(BY_NAME["cr"], Sums(clicks=clicks, conversions=conversions)) == expected


def test_sums_add_up() -> None:
    total = Sums()
    total.add(BUSY)
    total.add(LOSS)
    assert (total.clicks, total.revenue, total.cost, total.without_rate) == (403, 63_500_000, 49_000_000, 2)


@pytest.mark.parametrize(
    ("name", "now", "before", "expected"),
    [
        ("clicks", Sums(clicks=150), Sums(clicks=100), "50.00"),
        ("clicks", Sums(clicks=1), Sums(clicks=3), "-66.67"),
        ("clicks", Sums(clicks=1), Sums(), None),
        ("profit", Sums(cost=5), Sums(cost=10), "50.00"),  # half the loss is a gain
        ("cr", Sums(clicks=100, conversions=3), Sums(clicks=100, conversions=2), "1.00"),  # in points
        ("cr", Sums(clicks=100, conversions=3), Sums(), None),
    ],
)
def test_a_change_is_in_percent_of_what_it_was(name: str, now: Sums, before: Sums, expected: str | None) -> None:
    assert change(BY_NAME[name], now, before) == expected


def test_each_metric_says_what_it_is_made_of() -> None:
    assert len({metric.name for metric in METRICS}) == len({metric.formula for metric in METRICS}) == len(METRICS)
    assert all(metric.below is None for metric in METRICS if metric.unit == "count")
    assert all(metric.below is not None for metric in METRICS if metric.unit in ("percent", "ratio"))
