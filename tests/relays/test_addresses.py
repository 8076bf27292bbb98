"""Which addresses a relay may reach, however they are written, and whatever the name servers say next."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from server.domain.retry import Answer, Failure
from server.relays.addresses import CheckedBackend, is_allowed
from server.relays.client import Client
from server.relays.message import Reply, Request
from tests.relays.raw_server import RawServer, answer, free_port, says

PRIVATE = {
    "loopback": ("127.0.0.1", "127.255.255.254", "::1"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "private": ("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fd12:3456::1"),
    "carrier-grade NAT": ("100.64.0.1", "100.127.255.255"),
    "link-local": ("169.254.0.1", "169.254.255.255", "fe80::1", "febf::1"),
    "metadata": ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"),
    "mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
    "compatible": ("::127.0.0.1", "::10.0.0.1", "::a9fe:a9fe"),
    "NAT64": ("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::a00:1"),
    "6to4": ("2002:7f00:1::1", "2002:a9fe:a9fe::", "2002:a00:1::", "192.88.99.1"),
    "Teredo": ("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    "site-local": ("fec0::1", "feff::1"),
    "multicast": ("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "benchmarking": ("198.18.0.1", "198.19.255.255"),
    "reserved": ("240.0.0.1", "255.255.255.255", "192.0.0.1", "4000::1", "5f00::1", "100::1"),
}
PUBLIC = ("8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "169.253.255.255", "2606:4700::1111")
EVERYTHING = ("0.0.0.0/0", "::/0")


@pytest.fixture(autouse=True, scope="module")
def _one_context() -> Iterator[None]:
    """Nothing here speaks TLS, and to read the certificates of the system anew each time takes a while."""
    context = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lambda: context)
        yield


def allowed(address: str, *ranges: str) -> bool:
    return is_allowed(ipaddress.ip_address(address), [ipaddress.ip_network(one) for one in ranges])


@pytest.mark.parametrize("address", [address for addresses in PRIVATE.values() for address in addresses])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached(address: str) -> None:
    assert allowed(address)
    assert allowed(address, "10.0.0.0/8")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.2", "100.64.0.1", "fd12::1", "::1"])
def test_a_range_that_the_owner_named_is_reached(address: str) -> None:
    assert allowed(address, *EVERYTHING)


def test_a_range_opens_itself_and_nothing_beside_it() -> None:
    assert allowed("192.168.1.7", "192.168.1.0/24")
    assert allowed("::ffff:192.168.1.7", "192.168.1.0/24")
    assert not allowed("192.168.2.7", "192.168.1.0/24")
    assert not allowed("127.0.0.1", "192.168.1.0/24")
    assert not allowed("::1", "0.0.0.0/0")


@pytest.mark.parametrize("address", [*PRIVATE["link-local"], "169.254.169.254", "::ffff:169.254.169.254"])
def test_link_local_is_never_reached_whatever_the_owner_named(address: str) -> None:
    assert not allowed(address, *EVERYTHING, "169.254.0.0/16", "fe80::/10")


# -- however it is written -------------------------------------------------------------------------------------------


def send(url: str, *ranges: str) -> Reply:
    async def go() -> Reply:
        sender = Client()
        try:
            return await sender.send(Request("GET", url, {}, "", ranges), 0)
        finally:
            await sender.close()

    return asyncio.run(go())


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
        ),
        *("0", "0.0.0.0", "①②⑦.⓪.⓪.①", "127。0。0。1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        *("8.8.8.8@127.0.0.1", "user:pass@127.0.0.1", "127.0.0.1#@8.8.8.8:80/", "127.0.0.1?@8.8.8.8/"),
    ],
)
def test_no_way_to_write_this_machine_reaches_it(host: str) -> None:
    with RawServer(says(answer(b"canary"))) as canary:
        head, sign, tail = host.partition("#") if "#" in host else host.partition("?")
        reply = send(f"http://{head}:{canary.port}/{sign}{tail}")
        assert canary.connections == 0
    assert isinstance(reply.result, Failure)
    assert reply.result.kind in ("blocked_ip", "dns")


def test_a_blocked_address_is_named_in_the_error() -> None:
    reply = send("http://localhost:1/")
    assert reply.result == Failure("blocked_ip")
    assert reply.error in {
        f"localhost leads to {address}, which relays may not reach" for address in ("127.0.0.1", "::1")
    }


def test_two_destinations_do_not_borrow_each_others_ranges() -> None:
    async def go(url: str) -> list[Reply]:
        sender = Client()
        try:
            requests = [Request("GET", url, {}, "", ranges) for ranges in (("127.0.0.0/8",), ())]
            return [await sender.send(request, 0) for request in requests]
        finally:
            await sender.close()

    with RawServer(says(answer())) as server:
        assert [reply.result for reply in asyncio.run(go(server.url))] == [Answer(200), Failure("blocked_ip")]


# -- whatever the name servers say -----------------------------------------------------------------------------------


class Resolver:
    """Name servers that a test writes: the answer to each question in turn, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in zip(families, addresses, strict=True)
        ]


class Recorder(httpcore.AsyncNetworkBackend):
    """Stands where connections are made, and makes none."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        raise httpcore.ConnectError("nobody there")


def connected_to(monkeypatch: pytest.MonkeyPatch, resolver: Resolver, *ranges: str) -> list[str]:
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    backend = CheckedBackend(ranges)
    backend._backend = recorder = Recorder()
    with pytest.raises(httpcore.ConnectError):
        asyncio.run(backend.connect_tcp("rebinding.example", 80, 5.0))
    return recorder.connected


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(["8.8.8.8"], ["127.0.0.1"])
    assert connected_to(monkeypatch, resolver) == ["8.8.8.8"]
    assert resolver.asked == ["rebinding.example"]


def test_of_several_addresses_only_the_public_ones_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(["127.0.0.1", "::1", "8.8.8.8", "10.0.0.1", "2606:4700::1111"])
    assert connected_to(monkeypatch, resolver) == ["8.8.8.8", "2606:4700::1111"]


def test_a_name_that_leads_to_private_addresses_alone_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connected_to(monkeypatch, Resolver(["0.0.0.0"])) == []  # what ad-blocking name servers answer
    assert connected_to(monkeypatch, Resolver(["127.0.0.1", "fe80::1%eth0"])) == []


def test_one_address_of_each_family_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(["2606:4700::1", "2606:4700::2", "8.8.8.8", "8.8.4.4"])
    assert connected_to(monkeypatch, resolver) == ["2606:4700::1", "8.8.8.8"]


def test_a_resolver_that_turns_to_this_machine_after_the_check_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: recorder)
    with RawServer(says(answer(b"canary"))) as canary:
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(["8.8.8.8"], ["127.0.0.1"]))
        assert send(f"http://rebinding.example:{canary.port}/").result == Failure("connect")
        assert send(f"http://rebinding.example:{canary.port}/").result == Failure("blocked_ip")
        assert canary.connections == 0
    assert recorder.connected == ["8.8.8.8"]


def test_where_one_family_leads_nowhere_the_other_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(says(answer(b"found"))) as server:
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(["::1", "127.0.0.1"]))
        reply = send(f"http://dual.example:{server.port}/", "127.0.0.0/8", "::1/128")
    assert (reply.result, reply.text) == (Answer(200), "found")


def test_where_no_address_answers_it_is_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(["::1", "127.0.0.1"]))
    assert send(f"http://dual.example:{free_port()}/", "127.0.0.0/8", "::1/128").result == Failure("connect")
