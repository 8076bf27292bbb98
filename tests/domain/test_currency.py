"""Currencies: ISO 4217 and what the owner adds; old codes are today's, a dollar is the network's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import currency

KNOWN = [
    *(("USD", "USD"), ("eur", "EUR"), (" gbp ", "GBP"), ("RUR", "RUB"), ("rur", "RUB"), ("BYR", "BYN")),
    *(("jpy", "JPY"), ("KZT", "KZT"), ("myr", "MYR"), ("XCG", "XCG"), ("ZWG", "ZWG")),
]


@pytest.mark.parametrize(("text", "code"), KNOWN)
def test_a_code_is_known_in_any_case(text: str, code: str) -> None:
    assert currency.known(text) == code


@pytest.mark.parametrize("text", ["", "ZZZ", "US", "USDT", "DOLLAR", "$", "EURO", "{currency}", "ＵＳＤ", "U SD"])
def test_a_stranger_is_unknown(text: str) -> None:
    assert currency.known(text) is None


def test_the_owner_adds_currencies() -> None:
    assert currency.known("usdt", ("USDT",)) == "USDT"
    assert currency.known("BTC", ("USDT",)) is None


@given(text=st.text(max_size=10))
def test_no_text_stumbles(text: str) -> None:
    code = currency.known(text)
    assert code is None or (len(code) == 3 and code.isascii() and code.isupper())


@pytest.mark.parametrize(
    ("of_network", "expected"),
    [("CAD", "CAD"), ("AUD", "AUD"), ("USD", "USD"), ("MXN", "MXN"), ("EUR", "USD"), ("JPY", "USD"), (None, "USD")],
)
def test_a_dollar_sign_is_the_networks_own_dollar_else_the_american(of_network: str | None, expected: str) -> None:
    assert currency.dollar(of_network) == expected


def test_every_sign_stands_for_a_currency_that_is_known() -> None:
    assert {code for code in currency.SIGNS.values() if currency.known(code) != code} == set()
    assert currency.SIGNS["€"] == "EUR"
    assert currency.SIGNS["₽"] == "RUB"


def test_iso_4217_is_three_letters_each_and_knows_no_retired_code() -> None:
    assert {len(code) for code in currency.ISO_4217} == {3}
    assert len(currency.ISO_4217) > 150
    assert not {"RUR", "BYR", "DEM", "FRF", "HRK"} & currency.ISO_4217
