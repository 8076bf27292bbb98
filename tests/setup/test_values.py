"""Each value has one canonical form, which reads as itself; what is no such value is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.status import Status
from server.domain.things import Payout
from server.setup import values
from server.setup.forms import Form
from server.setup.problem import At, BadSetup, Context

READ = [
    (values.MONEY, "32.00", "32.00"),
    (values.MONEY, 32, "32.00"),
    (values.MONEY, 32.0, "32.00"),
    (values.MONEY, "12,50", "12.50"),
    (values.MONEY, "1,234.5", "1234.50"),
    (values.MONEY, "1.234", "1.234"),
    (values.MONEY, "0.012", "0.012"),
    (values.MONEY, 1e-5, "0.00001"),
    (values.MONEY, -0.0, "0.00"),
    (values.SHARE, "70%", "70%"),
    (values.SHARE, " 30,5 % ", "30.50%"),
    (values.SHARE, "1.234%", "1.234%"),
    (values.PAYOUT, "30 %", "30%"),
    (values.PAYOUT, 5, "5.00"),
    (values.DURATION, "0m", "0s"),
    (values.DURATION, "60s", "1m"),
    (values.DURATION, "90s", "90s"),
    (values.DURATION, "48h", "2d"),
    (values.STATUS, "charged_back", "charged_back"),
    (values.CURRENCY, " usd ", "USD"),
    (values.CURRENCY, "RUR", "RUB"),
    (values.CURRENCY, "USDT", "USDT"),
    (values.ZONE, "Europe/Berlin", "Europe/Berlin"),
    (values.RANGE, "10.0.0.0/8", "10.0.0.0/8"),
    (values.RANGE, "203.0.113.7/32", "203.0.113.7"),
    (values.RANGE, "2001:DB8::/32", "2001:db8::/32"),
    (values.DOMAIN, "https://Trk.Example.com/", "https://trk.example.com"),
    (values.DOMAIN, "https://trk.example.com:8443", "https://trk.example.com:8443"),
    (values.DOMAIN, "http://localhost:8000", "http://localhost:8000"),
    (values.DOMAIN, "http://[::1]:8000", "http://[::1]:8000"),
    (values.HEADER_NAME, "X-Real-IP", "X-Real-IP"),
    (values.HEADER, "Bearer {click_id}", "Bearer {click_id}"),
    (values.URL, "https://a.example/?c={click_id}", "https://a.example/?c={click_id}"),
]


@pytest.mark.parametrize(("form", "raw", "canonical"), READ)
def test_a_value_has_one_canonical_form(form: Form, raw: Any, canonical: str) -> None:
    assert form.read(raw, At()) == canonical
    assert form.read(canonical, At()) == canonical


REFUSED = [
    (values.MONEY, "1,234", "is no amount of money"),
    (values.MONEY, "$5", "currency under a key of its own"),
    (values.MONEY, "abc", "is no amount of money"),
    (values.MONEY, "", "is no amount of money"),
    (values.MONEY, "-1", "is negative"),
    (values.MONEY, -1.5, "is negative"),
    (values.MONEY, float("nan"), "is no amount of money"),
    (values.MONEY, float("inf"), "is no amount of money"),
    pytest.param(values.MONEY, 16**9000, "is no amount of money", id="huge"),
    (values.MONEY, 1e300, "is no amount of money"),
    (values.MONEY, "1" * 13, "is no amount of money"),
    (values.MONEY, "１２", "is no amount of money"),
    (values.MONEY, True, 'expects money such as "32.00", not true or false'),
    (values.SHARE, "70", "is no share"),
    (values.SHARE, "101%", "is no share"),
    (values.SHARE, "-1%", "is no share"),
    (values.SHARE, "%", "is no share"),
    (values.SHARE, 70, 'expects a share such as "70%", not a number'),
    (values.PAYOUT, "130%", "is no share"),
    (values.DURATION, "5 minutes", 'Write it like "30s"'),
    (values.DURATION, "31d", "is no time from 0s to 30d"),
    (values.DURATION, 30, "not a number"),
    (values.STATUS, "aproved", "Did you mean 'approved'?"),
    (values.STATUS, "Confirmed", "Did you mean 'approved'?"),
    (values.CURRENCY, "EURO!", "Did you mean 'EUR'?"),
    (values.ZONE, "Europe/Berlni", "Did you mean 'Europe/Berlin'?"),
    (values.ZONE, "../../etc/passwd", "unknown time zone"),
    (values.RANGE, "10.0.0.1/8", "Did you mean '10.0.0.0/8'?"),
    (values.RANGE, "example.com", "is no IP address or range"),
    (values.DOMAIN, "trk.example.com", "Did you mean 'https://trk.example.com'?"),
    (values.DOMAIN, "http://trk.example.com", "Did you mean 'https://trk.example.com'?"),
    (values.DOMAIN, "https://trk.example.com/path", "without a path"),
    (values.DOMAIN, "https://trk.example.com:99999", "is no domain"),
    (values.DOMAIN, "https://[zz]", "is no domain"),
    (values.DOMAIN, "https://a..b", "is no domain"),
    (values.DOMAIN, "https://user@trk.example.com", "is no domain"),
    (values.HEADER_NAME, "X Real", "is no name of a header"),
    (values.SENT_HEADER_NAME, "content-length", "is set by the sender"),
    (values.HEADER, "a\nb", "line break"),
    (values.HEADER, "Grüße", "ASCII"),
    (values.HEADER, "{clickid}", "did you mean {click_id}?"),
    (values.URL, "https://a.example/?c={clickid}", "did you mean {click_id}?"),
    (values.URL, "ftp://a.example/", "starts with https://"),
    (values.URL, "https://{country}.example/", "macro"),
    (values.FIXED_URL, "https://a.example/{click_id}", "there is no click"),
]


@pytest.mark.parametrize(("form", "raw", "words"), REFUSED)
def test_what_is_no_such_value_is_refused_with_words_that_help(form: Form, raw: Any, words: str) -> None:
    with pytest.raises(BadSetup) as refusal:
        form.read(raw, At())
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_values_become_what_the_rules_use() -> None:
    at = At()
    assert values.MONEY.make("0.012", at) == 12_000
    assert values.SHARE.make("70%", at) == 700_000
    assert values.PAYOUT.make("30%", at) == Payout(share=300_000)
    assert values.PAYOUT.make("32.00", at) == Payout(micros=32_000_000)
    assert values.DURATION.make("2h", at) == 7200
    assert values.STATUS.make("refunded", at) is Status.REFUNDED


def test_a_currency_is_of_the_iso_or_the_owner_s() -> None:
    assert values.CURRENCY.make("USDT", At(context=Context(["USDT"]))) == "USDT"
    with pytest.raises(BadSetup, match=r"unknown currency 'USDX'\. Did you mean 'USD"):
        values.CURRENCY.make("USDX", At())


def test_a_macro_converts_to_a_known_currency_only() -> None:
    assert values.URL.make("https://a.example/{payout:EUR}", At())
    with pytest.raises(BadSetup, match="unknown currency 'EUX'"):
        values.URL.make("https://a.example/{payout:EUX}", At())


@given(st.integers(0, 10**18 - 1))
def test_any_amount_survives_as_text(micros: int) -> None:
    text = values.read_money(values.format_money(micros), At())
    assert values.MONEY.make(text, At()) == micros


@given(st.integers(0, 1_000_000))
def test_any_share_survives_as_text(share: int) -> None:
    text = values.read_share(values.format_share(share), At())
    assert values.SHARE.make(text, At()) == share
