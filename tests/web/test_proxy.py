"""Who really calls: a trusted proxy is believed, everybody else's headers are not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from server.domain.things import Owner, Setup
from server.web.proxy import TrustedProxies
from tests.web.conftest import World

FORWARDING = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Real-IP": "203.0.113.7",
    "Forwarded": "for=203.0.113.7",
    "CF-Connecting-IP": "203.0.113.7",
    "True-Client-IP": "203.0.113.7",
    "Client-IP": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "99",
    "X-Forwarded-Prefix": "/evil",
}


def seen(peer: str, headers: dict[str, str], *trusted: str, named: str | None = None) -> dict[str, Any]:
    """What the application is told of a request from that peer."""
    told: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        told.update(environ)
        return []

    setup = Setup(owner=Owner(trusted_proxies=trusted, client_ip_header=named))
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    TrustedProxies(app, lambda: setup)(environ, lambda *_: None)
    return told


def client(peer: str, forwarded: str, *trusted: str) -> str:
    return str(seen(peer, {"X-Forwarded-For": forwarded}, *trusted)["REMOTE_ADDR"])


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("203.0.113.7/32",)])
def test_a_stranger_is_who_the_connection_says(trusted: tuple[str, ...]) -> None:
    told = seen("198.51.100.1", FORWARDING, *trusted)
    assert told["REMOTE_ADDR"] == "198.51.100.1"
    assert told["wsgi.url_scheme"] == "http"
    assert {name for name in told if name.startswith("HTTP_")} == {"HTTP_CLIENT_IP"}


@pytest.mark.parametrize(
    ("forwarded", "is_client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ('"203.0.113.7"', "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("203.0.113.7, unknown, 10.0.0.9", "10.0.0.9"),
        ("", "10.0.0.1"),
        (",,,", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.7.evil", "10.0.0.1"),
        ("203.0.113.007", "10.0.0.1"),
        ("٢٠٣.0.113.7", "10.0.0.1"),
        ("203.0.113.7\n1.1.1.1", "10.0.0.1"),
        ("1" * 10_000, "10.0.0.1"),
    ],
)
def test_of_a_trusted_proxy_the_last_address_before_the_strangers_counts(forwarded: str, is_client: str) -> None:
    assert client("10.0.0.1", forwarded, "10.0.0.0/8") == is_client


def test_a_proxy_that_speaks_ipv6_is_known_by_its_ipv4_address() -> None:
    assert client("::ffff:10.0.0.1", "203.0.113.7", "10.0.0.0/8") == "203.0.113.7"
    assert client("2001:db8::1", "203.0.113.7", "2001:db8::/64") == "203.0.113.7"
    assert client("2001:db8::1", "203.0.113.7", "10.0.0.0/8") == "2001:db8::1"


def test_where_the_owner_named_a_header_it_alone_counts() -> None:
    headers = {"CF-Connecting-IP": "203.0.113.7", "X-Forwarded-For": "1.1.1.1"}
    assert seen("10.0.0.1", headers, "10.0.0.0/8", named="CF-Connecting-IP")["REMOTE_ADDR"] == "203.0.113.7"
    assert seen("10.0.0.1", {"X-Forwarded-For": "1.1.1.1"}, "10.0.0.0/8", named="X-Mine")["REMOTE_ADDR"] == "10.0.0.1"
    assert seen("10.0.0.1", {"X-Mine": "nonsense"}, "10.0.0.0/8", named="X-Mine")["REMOTE_ADDR"] == "10.0.0.1"
    stranger = seen("198.51.100.1", {"X-Mine": "203.0.113.7"}, "10.0.0.0/8", named="X-Mine")
    assert stranger["REMOTE_ADDR"] == "198.51.100.1"
    assert "HTTP_X_MINE" not in stranger


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), ("HTTPS", "https"), ("http, https", "https"), ("gopher", "http"), ("", "http")],
)
def test_a_trusted_proxy_says_whether_it_was_https(said: str, scheme: str) -> None:
    assert seen("10.0.0.1", {"X-Forwarded-Proto": said}, "10.0.0.0/8")["wsgi.url_scheme"] == scheme


# -- through the server ----------------------------------------------------------------------------------------------

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has all of 127/8")


def test_from_a_stranger_no_header_changes_the_address_that_is_kept(world: World) -> None:
    click = world.click("/c/listed?ext=e")
    came = world.get(f"/p/listed?click_id={click}", FORWARDING)
    assert (came.status, world.postbacks(network="listed", limit=1)[0]["ip"]) == (403, "127.0.0.1")
    world.get("/c/summer?ext=stranger", FORWARDING)
    assert world.clicks(limit=1)[0]["ip"] == "127.0.0.1"


@linux
def test_from_a_trusted_proxy_the_visitor_and_the_network_are_known_by_their_own_address(world: World) -> None:
    world.request("GET", "/c/summer?ext=proxied", None, {"X-Forwarded-For": "8.8.8.8, 203.0.113.9"}, peer="127.0.0.2")
    assert world.clicks(limit=1)[0]["ip"] == "203.0.113.9"
    click = world.click("/c/listed?ext=e")
    listed = {"X-Forwarded-For": "203.0.113.9"}
    came = world.request("GET", f"/p/listed?click_id={click}&payout=1", None, listed, peer="127.0.0.2")
    assert came.text.startswith("OK accepted ")
    foreign = {"X-Forwarded-For": "203.0.113.9, 8.8.8.8"}
    assert world.request("GET", f"/p/listed?click_id={click}&payout=1", None, foreign, peer="127.0.0.2").status == 403
    assert world.postbacks(network="listed", limit=1)[0]["ip"] == "8.8.8.8"


@linux
def test_a_trusted_proxy_without_a_header_is_itself(world: World) -> None:
    assert world.request("GET", "/c/summer?ext=alone", None, {}, peer="127.0.0.2").status == 302
    assert world.clicks(limit=1)[0]["ip"] == "127.0.0.2"
