"""Our token in a request: the plain way and the careful one let the same through and leave the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.things import Network, Signature
from server.pipeline.receipt import Receipt, plainly_opened, refusal_of, without_token

TOKEN = "s3cret-of-maxi"
NETWORK = Network("maxi", token=TOKEN)
_PARTS = ("token=", "TOKEN=", "mytoken=", TOKEN, TOKEN[:5], "&", "&amp;", "?", "=", "%3D", " ", "a=1", "***", "é")


def receipt(query: str, body: bytes = b"") -> Receipt:
    return Receipt(0, "maxi", "GET", query.encode(), body, "", "192.0.2.7", {})


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (f"token={TOKEN}", b"token=***"),
        (f"token={TOKEN}&click_id=1", b"token=***&click_id=1"),
        (f"click_id=1&token={TOKEN}", b"click_id=1&token=***"),
        (f"a=1&token={TOKEN}&click_id=1", b"a=1&token=***&click_id=1"),
    ],
)
def test_a_token_as_our_links_write_it_is_cut_out_at_once(query, left):
    opened = plainly_opened(receipt(query), NETWORK)
    assert opened is not None
    assert opened.query == left


@pytest.mark.parametrize(
    "query",
    [
        "",
        "click_id=1",
        "token=",
        f"token={TOKEN}x",
        f"mytoken={TOKEN}",
        f"a=1&amp;token={TOKEN}",
        f"token={TOKEN}&token={TOKEN}",
        f"token={TOKEN}&sub1={TOKEN}",
        f"TOKEN={TOKEN}",
    ],
)
def test_anything_else_is_left_to_the_careful_way(query):
    assert plainly_opened(receipt(query), NETWORK) is None


@pytest.mark.parametrize(
    "network",
    [
        Network("maxi"),
        Network("maxi", token=TOKEN, ips=("192.0.2.0/24",)),
        Network("maxi", token=TOKEN, hmac=Signature("X-Sign", "key")),
    ],
)
def test_a_network_that_asks_for_more_goes_the_careful_way(network):
    assert plainly_opened(receipt(f"token={TOKEN}"), network) is None


def test_a_body_is_looked_through():
    assert plainly_opened(receipt(f"token={TOKEN}", f"token={TOKEN}".encode()), NETWORK) is None


@given(st.lists(st.sampled_from(_PARTS) | st.text(max_size=3), max_size=8).map("".join))
def test_both_ways_agree(query):
    asked = receipt(query)
    opened = plainly_opened(asked, NETWORK)
    if opened is not None:
        assert refusal_of(asked, NETWORK) is None
        assert opened == without_token(asked, NETWORK)
