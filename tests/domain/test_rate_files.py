"""Files of rates as people and the European Central Bank write them; each bad line is named by its number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.rate_files import ECB, IMPORTED, read_rates
from server.domain.rates import Rate

DATA = Path(__file__).parents[1] / "data"
TWO = [
    Rate("2026-03-01", "EUR", "USD", "1.0832", IMPORTED),
    Rate("2026-03-02", "GBP", "USD", "1.27", IMPORTED),
]
OF_BANK = {
    ("2026-03-02", "EUR"): "1.0800",
    ("2026-03-02", "JPY"): "0.00672897196262",
    ("2026-03-02", "GBP"): "1.25",
    ("2026-02-27", "EUR"): "1.0768",
    ("2026-02-27", "JPY"): "0.00667990074442",
    ("2026-02-27", "GBP"): "1.24991294254",
}


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("day,currency,rate\n2026-03-01,EUR,1.0832\n2026-03-02,GBP,1.27\n", "."),
        ("\ufeffRate;CURRENCY;Day\r\n1.0832;eur;2026-03-01\r\n\r\n1.27; GBP ;2026-03-02\r\n", "."),
        ("day;currency;rate\n2026-03-01;EUR;1,0832\n2026-03-02;GBP;1,27", ","),
        ('date,currency,rate,note\n2026-03-01,EUR,"1,0832",x\n2026-03-02,GBP,"1,27",\n', ","),
        ("day,currency,rate,base\n2026-03-01,EUR,1.0832,USD\n2026-03-02,GBP,1.27,\n2026-03-02,GBP,1.27,USD", "."),
    ],
    ids=["plain", "in any order", "semicolons and commas", "quoted commas", "with a base, and one line twice"],
)
def test_a_table_is_read_however_it_is_laid_out(text: str, mark: str) -> None:
    found = read_rates(text, "USD", mark=mark)
    assert (found.rates, found.wrong) == (TWO, [])


def test_another_base_and_the_owners_own_codes() -> None:
    found = read_rates("day,currency,rate,base\n2026-03-01,USDT,0.92,EUR", "USD", ["USDT"])
    assert found.rates == [Rate("2026-03-01", "USDT", "EUR", "0.92", IMPORTED)]


def test_each_bad_line_is_named_by_its_number() -> None:
    lines = [
        "day,currency,rate",
        "2026-03-01,EUR,1.0832",
        "2026-02-30,EUR,1",
        "2026-03-01,EURO,1",
        "2026-03-01,GBP,one",
        "",
        '2026-03-01,GBP,"1,27"',
        "2026-03-01,USD,1",
        "2026-03-01",
    ]
    assert read_rates("\n".join(lines), "USD").wrong == [
        (3, "2026-02-30 is no day; write 2026-03-01"),
        (4, "EURO is no currency"),
        (5, "one is no rate; write 1.0832"),
        (7, "1,27 is no rate; write 1.0832"),
        (8, "USD needs no rate to itself"),
        (9, "nothing is no currency"),
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", []),
        ("currency,rate\nEUR,1", [(1, "the first line names no column day")]),
        ('day,currency,rate\n"2026-03-01,EUR,1', [(2, "it is no CSV: unexpected end of data")]),
        (
            "day,currency,rate\n2026-03-01,EUR,1\n2026-03-01,EUR,2",
            [(0, "EUR of 2026-03-01 is said to be 1 and 2")],
        ),
        ("Date,USD\nyesterday,1", [(2, "yesterday is no day")]),
        ("Date,USD\n2026-03-01,x", [(2, "x is no rate of USD")]),
        ("<a", [(1, "it is not the bank's XML: unclosed token: line 1, column 0")]),
    ],
)
def test_what_is_no_file_of_rates(text: str, wrong: list[tuple[int, str]]) -> None:
    assert read_rates(text, "USD").wrong == wrong


@pytest.mark.parametrize("name", ["ecb.xml", "ecb.csv"])
def test_the_banks_files_lead_to_the_base_currency(name: str) -> None:
    found = read_rates((DATA / name).read_text(encoding="utf-8"), "USD")
    assert found.wrong == []
    assert {(one.day, one.currency): one.rate for one in found.rates} == OF_BANK
    assert {(one.base, one.origin) for one in found.rates} == {("USD", ECB)}


def test_the_banks_file_of_one_day() -> None:
    found = read_rates("Date, USD, JPY, \n02 March 2026, 1.0800, 160.50, \n", "USD")
    assert [(one.day, one.currency, one.rate) for one in found.rates] == [
        ("2026-03-02", "EUR", "1.0800"),
        ("2026-03-02", "JPY", "0.00672897196262"),
    ]


def test_a_base_currency_of_which_the_bank_knows_nothing_gets_nothing() -> None:
    assert read_rates((DATA / "ecb.xml").read_text(encoding="utf-8"), "UAH").rates == []


def test_a_document_type_is_not_let_in() -> None:
    swelling = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Cube time="&b;"/>'
    ((_, why),) = read_rates(swelling, "USD").wrong
    assert "a document type" in why


@given(st.text(max_size=200))
def test_whatever_a_file_says_it_is_read_or_refused(text: str) -> None:
    for start in ("", "day,currency,rate\n", "Date,USD,GBP\n", "<Cube>"):
        found = read_rates(start + text, "USD")
        assert all(why for _, why in found.wrong)
