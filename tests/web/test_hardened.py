"""Connections that say nothing, or a byte now and then: limited for each address, and ended by one deadline."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from server.web import hardened
from server.web.hardened import MOST_SILENT, HardenedServer

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@contextlib.contextmanager
def made(*, is_exempt: bool) -> Iterator[HardenedServer]:
    """A server with nothing behind it; loopback, exempt in life, is made a stranger here where it is asked for."""
    listening = socket.create_server(("127.0.0.1", 0))
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(1)

    def app(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "2")])  # type: ignore[operator]
        return [b"ok"]

    server = HardenedServer(
        app,
        {},
        _sock=listening,
        dispatcher=dispatcher,
        adj=Adjustments(sockets=[listening], cleanup_interval=1, asyncore_use_poll=True),
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        bind_socket=False,
        is_exempt=lambda _address: is_exempt,
        refused=lambda _why: None,
    )
    try:
        yield server
    finally:
        dispatcher.shutdown()
        wasyncore.close_all(server._map)


@contextlib.contextmanager
def served(*, is_exempt: bool) -> Iterator[int]:
    with made(is_exempt=is_exempt) as server, turning(server):
        yield int(server.socket.getsockname()[1])


@contextlib.contextmanager
def turning(server: HardenedServer) -> Iterator[None]:
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.1, use_poll=True, map=server._map, count=1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        server.pull_trigger()
        thread.join(10)


def silent(stack: contextlib.ExitStack, port: int, count: int) -> list[socket.socket]:
    return [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(count)]


def is_hung_up_on(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def asks(connection: socket.socket) -> bytes:
    connection.sendall(GET)
    came = b""
    while not came.endswith(b"ok") and (more := connection.recv(4096)):
        came += more
    return came


def test_an_address_holds_so_many_silent_connections_and_no_more() -> None:
    with served(is_exempt=False) as port, contextlib.ExitStack() as stack:
        held = silent(stack, port, MOST_SILENT)
        (refused,) = silent(stack, port, 1)
        assert is_hung_up_on(refused)
        assert asks(held[0]).endswith(b"ok"), "who had asked nothing yet may still ask"
        (next_one,) = silent(stack, port, 1)
        assert asks(next_one).endswith(b"ok"), "a connection that has asked counts no more"
        held[1].close()
        (after_one_left,) = silent(stack, port, 1)
        assert asks(after_one_left).endswith(b"ok")


def test_the_owners_proxies_and_this_machine_may_hold_more() -> None:
    with served(is_exempt=True) as port, contextlib.ExitStack() as stack:
        held = silent(stack, port, 3 * MOST_SILENT)
        assert all(asks(connection).endswith(b"ok") for connection in held)


@pytest.mark.parametrize(
    "drops", [[b"G"], [b"\r\n\r\n"], [b"GET / HT", b"TP/1.1\r\n"], [b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"]]
)
def test_a_request_that_does_not_end_is_ended(drops: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardened, "DEADLINE_S", 0.3)
    with served(is_exempt=True) as port, contextlib.ExitStack() as stack:
        (connection,) = silent(stack, port, 1)
        began = time.monotonic()
        for drop in drops:
            connection.sendall(drop)
        assert is_hung_up_on(connection)
        assert 0.3 <= time.monotonic() - began < 5


def test_who_comes_as_another_is_hung_up_on_does_not_share_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both in one turn of the loop: the new connection may get the number of the one that ends."""
    monkeypatch.setattr(hardened, "DEADLINE_S", 0.05)
    with made(is_exempt=True) as server, contextlib.ExitStack() as stack:
        port = int(server.socket.getsockname()[1])
        overdue = silent(stack, port, 5)
        while len(server.active_channels) < len(overdue):
            wasyncore.loop(timeout=1, use_poll=True, map=server._map, count=1)
        time.sleep(0.1)
        comers = silent(stack, port, 5)
        for comer in comers:
            comer.sendall(GET)
        server.next_channel_cleanup = 0  # it looks for who is overdue in this very turn
        with turning(server):
            assert all(is_hung_up_on(connection) for connection in overdue)
            assert all(comer.recv(4096).startswith(b"HTTP/1.1 200") for comer in comers)


def test_while_half_of_all_places_are_silent_patience_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardened, "PRESSED_S", 0.2)
    with made(is_exempt=True) as server, turning(server), contextlib.ExitStack() as stack:
        port = int(server.socket.getsockname()[1])
        held = silent(stack, port, server.adj.connection_limit // 2 + 1)
        began = time.monotonic()
        assert is_hung_up_on(held[0])
        assert time.monotonic() - began < 4, "five seconds are for quiet times"


def test_a_connection_may_rest_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardened, "DEADLINE_S", 0.3)
    with served(is_exempt=True) as port, contextlib.ExitStack() as stack:
        resting, dripping = silent(stack, port, 2)
        assert asks(resting).endswith(b"ok")
        dripping.sendall(b"GET /")
        assert is_hung_up_on(dripping), "the deadline has passed, and was looked at"
        assert asks(resting).endswith(b"ok")


@pytest.mark.parametrize(
    ("address", "holder"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_who_holds_an_address(address: str, holder: str) -> None:
    assert hardened.holder_of(address) == holder
