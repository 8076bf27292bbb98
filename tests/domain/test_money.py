"""Money: read from every style that networks send, exact to the millionth, and never a guess."""

from __future__ import annotations

import time
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.domain.money import (
    Amount,
    NumberStyle,
    format_money,
    format_share,
    read_amount,
    read_number,
    read_share,
    share_of,
    to_micros,
)

POINT: NumberStyle = "1,234.50"
COMMA: NumberStyle = "1.234,50"

READ = [
    *(("12.50", 12_500_000, None), ("12,50", 12_500_000, None), ("1,234.50", 1_234_500_000, None)),
    *(("1.234,50", 1_234_500_000, None), ("1 234,56", 1_234_560_000, None), ("1'234.50", 1_234_500_000, None)),
    *(("$12.50", 12_500_000, "$"), ("12.50 €", 12_500_000, "€"), ("12.50 USD", 12_500_000, "USD")),
    *(("USD12.50", 12_500_000, "USD"), ("+12.5", 12_500_000, None), ("-12.5", -12_500_000, None)),
    *(("79", 79_000_000, None), ("0", 0, None), ("-0", 0, None), ("0.00", 0, None), ("12.", 12_000_000, None)),
    *((".5", 500_000, None), (",5", 500_000, None), ("007", 7_000_000, None), ("12.5000000", 12_500_000, None)),
    *(("1,234,567", 1_234_567_000_000, None), ("1.234.567", 1_234_567_000_000, None)),
    *(("1,234,567.89", 1_234_567_890_000, None), ("1.234.567,89", 1_234_567_890_000, None)),
    *(
        ("1 234 567,8", 1_234_567_800_000, None),
        ("1’234.5", 1_234_500_000, None),
        ("1\u00a0234,5", 1_234_500_000, None),
    ),
    *(("1\u202f234,5", 1_234_500_000, None), ("1 234", 1_234_000_000, None), ("1'234", 1_234_000_000, None)),
    *(("0.000350", 350, None), ("0.350", 350_000, None), ("0,350", 350_000, None), (".350", 350_000, None)),
    *(("1234.500", 1_234_500_000, None), ("1234,500", 1_234_500_000, None), ("12.5001", 12_500_100, None)),
    *(("-$12.50", -12_500_000, "$"), ("$-12.50", -12_500_000, "$"), ("€ 12,50", 12_500_000, "€")),
    *(("−12.50", -12_500_000, None), ("- 12.50", -12_500_000, None), ("12.50 usd", 12_500_000, "usd")),
    *(
        ("US$12", 12_000_000, "US$"),
        ("C$ 12", 12_000_000, "C$"),
        ("12 zł", 12_000_000, "zł"),
        ("12 Kč", 12_000_000, "Kč"),
    ),
    *(("12.50 ZZZ", 12_500_000, "ZZZ"), ("12.50 USDT", 12_500_000, "USDT"), ("  12.50  ", 12_500_000, None)),
    *(("999999999999", 999_999_999_999_000_000, None), ("000000000000012", 12_000_000, None)),
    *(("0.30000000000000004", 300_000, None), ("150.00 MYR", 150_000_000, "MYR")),
]


@pytest.mark.parametrize(("text", "micros", "mark"), READ)
def test_an_amount_reads_as_it_is_meant(text: str, micros: int, mark: str | None) -> None:
    assert read_amount(text) == Amount(micros, mark)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "-",
            "+",
            ".",
            ",",
            "$",
            "€",
            "USD",
            "abc",
            "1e3",
            "1E3",
            "inf",
            "-inf",
            "NaN",
            "nan",
            "0x1F",
            "1_0",
        ),
        *("１２", "12５", "٣", "--5", "+-5", "-$-5", "5-", "(5)", "1.2.3", "1,2,3", "1,23,456", "12,3456,789"),
        *("1.234.56", "1,234.567.890", "1 23", "12 34", "1  234", "1,234 567.5", "'5", "1'", "5 5 5"),
        *("1234567890123", "99999999999999999999", "1,234,567,890,123", "$12.50 USD", "USD 12 EUR", "12.50 dollars"),
        *("12.50 abc", "12.50 us", "12 %", "12%", "12;5", "12/5", "12:50", "{payout}", "1\n2", "12\x00", "1.5e-5", "∞"),
        *("½", "²", "12.50€€", "12 U S D", "1'234’567", "1,234'567", "1.5 000", "1'2.5'0", "1234,567.89"),
    ],
)
def test_what_is_no_number_is_never_guessed(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1,234", 1_234_000_000, 1_234_000),
        ("1.234", 1_234_000, 1_234_000_000),
        ("12,345", 12_345_000_000, 12_345_000),
        ("123.456", 123_456_000, 123_456_000_000),
        ("00.350", 350_000, 350_000_000),
        ("$1,234", 1_234_000_000, 1_234_000),
        ("-1,234", -1_234_000_000, -1_234_000),
    ],
)
def test_one_separator_before_three_digits_is_ambiguous_until_the_style_decides(
    text: str, point: int, comma: int
) -> None:
    by_point, by_comma = read_amount(text, POINT), read_amount(text, COMMA)
    assert read_amount(text) is None
    assert by_point is not None
    assert by_comma is not None
    assert (by_point.micros, by_comma.micros) == (point, comma)


