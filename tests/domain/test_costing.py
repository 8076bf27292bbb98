"""What a click and a conversion cost by their campaign, and how corrections lie over each other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.costing import (
    ConversionPrice,
    Correction,
    Span,
    Spread,
    holding,
    price_of_click,
    price_of_conversion,
    stretches,
)
from server.domain.fold import Entry, Rules, fold
from server.domain.status import Status
from server.domain.things import CampaignCost, Owner, Source

OWNER = Owner(base_currency="EUR", currencies=("USDT",))
CPC = CampaignCost("cpc", 12_000, currency="USD")
NONE = CampaignCost()


def price(text: str | None, cost: CampaignCost = CPC, **source: Any) -> tuple[int, str] | None:
    return price_of_click(text, Source("prop", **source), cost, OWNER)


# -- clicks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        (330_000, 330),  # 0.33 for a thousand
        (1_000, 1),
        (1_499, 1),
        (1_500, 2),
        (2_500, 2),  # half to even
        (500, 0),
        (501, 1),
        (0, 0),
    ],
)
def test_a_price_for_a_thousand_is_a_thousandth_for_each(value: int, micros: int) -> None:
    assert price(None, CampaignCost("cpm", value, currency="USD")) == (micros, "USD")


def test_where_the_source_says_nothing_the_campaign_does() -> None:
    assert price(None) == (12_000, "USD")
    assert price(None, CampaignCost("cpc", 12_000)) == (12_000, "EUR")
    assert price(None, NONE) is None


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("0.5", {}, (500_000, "USD")),  # the campaign's currency
        ("0.5", {"cost_currency": "GBP"}, (500_000, "GBP")),
        ("0,5", {}, (500_000, "USD")),
        ("0", {}, (0, "USD")),
        ("0.5 PLN", {"cost_currency": "GBP"}, (500_000, "PLN")),
        ("€0.5", {"cost_currency": "GBP"}, (500_000, "EUR")),
        ("$0.5", {"cost_currency": "CAD"}, (500_000, "CAD")),
        ("$0.5", {"cost_currency": "GBP"}, (500_000, "USD")),
        ("0.5 USDT", {}, (500_000, "USDT")),
        ("1,234", {"number_style": "1,234.50"}, (1_234_000_000, "USD")),
        ("1,234", {"number_style": "1.234,50"}, (1_234_000, "USD")),
        ("0.0000004", {}, (0, "USD")),
    ],
)
def test_the_source_knows_better(text: str, source: dict[str, Any], expected: tuple[int, str]) -> None:
    assert price(text, **source) == expected


@pytest.mark.parametrize("text", ["", "-1", "1,234", "0.5 ZZZ", "1e5", "nan", "inf", "free", "9" * 13, "٣"])
def test_what_is_no_price_leaves_the_campaigns(text: str) -> None:
    assert price(text) == (12_000, "USD")
    assert price(text, NONE) is None


def test_where_conversions_are_paid_for_clicks_are_not() -> None:
    assert price("0.5", CampaignCost("cpa", 5_000_000)) is None
    assert price("0.5", CampaignCost("share", share=700_000)) is None


# -- conversions -------------------------------------------------------------------------------------------------------


def after(*said: tuple[Status, int | None]) -> Any:
    return fold([Entry(n, status, amount, "USD") for n, (status, amount) in enumerate(said)], Rules())


PENDING, SOLD = (Status.PENDING, 10_000_001), (Status.APPROVED, 10_000_001)
REJECTED, REFUNDED = (Status.REJECTED, None), (Status.REFUNDED, 4_000_000)
STORIES = [
    ((PENDING,), 0, 0),
    ((SOLD,), 5_000_000, 7_000_001),
    ((PENDING, SOLD), 5_000_000, 7_000_001),
    ((SOLD, REJECTED), 0, 0),
    ((SOLD, REFUNDED), 5_000_000, 4_200_001),
    ((SOLD, (Status.CHARGED_BACK, None)), 5_000_000, 0),
    ((REFUNDED,), 0, 0),  # nothing was sold yet
    ((REFUNDED, SOLD), 5_000_000, 4_200_001),
]


@pytest.mark.parametrize(("said", "amount", "share"), STORIES)
def test_a_conversion_costs_once_it_is_sold(said: Any, amount: int, share: int) -> None:
    assert ConversionPrice(5_000_000, "USD").cost_of(after(*said)) == amount
    assert ConversionPrice(share=700_000).cost_of(after(*said)) == share


def test_only_two_models_pay_for_conversions() -> None:
    assert price_of_conversion(CampaignCost("cpa", 5, currency="GBP"), OWNER) == ConversionPrice(5, "GBP")
    assert price_of_conversion(CampaignCost("cpa", 5), OWNER) == ConversionPrice(5, "EUR")
    assert price_of_conversion(CampaignCost("share", share=9), OWNER) == ConversionPrice(share=9)
    assert price_of_conversion(CPC, OWNER) is None
    assert price_of_conversion(NONE, OWNER) is None


# -- corrections -------------------------------------------------------------------------------------------------------


def click(key: int, **columns: Any) -> Any:
    return SimpleNamespace(**{"id": key, "campaign_id": 1, "test_echo": None, "sub1": None, "sub2": None, **columns})


def correction(number: int, first: int, end: int, **where: str) -> Correction:
    return Correction(number, Span(1, first, end, where), Spread(number, 0), "USD", Spread(7, 0), "EUR")


def test_a_span_covers_its_campaign_its_period_and_its_sub_ids() -> None:
    span = Span(1, 10, 20, {"sub1": "a", "sub2": "b"})
    assert span.covers(click(10, sub1="a", sub2="b"))
    assert span.covers(click(19, sub1="a", sub2="b"))
    assert not span.covers(click(20, sub1="a", sub2="b"))
    assert not span.covers(click(9, sub1="a", sub2="b"))
    assert not span.covers(click(10, sub1="a", sub2="B"))
    assert not span.covers(click(10, sub1="a"))
    assert not span.covers(click(10, sub1="a", sub2="b", campaign_id=2))
    assert not span.covers(click(10, sub1="a", sub2="b", test_echo=""))


def test_an_amount_in_the_currency_asked_for_is_exact() -> None:
    one = correction(3, 0, 9)
    assert one.spread_in("USD") == Spread(3, 0)
    assert one.spread_in("EUR") == Spread(7, 0)
    assert one.spread_in("GBP") is None


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 15), st.sampled_from([{}, {"sub1": "a"}, {"sub2": "b"}])),
        max_size=8,
    ),
    key=st.integers(0, 50),
    sub1=st.sampled_from(["a", None]),
    sub2=st.sampled_from(["b", "c"]),
)
def test_side_by_side_they_say_what_the_latest_one_says(
    spans: list[tuple[int, int, dict[str, str]]], key: int, sub1: str | None, sub2: str
) -> None:
    every = [correction(n, first, first + length, **where) for n, (first, length, where) in enumerate(spans, start=1)]
    visit = click(key, sub1=sub1, sub2=sub2)
    stretch = [one for one in stretches(every) if one.first_key <= key][-1]
    found = next((one for one in stretch.layers if one.span.covers(visit)), None)
    assert found == holding(every, visit)
    assert holding(every[::-1], visit) == found
