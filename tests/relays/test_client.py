"""The client against destinations that are slow, endless, broken, lying or gone."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from server.domain.retry import Answer, Failure
from server.relays import client
from server.relays.client import Client
from server.relays.message import Reply, Request
from tests.relays.raw_server import RawServer, answer, free_port, heard, says

NOW = 1_795_270_000_000  # 2026-11-21T14:06:40Z
LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture(autouse=True, scope="module")
def _one_context() -> Iterator[None]:
    """Nothing here speaks TLS, and to read the certificates of the system anew each time takes a while."""
    context = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lambda: context)
        yield


def send(url: str, *, method: str = "GET", body: str = "", success: str | None = None) -> Reply:
    async def go() -> Reply:
        sender = Client()
        try:
            return await sender.send(Request(method, url, {"X-Id": "7"}, body, LOOPBACK, success), NOW)
        finally:
            await sender.close()

    return asyncio.run(go())


def said_to(raw: bytes) -> Reply:
    with RawServer(says(raw)) as server:
        return send(server.url)


# -- what is sent ----------------------------------------------------------------------------------------------------


def test_a_request_goes_out_as_it_was_rendered() -> None:
    requests: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        requests.append(heard(connection))
        connection.sendall(answer())

    body = json.dumps({"name": "Zoë"}, ensure_ascii=False)
    with RawServer(talk) as server:
        reply = send(f"{server.url}/a%2Fb?x=%26&y=%C3%A9", method="POST", body=body)
        port = server.port
    assert (reply.result, reply.text, reply.error) == (Answer(200), "OK", None)
    assert requests == [
        b"POST /a%2Fb?x=%26&y=%C3%A9 HTTP/1.1\r\n"
        b"Host: 127.0.0.1:" + str(port).encode() + b"\r\n"
        b"Connection: keep-alive\r\n"
        b"User-Agent: Tallyback\r\n"
        b"Accept: */*\r\n"
        b"Accept-Encoding: identity\r\n"
        b"X-Id: 7\r\n"
        b"Content-Length: 16\r\n\r\n" + b'{"name": "Zo\xc3\xab"}'
    ]


def test_a_connection_that_stays_open_is_used_again_and_one_that_was_closed_is_not() -> None:
    closed = threading.Event()

    def talk(connection: socket.socket) -> None:
        for _ in range(2):
            if heard(connection):
                connection.sendall(answer())
        connection.close()
        closed.set()

    async def go(url: str) -> list[Reply]:
        sender = Client()
        request = Request("GET", url, {}, "", LOOPBACK)
        try:
            replies = [await sender.send(request, NOW) for _ in range(2)]
            await asyncio.to_thread(closed.wait, 10)
            return [*replies, await sender.send(request, NOW)]
        finally:
            await sender.close()

    with RawServer(talk) as server:
        assert [reply.result for reply in asyncio.run(go(server.url))] == [Answer(200)] * 3
        assert server.connections == 2


def test_the_environment_names_no_proxy_for_a_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(says(answer(b"proxy"))) as proxy, RawServer(says(answer(b"direct"))) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert send(server.url).text == "direct"
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1:1/", {"X-Name": "Zoë"}),
        ("http://127.0.0.1:1/", {"X-Name": "a\r\nb"}),
        ("http://127.0.0.1:99999/", {}),
        ("http://xn--/", {}),
    ],
)
def test_what_cannot_be_sent_ends_its_own_attempt_and_nothing_else(url: str, headers: dict[str, str]) -> None:
    async def go() -> Reply:
        sender = Client()
        try:
            return await sender.send(Request("GET", url, headers, "", LOOPBACK), NOW)
        finally:
            await sender.close()

    reply = asyncio.run(go())
    assert isinstance(reply.result, Failure)
    assert reply.error


# -- what comes back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 429, 500, 599])
def test_every_status_is_an_answer(status: int) -> None:
    reply = said_to(f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode())
    assert reply.result == Answer(status)
    assert reply.text == ""


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with RawServer(says(answer(b"canary"))) as canary:
        reply = said_to(answer(b"moved", "302 Found", f"Location: {canary.url}/"))
        assert (reply.result, reply.text) == (Answer(302), "moved")
        assert canary.connections == 0


def test_the_success_text_has_to_be_in_the_answer() -> None:
    with RawServer(says(answer(b'{"status": "success"}'))) as server:
        assert send(server.url, success='"success"').result == Answer(200, says_success=True)
    with RawServer(says(answer(b'{"status": "error"}'))) as server:
        assert send(server.url, success='"success"').result == Answer(200, says_success=False)


def test_the_success_text_is_looked_for_beyond_what_is_kept() -> None:
    with RawServer(says(answer(b" " * 60_000 + b"success"))) as server:
        reply = send(server.url, success="success")
        assert reply.result == Answer(200, says_success=True)
        assert reply.text == " " * 2048


def test_no_more_than_64_kib_of_an_answer_are_read() -> None:
    sent = 0
    chunk = b"x" * 65536

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        heard(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 512 * 1024 * 1024:
            sent += connection.send(chunk)

    with RawServer(endless) as server:
        reply = send(server.url, success="x" * 65537)
    assert reply.result == Answer(200, says_success=False)
    assert reply.text == "x" * 2048
    assert sent < 32 * 1024 * 1024  # what fits into the buffers of two sockets, and no more


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_an_answer_that_was_packed_without_being_asked_is_read(encoding: str, pack) -> None:
    reply = said_to(answer(pack(b"success"), "200 OK", f"Content-Encoding: {encoding}"))
    assert reply.text == "success"


def test_a_bomb_is_not_unpacked_beyond_64_kib() -> None:
    bomb = gzip.compress(b"x" * 60_000_000)
    assert len(bomb) < 65_536
    with RawServer(says(answer(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
        send(server.url)  # what is loaded once is not what is measured
        tracemalloc.start()
        try:
            reply = send(server.url, success="x" * 65537)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert reply.result == Answer(200, says_success=False)
    assert reply.text == "x" * 2048
    assert peak < 5 * 1024 * 1024


def test_what_is_called_gzip_and_is_not_is_kept_as_it_came() -> None:
    assert said_to(answer(b"plain words", "200 OK", "Content-Encoding: gzip")).text == "plain words"


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert said_to(answer(b"a\x00b\xff\xfec")).text == "a�b��c"


# -- Retry-After -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "milliseconds"),
    [
        ("7", 7_000),
        (" 7 ", 7_000),
        ("0", 0),
        ("1000000000", 1_000_000_000_000),
        ("9" * 40, 1_000_000_000_000),
        ("Sat, 21 Nov 2026 14:07:40 GMT", 60_000),
        ("Saturday, 21-Nov-26 14:07:40 GMT", 60_000),
        ("Sat Nov 21 14:07:40 2026", 60_000),
        ("Sat, 21 Nov 2026 14:07:40 -0000", 60_000),
        ("Sat, 21 Nov 2026 15:07:40 +0100", 60_000),
        ("Sat, 21 Nov 2026 14:06:40 GMT", None),
        ("Fri, 20 Nov 2026 14:06:40 GMT", None),
        ("-1", None),
        ("7.5", None),
        ("1e3", None),
        ("7 seconds", None),
        ("soon", None),
        ("\xb2", None),
        ("Sat, 99 Nov 2026 14:07:40 GMT", None),
        ("Sat, 21 Nov 99999 14:07:40 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    header: str, milliseconds: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # where the server stands must not matter
    time.tzset()
    try:
        head = f"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: {header}\r\n\r\n"
        reply = said_to(head.encode("latin-1"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert reply.result == Answer(429, retry_after=milliseconds)


# -- destinations that take their time -------------------------------------------------------------------------------


def drips(start: bytes, drop: bytes) -> tuple[RawServer, list[float]]:
    """Says the start, then a drop every twentieth of a second until nobody listens."""
    ended: list[float] = []

    def talk(connection: socket.socket) -> None:
        heard(connection)
        connection.sendall(start)
        try:
            while not server.stopped.wait(0.05):
                connection.sendall(drop)
        finally:
            ended.append(time.monotonic())

    server = RawServer(talk)
    return server, ended


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "headers", "status line"],
)
def test_an_answer_that_drips_ends_at_the_wall_clock(
    start: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WALL_S", 1.0)
    server, ended = drips(start, drop)
    with server:
        began = time.monotonic()
        reply = send(server.url)
        took = time.monotonic() - began
        assert reply.result == Failure("timeout")
        assert 0.9 < took < 3
        assert 900 <= reply.milliseconds < 3000
        while not ended and time.monotonic() < began + 10:
            threading.Event().wait(0.01)
        assert ended, "the connection was left open"


def test_what_came_of_an_answer_before_the_wall_clock_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "WALL_S", 0.5)
    server, _ = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nit began well", b".")
    with server:
        reply = send(server.url, success="began")
    assert reply.result == Failure("timeout")
    assert reply.text.startswith("it began well.")


def test_silence_ends_with_the_read_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ_S", 0.3)

    def talk(connection: socket.socket) -> None:
        heard(connection)
        server.stopped.wait(10)

    with RawServer(talk) as server:
        reply = send(server.url)
    assert reply.result == Failure("timeout")
    assert reply.milliseconds < 3000


# -- destinations that break off -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a number\r\n",
        b"HTTP/9.9 banana\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\nab",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_an_answer_that_breaks_off_or_is_none_is_broken_off(raw: bytes) -> None:
    reply = said_to(raw)
    assert reply.result == Failure("broken_off")
    assert reply.error


def test_a_connection_that_is_reset_is_broken_off() -> None:
    def talk(connection: socket.socket) -> None:
        heard(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    with RawServer(talk) as server:
        assert send(server.url).result == Failure("broken_off")


# -- destinations that are not there ---------------------------------------------------------------------------------


def test_a_refused_connection_is_connect() -> None:
    reply = send(f"http://127.0.0.1:{free_port()}/")
    assert reply.result == Failure("connect")
    assert reply.error


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        UnicodeError("label too long"),
        OSError("no network"),
    ],
)
def test_a_name_that_leads_nowhere_is_dns(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    reply = send("http://conversions.example/")
    assert reply.result == Failure("dns")
    assert reply.error == f"conversions.example: {error}"


def test_name_servers_that_do_not_answer_are_dns_and_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system waits half a minute for dead name servers: neither another relay nor a stop may wait with it."""
    monkeypatch.setattr(client, "CONNECT_S", 1.0)
    answered = threading.Event()
    real = socket.getaddrinfo

    def slow(host: object, *rest: object, **more: object) -> object:
        if str(host).endswith(".example"):
            answered.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def go(port: int) -> list[Reply]:
        sender = Client()
        urls = [f"http://dead{number}.example/" for number in range(40)] + [f"http://localhost:{port}/"]
        try:
            return await asyncio.gather(*(sender.send(Request("GET", url, {}, "", LOOPBACK), NOW) for url in urls))
        finally:
            await sender.close()

    try:
        with RawServer(says(answer())) as server:
            began = time.monotonic()
            replies = asyncio.run(go(server.port))
            took = time.monotonic() - began
    finally:
        answered.set()
    assert {reply.result for reply in replies[:-1]} == {Failure("dns")}
    assert replies[-1].result == Answer(200)
    assert took < 5


@pytest.mark.parametrize("url", ["http:///", "http://[::1", "http://a b/", "ftp://127.0.0.1/"])
def test_a_url_that_is_none_fails_before_anything_is_sent(url: str) -> None:
    reply = send(url)
    assert isinstance(reply.result, Failure)
    assert reply.result.kind in ("dns", "connect")
    assert reply.error
