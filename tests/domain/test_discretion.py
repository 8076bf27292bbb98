"""What may stand in a log: no secret of ours in any dress, no whole address of anybody."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

import pytest

from server.domain.discretion import Discretion, credentials
from server.domain.masking import MASK
from server.domain.things import Campaign, Network, RelayTemplate, Setup, Signature, Source

SECRETS = ("a-token-41", 'with "quotes" & more', "grüße/+", "line\nbreak", "ab")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("dress", [str, quote, quote_plus, lambda s: quote(s, safe=""), lambda s: repr(s)[1:-1]])
def test_a_secret_is_cut_out_in_whatever_dress_it_stands(secret: str, dress: object) -> None:
    worn = dress(secret)  # type: ignore[operator]
    said = Discretion(SECRETS)(f"before {worn} after")
    assert said == f"before {MASK} after"


def test_a_short_secret_leaves_the_words_alone_that_hold_its_letters() -> None:
    assert Discretion(["ab"])("about tables: ab") == f"about tables: {MASK}"


def test_of_two_secrets_of_which_one_begins_the_other_nothing_is_left() -> None:
    assert Discretion(["secret", "secret-and-more"])("secret-and-more secret") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/p/x?token=guess&a=1", f"/p/x?token={MASK}&a=1"),
        ('{"api_key": "k", "a": "b"}', f'{{"api_key": "{MASK}", "a": "b"}}'),
        ("{'Authorization': 'Bearer x y'}", f"{{'Authorization': '{MASK}'}}"),
        ("postgresql+psycopg://me:pw@host/db", f"postgresql+psycopg://{MASK}@host/db"),
        ("campaign=summer", "campaign=summer"),
    ],
)
def test_what_is_called_a_secret_is_none_of_anybodys_business_either(text: str, expected: str) -> None:
    assert Discretion()(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 203.0.113.77.", "from 203.0.113.0/24."),
        ("203.0.113.77:5432", "203.0.113.0/24:5432"),
        ("'203.0.113.77', None", "'203.0.113.0/24', None"),
        ("127.0.0.1:8710 0.0.0.0", "127.0.0.1:8710 0.0.0.0"),
        ("version 3.53.4", "version 3.53.4"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("[2001:db8:1:2::5]:443", "[2001:db8:1::/48]:443"),
        ("from 2001:db8:1:2::5: refused", "from 2001:db8:1::/48: refused"),
        ("ip:2001:db8:1:2::5.", "ip:2001:db8:1::/48."),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("::1", "::1"),
        ("at 12:34:56", "at 12:34:56"),
        ("std::vector", "std::vector"),
    ],
)
def test_an_address_is_shortened(text: str, expected: str) -> None:
    assert Discretion()(text) == expected


def test_a_hostile_text_of_colons_or_letters_takes_no_time() -> None:
    for text in (":" * 100_000, "a" * 100_000, "a:" * 50_000, "1." * 50_000, "=" * 100_000, '"a":' * 25_000):
        assert len(Discretion(SECRETS)(text)) <= 100_000 + 10


def test_the_credentials_of_a_setup_are_all_that_prove_who_we_are() -> None:
    relay = RelayTemplate(
        url="https://ad.example/c?v={external_id}&token=in-url&key={sub1}",
        headers={"Authorization": "Bearer in-header", "Accept": "text/html"},
        body='{"secret": "in-body", "payout": "{payout}"}',
    )
    setup = Setup(
        sources={"s": Source("s", relay=relay)},
        networks={"n": Network("n", token="a-token", hmac=Signature("X", "to-sign")), "open": Network("open")},
        archived_campaigns={"c": Campaign("c", "s", (), destinations=[RelayTemplate(headers={"X-Apitoken": "old"})])},
    )
    assert credentials(setup) == {"a-token", "to-sign", "Bearer in-header", "in-header", "in-url", "in-body", "old"}