@pytest.mark.parametrize("style", [None, POINT, COMMA])
@pytest.mark.parametrize(
    ("text", "micros"),
    [
        *(
            ("12.50", 12_500_000),
            ("12,50", 12_500_000),
            ("0.350", 350_000),
            ("0,350", 350_000),
            ("1234.500", 1_234_500_000),
        ),
        *(
            ("1.234,50", 1_234_500_000),
            ("1,234.50", 1_234_500_000),
            ("1,234,567", 1_234_567_000_000),
            ("1.5", 1_500_000),
        ),
        *(("1 234.567", 1_234_567_000), ("1'234,567", 1_234_567_000), ("1.2345", 1_234_500)),
    ],
)
def test_what_can_be_read_one_way_only_needs_no_style(text: str, micros: int, style: NumberStyle | None) -> None:
    assert read_number(text, style) == micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        *(("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.0000035", 4), ("0.00000050000001", 1)),
        *(("1.0000004", 1_000_000), ("1.9999999", 2_000_000), ("-0.0000015", -2), ("-0.0000025", -2)),
    ],
)
def test_more_than_six_decimals_are_rounded_half_to_even(text: str, micros: int) -> None:
    amount = read_amount(text)
    assert amount is not None
    assert amount.micros == micros


STYLES = {
    "12.50": ("", "."),
    "12,50": ("", ","),
    "1,234.50": (",", "."),
    "1.234,50": (".", ","),
    "1 234,56": (" ", ","),
    "1 234.56": (" ", "."),
    "1'234.50": ("'", "."),
    "1’234,50": ("’", ","),
    "no-break": ("\u00a0", ","),
    "narrow": ("\u202f", ","),
}


def written(micros: int, name: str, decimals: int) -> str:
    """An exact amount in one of the styles, without the help of the code under test."""
    group, point = STYLES[name]
    whole, rest = divmod(abs(micros), 1_000_000)
    text = f"{whole:,}".replace(",", group)
    if decimals:
        text += point + f"{rest:06d}"[:decimals]
    return ("-" if micros < 0 else "") + text


@given(
    micros=st.integers(-(10**18) + 1, 10**18 - 1),
    name=st.sampled_from(sorted(STYLES)),
    decimals=st.integers(0, 6),
    style=st.sampled_from([None, POINT, COMMA]),
)
def test_every_style_reads_back_what_was_written(
    micros: int, name: str, decimals: int, style: NumberStyle | None
) -> None:
    sign = -1 if micros < 0 else 1
    micros = sign * (abs(micros) // 10 ** (6 - decimals) * 10 ** (6 - decimals))
    text = written(micros, name, decimals)
    digits = text.lstrip("-")
    marks = [c for c in digits if c in ".,"]
    whole, _, after = digits.partition(marks[0]) if len(marks) == 1 else ("", "", "")
    assume(not (len(after) == 3 and 1 <= len(whole) <= 3 and whole != "0"))  # the ambiguous have a test of their own
    assert read_amount(text, style) == Amount(micros)


@given(whole=st.integers(1, 999), rest=st.integers(0, 999), mark=st.sampled_from([".", ","]))
def test_the_ambiguous_is_refused_without_a_style_and_exact_with_one(whole: int, rest: int, mark: str) -> None:
    text = f"{whole}{mark}{rest:03d}"
    thousands, fraction = (whole * 1000 + rest) * 1_000_000, whole * 1_000_000 + rest * 1000
    assert read_number(text) is None
    assert read_number(text, POINT) == (thousands if mark == "," else fraction)
    assert read_number(text, COMMA) == (thousands if mark == "." else fraction)


@given(micros=st.integers(-(10**18) + 1, 10**18 - 1))
def test_what_is_formatted_reads_back(micros: int) -> None:
    assert read_amount(format_money(micros), POINT) == Amount(micros)
    assert read_amount(format_money(micros)) in (Amount(micros), None)  # 1.234 is anybody's guess


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        *((79_000_000, "79.00"), (350, "0.00035"), (0, "0.00"), (1, "0.000001"), (-12_500_000, "-12.50")),
        *((1_234_500_000, "1234.50"), (-1, "-0.000001"), (300_000, "0.30"), (1_234_000, "1.234")),
    ],
)
def test_money_is_written_with_two_decimals_at_least_and_no_more_than_it_has(micros: int, text: str) -> None:
    assert format_money(micros) == text


