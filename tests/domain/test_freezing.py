"""What a conversion comes to in a base currency: by a rate that stands, exact, and in every base that it was given."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.freezing import Frozen, Own, freeze, in_every_base, is_without_rate, with_remark

RATES = {("EUR", "USD"): Decimal("1.25"), ("GBP", "USD"): Decimal("1.50"), ("EUR", "GBP"): Decimal("0.80")}
SALE = Own(payout=10_000_000, net=8_000_000, currency="EUR", cost=2_000_000, cost_currency="GBP")


def rate_of(own: str, wanted: str) -> Decimal | None:
    return RATES.get((own, wanted))


def nothing(own: str, wanted: str) -> Decimal | None:
    return None


def test_each_amount_goes_by_the_rate_of_its_own_currency() -> None:
    assert freeze(SALE, "USD", rate_of) == Frozen("1.25", 12_500_000, 10_000_000, "1.5", 3_000_000)
    assert freeze(SALE, "EUR", nothing) == Frozen(None, 10_000_000, 8_000_000, None, None)
    assert freeze(SALE, "GBP", rate_of) == Frozen("0.8", 8_000_000, 6_400_000, None, 2_000_000)
    assert freeze(SALE, "USD", nothing) == Frozen()


def test_what_nobody_paid_for_yet_is_nothing_in_any_currency() -> None:
    assert freeze(Own(None, 0, None, None, None), "USD", nothing) == Frozen(None, None, 0, None, None)


def test_a_rate_that_was_found_stands_while_the_currency_does() -> None:
    before = Frozen("2", 20_000_000, 16_000_000, "3", 6_000_000)
    assert freeze(SALE, "USD", rate_of, before) == before
    other = SALE._replace(currency="GBP")
    assert freeze(other, "USD", rate_of, before, SALE).rate == "1.5"
    assert freeze(other, "USD", rate_of, before, SALE).cost_rate == "3"


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_what_changes_goes_by_the_same_rates_in_every_base(payout: int, net: int) -> None:
    kept = {"GBP": Frozen("0.5", 0, 0, None, 0)._asdict()}
    row = SimpleNamespace(**SALE._asdict(), **Frozen("2", 1, 1, "3", 1)._asdict(), base_currency="USD", bases=kept)
    found = in_every_base(SALE._replace(payout=payout, net=net), row, nothing)
    assert (found["rate"], found["payout_base"], found["net_base"], found["cost_base"]) == (
        "2",
        2 * payout,
        2 * net,
        6_000_000,
    )
    assert found["bases"]["GBP"]["rate"] == "0.5"
    assert abs(2 * found["bases"]["GBP"]["net_base"] - net) <= 1
    assert found["bases"]["GBP"]["cost_base"] == 2_000_000


@pytest.mark.parametrize(
    ("own", "base", "rate", "lacks"),
    [(SALE, "USD", None, True), (SALE, "USD", "1.25", False), (SALE, "EUR", None, False)],
)
def test_only_a_foreign_amount_lacks_a_rate(own: Own, base: str, rate: str | None, lacks: bool) -> None:
    assert is_without_rate(own, base, rate) is lacks
    assert not is_without_rate(own._replace(currency=None), base, rate)


@pytest.mark.parametrize(
    ("warnings", "lacks", "left"),
    [
        (["bad_value", "no_rate"], False, ["bad_value"]),
        (["no_rate", "bad_value"], True, ["no_rate", "bad_value"]),
        (["bad_value"], True, ["bad_value", "no_rate"]),
        ([], False, []),
    ],
)
def test_the_remark_stands_as_long_as_it_is_so(warnings: list[str], lacks: bool, left: list[str]) -> None:
    assert with_remark(warnings, is_without_rate=lacks) == left
