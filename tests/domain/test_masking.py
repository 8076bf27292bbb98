"""What is secret in a request is masked before anybody keeps or shows it; the rest stays readable."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.masking import is_secret_header, is_secret_name, masked_headers, masked_url

SECRET = [
    *("token", "access_token", "accessToken", "Authorization", "X-Auth-Token", "cookie", "Set-Cookie", "secret"),
    *("client_secret", "key", "api_key", "apikey", "apiKey", "X-Api-Key", "KEY", "password", "passwd", "pwd", "sig"),
    *("signature", "X-Signature", "auth", "authToken"),
]
PLAIN = [
    *("click_id", "payout", "external_id", "keyword", "monkey", "tokenizer", "event", "status", "aid", "goal", "v"),
    *("sub1", "design", "pwdless", ""),
]


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_header(name)


@pytest.mark.parametrize("name", PLAIN)
def test_an_ordinary_name_is_not_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_headers_are_masked_by_name_and_the_relays_own_id_is_shown() -> None:
    headers = {"Authorization": "Bearer x", "X-Apitoken": "y", "Content-Type": "text/plain", "Idempotency-Key": "k"}
    assert masked_headers(headers) == {
        "Authorization": "***",
        "X-Apitoken": "***",
        "Content-Type": "text/plain",
        "Idempotency-Key": "k",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/p?v=1&token=abc", "https://a.example/p?v=1&token=***"),
        ("https://a.example/p?api_key=a%20b&v=", "https://a.example/p?api_key=***&v="),
        ("https://a.example/p?token=&v=1", "https://a.example/p?token=&v=1"),
        ("https://a.example/p?token", "https://a.example/p?token"),
        ("https://a.example/p?token=a=b", "https://a.example/p?token=***"),
        ("https://a.example/token/abc", "https://a.example/token/abc"),
        ("https://a.example:8443/p?v=%C3%A9#x", "https://a.example:8443/p?v=%C3%A9#x"),
        ("https://a.example/", "https://a.example/"),
    ],
)
def test_a_secret_parameter_is_masked_and_nothing_else(url: str, shown: str) -> None:
    assert masked_url(url) == shown


@given(secret=st.text(min_size=1), plain=st.text())
def test_whatever_the_secret_it_is_gone_and_the_rest_is_as_it_was(secret: str, plain: str) -> None:
    url = f"https://a.example/p?v={quote(plain, safe='')}&token={quote(secret, safe='')}"
    shown = masked_url(url)
    assert parse_qsl(urlsplit(shown).query, keep_blank_values=True) == [("v", plain), ("token", "***")]