@given(
    text=st.text(max_size=40) | st.text("0123456789.,' \u00a0+-−$€USDe", max_size=24),
    style=st.sampled_from([None, POINT]),
)
def test_hostile_text_gives_none_or_an_exact_integer(text: str, style: NumberStyle | None) -> None:
    amount = read_amount(text, style)
    assert amount is None or (type(amount.micros) is int and abs(amount.micros) < 10**18)


HOSTILE = {
    "blanks after a sign": "+" + " " * 60_000 + "x",
    "blanks after a number": "1" + " " * 60_000 + "x",
    "numbers and blanks": "1 " * 30_000 + "x",
    "signs": "+-" * 30_000,
    "digits": "9" * 60_000,
    "groups": "1" + ",234" * 15_000,
    "points": "." * 60_000,
    "letters": "A" * 60_000,
    "words": "USD " * 15_000,
    "blanks and words": "USD" + " " * 60_000 + "USD",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_amount_takes_no_time_and_is_no_number(name: str) -> None:
    started = time.perf_counter()
    assert read_amount(HOSTILE[name]) is None
    assert time.perf_counter() - started < 1


def test_many_decimals_are_rounded_however_many() -> None:
    assert read_number("0." + "3" * 5_000) == 333_333
    assert read_number("0." + "9" * 5_000) == 1_000_000


# -- shares --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "share"),
    [("30%", 300_000), (" 30,5 % ", 305_000), ("100%", 1_000_000), ("0%", 0), ("0.5%", 5_000), ("150%", 1_500_000)],
)
def test_a_share_reads_as_millionths_of_the_whole(text: str, share: int) -> None:
    assert read_share(text) == share


@pytest.mark.parametrize("text", ["", "%", "30", "30 percent", "-30%", "30%%", "1,234%", "$30%", "x%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    assert read_share(text) is None


@pytest.mark.parametrize(("share", "text"), [(300_000, "30%"), (305_000, "30.50%"), (1_000_000, "100%"), (0, "0%")])
def test_a_share_is_written_as_percent(share: int, text: str) -> None:
    assert format_share(share) == text


@pytest.mark.parametrize(
    ("micros", "share", "part"),
    [
        *((150_000_000, 300_000, 45_000_000), (1, 500_000, 0), (3, 500_000, 2), (5, 500_000, 2), (7, 1_000_000, 7)),
        *(
            (-1, 500_000, 0),
            (-3, 500_000, -2),
            (10, 0, 0),
            (333_333, 333_333, 111_111),
            (-150_000_000, 300_000, -45_000_000),
        ),
    ],
)
def test_a_share_of_an_amount_is_rounded_half_to_even(micros: int, share: int, part: int) -> None:
    assert share_of(micros, share) == part


@given(micros=st.integers(-(10**18), 10**18), share=st.integers(0, 2_000_000))
def test_a_share_is_exact(micros: int, share: int) -> None:
    exact = (Decimal(micros) * share / 1_000_000).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    assert share_of(micros, share) == int(exact)


def test_a_plain_number_becomes_millionths() -> None:
    assert to_micros("12.5") == 12_500_000
    assert to_micros("0.0000005") == 0
    assert to_micros("123456789012.123456") == 123_456_789_012_123_456
