"""What is a secret is known by where it stands."""

from __future__ import annotations

import pytest

from server.setup.secrecy import PLACEHOLDER, is_secret, masked


@pytest.mark.parametrize(
    ("trail", "expected"),
    [
        (("token",), True),
        (("hmac", "secret"), True),
        (("hmac", "header"), False),
        (("subs", "sub1", "token"), False),
        (("relay", "headers", "Authorization"), True),
        (("relay", "headers", "X-API-Key"), True),
        (("relay", "headers", "X-Auth"), True),
        (("relay", "headers", "Apitoken"), True),
        (("relay", "headers", "Content-Type"), False),
        (("destinations", 0, "headers", "Cookie"), True),
    ],
)
def test_a_secret_is_known_by_where_it_stands(trail: tuple[str | int, ...], expected: bool) -> None:
    assert is_secret(trail) is expected


def test_an_open_token_is_a_decision_and_no_secret() -> None:
    spec = {"token": "", "hmac": {"header": "X", "secret": "s"}, "destinations": [{"headers": {"cookie": "c"}}]}
    assert masked(spec) == {
        "token": "",
        "hmac": {"header": "X", "secret": PLACEHOLDER},
        "destinations": [{"headers": {"cookie": PLACEHOLDER}}],
    }
