"""What is read from the bytes is what Waitress's own parser reads, or is left to it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from waitress.adjustments import Adjustments

from server.web.fast.contract import misfit
from server.web.fast.reading import LONGEST, read
from server.web.parser import Parser
from tests.fuzz.requests import Maker
from tests.fuzz.words import VISITED, Known

BROWSER = (
    b"GET /c/summer?ext=a1&sub1=z%209 HTTP/1.1\r\n"
    b"Host: trk.example.com\r\n"
    b"User-Agent: Mozilla/5.0 (X11) \xc3\xa9\r\n"
    b"Accept-Language: de-DE,de;q=0.9\r\n"
    b"X-Forwarded-For: 203.0.113.7, 10.0.0.1\r\n"
    b"Connection: keep-alive\r\n\r\n"
)
PROXY = b"GET /p/maxi?token=a&click_id=b HTTP/1.0\r\nHost: trk\r\nX-Real-IP:203.0.113.7\t\r\nConnection: close\r\n\r\n"
LINES = [
    *(b"Host: trk.example.com", b"host:x", b"User-Agent:   a  b ", b"Referer: https://a.example/?b=c", b"X-A:"),
    *(b"Accept-Encoding: gzip, br", b"Upgrade-Insecure-Requests: 1", b"Cookie: a=b; c=d", b"X_Forwarded_For: 9.9.9.9"),
    *(b"X-Forwarded-For: 203.0.113.7", b"Connection: close", b"Connection: Keep-Alive", b"connection: upgrade"),
    *(b"Content-Length: 0", b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Te: x"),
    *(
        b"Upgrade: h2c",
        b"X-A: b\x00c",
        b"X-A: b\rc",
        b" folded",
        b"nocolon",
        b": x",
        b"X-A : b",
        b"X-\xff: a",
        b"X-A: \xff",
    ),
    *(b"X-A: \x7f", b"X-A: a\tb", b"X-A: \x0b", b"A(b): c", b"Content-Type: a/b"),
]
FIRST = [
    *(
        b"GET /c/summer HTTP/1.1",
        b"GET /c/summer?a=b&c=%zz HTTP/1.1",
        b"GET /p/maxi?x=1 HTTP/1.0",
        b"GET /c/a.b~c-d_e HTTP/1.1",
    ),
    *(
        b"GET /c/../x HTTP/1.1",
        b"GET /c/a%20b HTTP/1.1",
        b"GET /c/a/b HTTP/1.1",
        b"GET /c/?x HTTP/1.1",
        b"get /c/a HTTP/1.1",
    ),
    *(
        b"GET /c/a?b#c HTTP/1.1",
        b"GET /c/a??b=c HTTP/1.1",
        b"GET /c/a?\xff HTTP/1.1",
        b"GET  /c/a HTTP/1.1",
        b"GET /c/a HTTP/2.0",
    ),
    *(
        b"GET http://evil/c/a HTTP/1.1",
        b"GET //c/a HTTP/1.1",
        b"GET /c/a HTTP/1.1 ",
        b"HEAD /c/a HTTP/1.1",
        b"GET /c/a\r",
    ),
    *(
        b"POST /p/maxi HTTP/1.1",
        b'GET /c/a?b="<>^`{|}\\ HTTP/1.1',
        b"GET /c/a;b=c HTTP/1.1",
        b"GET /go?click=x HTTP/1.1",
    ),
]


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Made of real lines, sometimes with a byte set wrong, cut off, or with something behind the end."""
    lines = draw(st.lists(st.sampled_from(LINES), max_size=6))
    raw = b"\r\n".join([draw(st.sampled_from(FIRST)), *lines]) + b"\r\n\r\n"
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(raw)))
        piece = draw(
            st.sampled_from([b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"\xff", b"?", b"#", b"%", b"/"])
        )
        raw = raw[:at] + piece + raw[at + draw(st.integers(0, 1)) :]
    return raw + draw(st.sampled_from([b"", b"", b"", b"GET", b"\r\n"]))


@given(requests())
@settings(max_examples=600, deadline=None)
@example(BROWSER)
@example(PROXY)
def test_ours_reads_what_waitress_reads_or_declines(raw: bytes) -> None:
    is_read_alike_or_declined(raw)


def test_the_same_for_what_the_fuzz_sends() -> None:
    maker = Maker(20_260_321, Known({where: ["1jm2v586g00012jcbadzbr0"] for where in VISITED}, "127.0.0.1:9"))
    read_here = sum(is_read_alike_or_declined(maker.attempt(number).raw) for number in range(2_000))
    assert read_here > 400, "else it is declined too soon, and this shows nothing"


def is_read_alike_or_declined(raw: bytes) -> bool:
    """Whether it was read at all."""
    asked = read(raw)
    if asked is None:
        return False
    theirs = Parser(Adjustments())
    assert theirs.received(raw) == len(raw)
    assert theirs.completed
    assert theirs.error is None
    assert not theirs.empty
    assert theirs.get_body_stream().read() == b""
    assert (theirs.command, theirs.path) == ("GET", f"/{asked.kind}/{asked.key}")
    assert theirs.query.encode("latin-1") == asked.query
    assert theirs.fragment == ""
    assert theirs.headers == asked.headers
    assert (theirs.version == "1.0", not theirs.connection_close) == (asked.is_old, asked.stays_open)
    return True


@pytest.mark.parametrize(
    "raw", [BROWSER, PROXY, b"GET /c/summer HTTP/1.1\r\n\r\n", b"GET /c/a??b=c HTTP/1.1\r\nA: b\r\n\r\n"]
)
def test_what_visitors_and_proxies_send_is_not_declined(raw: bytes) -> None:
    assert read(raw) is not None


@pytest.mark.parametrize(
    "line", [b"Content-Length: 0", b"Expect: 100-continue", b"Host: twice", b"X_A: b", b"Upgrade: h2c"]
)
def test_what_is_unusual_is_declined(line: bytes) -> None:
    assert read(b"GET /c/summer HTTP/1.1\r\nHost: once\r\n" + line + b"\r\n\r\n") is None


def test_a_long_request_is_declined() -> None:
    assert read(b"GET /c/summer?" + b"a" * LONGEST + b" HTTP/1.1\r\n\r\n") is None


def test_waitress_is_as_the_fast_way_knows_it() -> None:
    assert misfit() is None
