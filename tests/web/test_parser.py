"""Waitress's parser as we use it: what is a request, when it is whole, and what is said where it is refused."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from server.web.parser import Parser
from tests.web.conftest import World

HOST = b"Host: trk.example.com\r\n"


@pytest.mark.parametrize("blank", [b"\r\n\r\n", b"\r\n\r\n\r\n\r\n", b" \r\n\r\n"])
def test_blank_lines_are_no_request(blank: bytes) -> None:
    parser = Parser(Adjustments())
    taken = 0
    while taken < len(blank):
        taken += parser.received(blank[taken:])
    assert not parser.completed, "else whoever sent them would hold the connection as one who has asked"
    parser.received(b"GET /c/summer HTTP/1.1\r\n" + HOST + b"\r\n")
    assert (parser.completed, parser.error, parser.path) == (True, None, "/c/summer")


def test_a_target_of_raw_bytes_is_read_and_kept_as_it_came(world: World) -> None:
    click = world.click("/c/open?ext=e")
    query = b"event=\xc3\xa9t\xff&payout=1&click_id=" + click.encode()
    came = world.raw(b"GET /p/open?" + query + b"#x HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n", 2)
    assert b"\r\n\r\nOK accepted " in came
    [kept] = world.postbacks(click=click)
    assert kept["query"] == query.decode("utf-8", "backslashreplace")
    [conversion] = world.conversions(click)
    assert conversion["event"] == "ét%FF"


def test_a_path_of_raw_bytes_is_that_of_its_escapes() -> None:
    raw, escaped = Parser(Adjustments()), Parser(Adjustments())
    raw.received(b"GET /c/\xc3\xa9?a=\xff?b#\xff HTTP/1.0\r\n\r\n")
    escaped.received(b"GET /c/%C3%A9?a=%FF?b#%FF HTTP/1.0\r\n\r\n")
    assert raw.path == escaped.path == "/c/\xc3\xa9"
    assert raw.query == "a=\xff?b"
    assert raw.completed


@pytest.mark.parametrize(
    "first", [b"GET /c/summer?ext=e HTTP/1.1\r\n", b"POST /p/open HTTP/1.1\r\nContent-Length: 0\r\n"]
)
def test_who_expects_to_go_on_and_has_nothing_more_to_say_is_answered(world: World, first: bytes) -> None:
    came = world.raw(first + HOST + b"Expect: 100-continue\r\nConnection: close\r\n\r\n", 2)
    assert came.startswith((b"HTTP/1.1 302 ", b"HTTP/1.1 200 "))


def test_who_expects_to_go_on_with_a_body_is_told_to(world: World) -> None:
    head = b"POST /p/open HTTP/1.1\r\nContent-Length: 8\r\nExpect: 100-continue\r\nConnection: close\r\n" + HOST
    came = world.raw(head + b"\r\npayout=1", 2)
    assert came.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


def test_who_expects_to_go_on_with_too_much_is_refused_at_once(world: World) -> None:
    head = b"POST /p/open HTTP/1.1\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n" + HOST
    assert world.raw(head + b"\r\n", 2).startswith(b"HTTP/1.1 413 ")


def test_who_is_refused_hears_once_that_we_hang_up(world: World) -> None:
    came = world.raw(b"GET /c/summer HTTP/x.y\r\nConnection: keep-alive\r\n" + HOST + b"\r\n", 2)
    assert came.startswith(b"HTTP/1.0 400 ")
    assert came.lower().count(b"\r\nconnection:") == 1
    assert b"\r\nConnection: close\r\n" in came
