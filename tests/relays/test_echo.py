"""The echo of a test keeps what it hears, in order, and answers 200."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from server.relays.echo import Echo, Heard


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.close()


def send(echo: Echo, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(echo.url.rsplit(":", 1)[1]), timeout=10)
    try:
        connection.request(method, path, body, {"X-Id": "7"})
        came = connection.getresponse()
        return came.status, came.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", b"a=1"), ("PUT", b"\xff\x00")])
def test_what_is_sent_is_heard(echo: Echo, method: str, body: bytes | None) -> None:
    assert send(echo, method, "/conv?x=%26", body) == (200, b"OK")
    heard = echo.next(5)
    assert isinstance(heard, Heard)
    assert (heard.method, heard.path, heard.body) == (method, "/conv?x=%26", body or b"")
    assert heard.headers["X-Id"] == "7"


def test_it_is_heard_in_order_and_once(echo: Echo) -> None:
    for number in range(3):
        send(echo, "GET", f"/{number}")
    heard = [echo.next(5), echo.next(5), echo.next(5)]
    assert [one.path for one in heard if one] == ["/0", "/1", "/2"]
    assert echo.next(0.01) is None


def test_a_length_that_is_no_number_does_not_end_the_echo(echo: Echo) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(echo.url.rsplit(":", 1)[1]), timeout=10)
    connection.putrequest("POST", "/odd")
    connection.putheader("Content-Length", "minus")
    connection.endheaders()
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.getresponse()
    connection.close()
    assert send(echo, "GET", "/after") == (200, b"OK")
