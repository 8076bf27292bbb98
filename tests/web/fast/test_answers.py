"""The fast way and the plain way, asked the same, answer the same to the byte and record the same."""

from __future__ import annotations

import re

import pytest
from flask import Response
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.web.fast.answers import is_plain
from tests.web.conftest import TOKEN, World

# A header that the fast way leaves to the plain way, and that means nothing to either.
ASIDE = b"Content-Type: text/plain\r\n"
HEADERS = [
    b"Host: trk.example.com\r\n",
    b"Host: a\r\nUser-Agent: M\xc3\xb6zilla \xff\t5.0 \r\nReferer: https://a.example/?b=c\r\nAccept-Language: de-DE,de;q=0.9\r\n",
    b"Host: a\r\nX-Forwarded-For: 203.0.113.7\r\nX-Real-IP: 9.9.9.9\r\nCookie: a=b\r\nUpgrade-Insecure-Requests: 1\r\n",
    b"Host: a\r\nUser-Agent:\r\nReferer:   \r\n",
    b"Host: a\r\nConnection: close\r\n",
    b"Host: a\r\nconnection: Keep-Alive\r\n",
]
TARGETS = [
    *(
        "/c/summer",
        "/c/summer?",
        "/c/quiz?sub1=z",
        "/c/plain?ext=1",
        "/c/nowhere",
        "/c/summer?ext=e1&sub1=zone%209&sub2=a/b&sub3=%C3%BC",
    ),
    *(
        "/c/summer?sub2=..&cost=0.0123&EXT=a&ext=b",
        "/c/summer?sub1={zoneid}&ext=null&sub2=%2e",
        "/c/summer?a;b&amp;sub1=c",
    ),
    *("/c/summer?sub1=" + "x" * 3000, "/c/summer?ext=1?sub1=2", "/c/summer?tallyback_test=nobody&ext=1", "/c/SUMMER"),
    *("/c/summer?fbclid=F1&gclid=G1&sub1='quoted'/", "/c/summer?sub2=a%0d%0aSet-Cookie:x"),
    *(
        f"/p/maxi?token={TOKEN}&click_id=nobody",
        "/p/maxi?token=wrong&click_id=x",
        "/p/open?payout=1",
        "/p/nobody?click_id=x",
    ),
    *("/p/strict?click_id=1jm2", "/p/strict?payout=1", "/p/listed?click_id=x", "/p/signed?click_id=x"),
]
CLICK_ID = re.compile(rb"[0-9a-hjkmnp-tv-z]{23}")


def same(answer: bytes) -> bytes:
    """Without what differs between any two requests."""
    answer = re.sub(rb"Date: [^\r]*", b"Date: then", answer)
    return CLICK_ID.sub(b"<click id>", answer)


PARTS = st.sampled_from(
    [
        *(
            "a",
            "/",
            "//",
            "?",
            "#",
            "%41",
            "%c3%a9",
            "%2f",
            "%",
            "%zz",
            "é",
            "..",
            ";",
            "=",
            "&",
            ":",
            "@",
            "[",
            "]",
            "~",
        ),
        *("{", "|", "'", "\\", "^", "`", "!", "(", "*", "+", ",", "$", '"', "<", "\x7f", "%7e", "%5B", "%00", ":80"),
        *("%25", "\t"),
    ]
)


@given(
    st.sampled_from(["https://go.example.net", "http://a:81", "https://a", "http://a:081"]),
    st.lists(PARTS, max_size=8).map("".join),
)
@settings(max_examples=1500, deadline=None)
@example("https://a", "/?a#")
@example("https://a", "/?")
@example("https://a", "#a?b")
def test_the_plain_way_leaves_as_it_is_what_is_plain(host: str, rest: str) -> None:
    if is_plain(host + rest):
        assert Response(headers={"Location": host + rest}).get_wsgi_headers({})["Location"] == host + rest


@pytest.mark.parametrize("rest", ["", "/", "/in/?sub1=a&s1=%20b", "/a,b;c=d?x=1?y=2#z", "?a=b"])
def test_usual_urls_are_plain(rest: str) -> None:
    assert is_plain("https://go.example.net" + rest)


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("headers", HEADERS)
def test_both_ways_answer_the_same(world: World, headers: bytes, version: bytes) -> None:
    for target in TARGETS[::6] if b"Keep-Alive" in headers else TARGETS:
        first = b"GET " + target.encode() + b" HTTP/" + version + b"\r\n"
        rest = headers + (b"" if b"onnection" in headers else b"Connection: close\r\n") + b"\r\n"
        patience_s = 5 if b"Connection: close" in rest else 0.5  # else nobody hangs up
        fast = world.raw(first + rest, patience_s)
        plain = world.raw(first + ASIDE + rest, patience_s)
        assert same(fast) == same(plain), target
        assert fast, target


COMPARED = ("campaign", "source", "path", "reason", "landing", "offer", "external_id", "cost", "currency", "language")
FACTS = ("country", "region", "isp", "device", "os", "os_version", "browser", "browser_version", "bot")


@pytest.mark.parametrize("target", [target for target in TARGETS if target.startswith(("/c/summer", "/c/quiz"))])
def test_both_ways_record_the_same_click(world: World, target: str) -> None:
    for headers in HEADERS[:4]:
        first, rest = b"GET " + target.encode() + b" HTTP/1.1\r\n", headers + b"Connection: close\r\n\r\n"
        world.raw(first + rest)
        world.raw(first + ASIDE + rest)
        one, other = world.clicks(limit=2)
        names = [
            *COMPARED,
            *FACTS,
            "ip",
            "user_agent",
            "referrer",
            "test",
            *(f"sub{number}" for number in range(1, 21)),
        ]
        assert one["id"] != other["id"]
        assert {name: one[name] for name in names} == {name: other[name] for name in names}
