"""Rates: exact text in, exact text out; twelve digits where one was worked out; amounts to the millionth."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.rates import LARGEST, Rate, converted, crossed, led_on, quotient, read_day, read_rate, written

RATES = st.decimals("0.000001", "100000", places=6).map(written)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1.0832", "1.0832"),
        (" 1.10 ", "1.10"),
        ("001", "1"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("160", "160"),
        *((bad, None) for bad in ("", "0", "0.00", "-1", "+1", "1,08", "1e3", "NaN", "inf", ".5", "1.", "١", "1 0")),
        ("1" * 13, None),
        ("1." + "1" * 19, None),
    ],
)
def test_a_rate_is_plain_decimal_text_above_nothing(text: str, read: str | None) -> None:
    assert read_rate(text) == read


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2024-02-29", "2024-02-29"),
        *(
            (bad, None)
            for bad in ("2026-02-30", "20260301", "2026-W10-1", "01.03.2026", "", "1989-12-31", "2100-01-01")
        ),
    ],
)
def test_a_day_is_written_in_one_way(text: str, day: str | None) -> None:
    assert read_day(text) == day


@given(RATES)
def test_what_is_written_is_read_back(text: str) -> None:
    assert read_rate(text) == text == written(Decimal(text))


@given(st.integers(-(10**18), 10**18), RATES)
def test_an_amount_is_within_half_a_millionth_of_what_it_is_worth(micros: int, rate: str) -> None:
    amount = converted(micros, Decimal(rate))
    exact = micros * Fraction(rate)
    assert abs(amount - exact) <= Fraction(1, 2) if amount is not None else abs(exact) > LARGEST - 1


@pytest.mark.parametrize(("micros", "amount"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2), (7, 4)])
def test_a_half_goes_to_the_even_millionth(micros: int, amount: int) -> None:
    assert converted(micros, Decimal("0.5")) == amount


def test_an_amount_that_no_column_holds_is_none() -> None:
    assert converted(LARGEST, Decimal(1)) == LARGEST
    assert converted(LARGEST, Decimal("1.1")) is None


def test_what_a_euro_was_worth_in_each_leads_to_the_base_currency() -> None:
    """A pound: 1.0800 dollars a euro by 0.8640 pounds a euro are 1.25 dollars. A yen: 1.08 by 160.5, twelve digits."""
    worth = {"USD": "1.0800", "JPY": "160.50", "GBP": "0.8640"}
    assert list(crossed("2026-03-02", worth, "USD", "bank")) == [
        Rate("2026-03-02", "EUR", "USD", "1.0800", "bank"),
        Rate("2026-03-02", "JPY", "USD", "0.00672897196262", "bank"),
        Rate("2026-03-02", "GBP", "USD", "1.25", "bank"),
    ]
    assert [(one.currency, one.rate) for one in crossed("2026-03-02", worth, "EUR", "bank")] == [
        ("USD", "0.925925925926"),
        ("JPY", "0.00623052959502"),
        ("GBP", "1.15740740741"),
    ]
    assert list(crossed("2026-03-02", worth, "UAH", "bank")) == []


@given(RATES, RATES)
def test_a_cross_rate_is_right_to_twelve_digits(above: str, below: str) -> None:
    found = quotient(Decimal(above), Decimal(below))
    assert found is not None
    exact = Fraction(above) / Fraction(below)
    assert abs(Fraction(found) - exact) <= exact / 10**11


def test_rates_into_one_currency_lead_on_into_another_by_the_latest_of_it() -> None:
    into_dollars = [
        Rate("2026-03-01", "GBP", "USD", "1.3", "entered"),
        Rate("2026-03-02", "EUR", "USD", "1.04", "bank"),
        Rate("2026-03-02", "GBP", "USD", "1.3", "bank"),
        Rate("2026-03-03", "GBP", "USD", "1.56", ""),
    ]
    assert list(led_on(into_dollars, "USD", "EUR")) == [
        Rate("2026-03-02", "GBP", "EUR", "1.25", "bank through USD"),
        Rate("2026-03-03", "GBP", "EUR", "1.5", "entered through USD"),
    ]
