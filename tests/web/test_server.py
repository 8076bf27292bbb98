"""The hardened edge: requests that are broken, too large, or meant to be read in two ways."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.storage import dialect
from tests.ad_network import setup_with
from tests.loop import running
from tests.web.conftest import FALLBACK, TOKEN, World

HOST = b"Host: trk.example.com\r\n"
END = b"Connection: close\r\n\r\n"
GET = b"GET /c/summer?ext=raw HTTP/1.1\r\n" + HOST
POST = b"POST /p/open HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLED = b"GET /c/nowhere-smuggled HTTP/1.1\r\n" + HOST + b"\r\n"

MALFORMED: dict[str, bytes] = {
    "nothing": b"\r\n\r\n",
    "no target": b"GET\r\n\r\n",
    "no version": b"GET /c/summer\r\n\r\n",
    "HTTP/0.9 with headers": b"GET /c/summer\r\n" + HOST + END,
    "a version that is none": b"GET /c/summer HTTP/9.9\r\n" + HOST + END,
    "a version of letters": b"GET /c/summer HTTP/x.y\r\n" + HOST + END,
    "bare line feeds": b"GET /c/summer HTTP/1.1\nHost: trk.example.com\n\n",
    "no host": b"GET /c/summer HTTP/1.1\r\n" + END,
    "two hosts": GET + HOST + END,
    "a header without colon": GET + b"nocolon\r\n" + END,
    "a header without name": GET + b": x\r\n" + END,
    "a blank before the colon": GET + b"X-A : b\r\n" + END,
    "a folded header": GET + b"X-A: b\r\n c\r\n" + END,
    "a header that starts folded": b"GET /c/summer HTTP/1.1\r\n X-A: b\r\n" + HOST + END,
    "a NUL in a header": GET + b"X-A: b\x00c\r\n" + END,
    "a NUL in the target": b"GET /c/\x00summer HTTP/1.1\r\n" + HOST + END,
    "an escape in a header": GET + b"User-Agent: \x1b[2J\r\n" + END,
    "a bare CR in a header": GET + b"X-A: b\rX-B: c\r\n" + END,
    "a bare CR in the first line": b"GET /c/summer\r HTTP/1.1\r\n" + HOST + END,
    "a blank in the target": b"GET /c/sum mer HTTP/1.1\r\n" + HOST + END,
    "a tab in the first line": b"GET\t/c/summer\tHTTP/1.1\r\n" + HOST + END,
    "raw bytes in the target": b"GET /c/\xc3\xa9\xff?ext=\xf0\x9f\x92\xa5\xff HTTP/1.1\r\n" + HOST + END,
    "a lone % in the target": b"GET /c/%zz%?ext=%&sub1=%z HTTP/1.1\r\n" + HOST + END,
    "a whole URL as the target": b"GET http://evil.example/c/summer HTTP/1.1\r\n" + HOST + END,
    "a URL that is none as the target": b"GET http://[::1/c/summer HTTP/1.1\r\n" + HOST + END,
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + END,
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + HOST + END,
    "a method in small letters": b"get /c/summer HTTP/1.1\r\n" + HOST + END,
    "a method of signs": b"G(E)T /c/summer HTTP/1.1\r\n" + HOST + END,
    "a method with a NUL": b"G\x00T /c/summer HTTP/1.1\r\n" + HOST + END,
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n" + END + b"a=12",
    "the same length twice": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n" + END + b"a=1",
    "a length with a sign": POST + b"Content-Length: +3\r\n" + END + b"a=1",
    "a length below nothing": POST + b"Content-Length: -3\r\n" + END + b"a=1",
    "a length in hexadecimal": POST + b"Content-Length: 0x3\r\n" + END + b"a=1",
    "a length with a fraction": POST + b"Content-Length: 3.0\r\n" + END + b"a=1",
    "a length of too many digits": POST + b"Content-Length: " + b"9" * 5000 + b"\r\n" + END,
    "a length without end": POST + b"Content-Length: " + b"9" * 400 + b"\r\n" + END,
    "a length and chunks": POST + b"Content-Length: 3\r\n" + CHUNKED + END + b"0\r\n\r\n" + SMUGGLED,
    "chunks and a length": POST + CHUNKED + b"Content-Length: 3\r\n" + END + b"0\r\n\r\n" + SMUGGLED,
    "chunks twice": POST + b"Transfer-Encoding: chunked, chunked\r\n" + END + b"0\r\n\r\n" + SMUGGLED,
    "chunks that are hidden": POST + b"Transfer-Encoding: \x0bchunked\r\n" + END + b"0\r\n\r\n",
    "chunks that are packed": POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n",
    "chunks, and then not": POST + b"Transfer-Encoding: chunked, identity\r\n" + END + b"0\r\n\r\n",
    "an encoding that is none": POST + b"Transfer-Encoding: xchunked\r\n" + END + b"0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /p/open HTTP/1.0\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk of no size": POST + CHUNKED + END + b"zz\r\nabc\r\n0\r\n\r\n",
    "a chunk of less than nothing": POST + CHUNKED + END + b"-1\r\nabc\r\n0\r\n\r\n",
    "a chunk of 0x3": POST + CHUNKED + END + b"0x3\r\na=1\r\n0\r\n\r\n",
    "a chunk of too many digits": POST + CHUNKED + END + b"F" * 40 + b"\r\n",
    "a chunk that is longer than said": POST + CHUNKED + END + b"3\r\na=123456\r\n0\r\n\r\n",
    "a chunk with an odd extension": POST + CHUNKED + END + b"3;\x00\xff\r\na=1\r\n0\r\n\r\n",
    "a form without boundary": POST + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n" + END + b"--x",
    "a type of signs": POST + b"Content-Type: \xff;;;charset=\xff\r\nContent-Length: 3\r\n" + END + b"a=1",
    "an expectation that is none": POST + b"Expect: miracles\r\nContent-Length: 3\r\n" + END + b"a=1",
    "another protocol": GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("160301020001000001fc0303") + b"\x00" * 64 + b"\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "SMTP": b"EHLO evil.example\r\nMAIL FROM:<a@b>\r\n\r\n",
    "noise": bytes(range(256)) * 8 + b"\r\n\r\n",
    "too many blanks": b"\r\n" * 2000 + GET + END,
}


AMBIGUOUS = ("a length and chunks", "chunks and a length", "chunks twice", "chunks in HTTP/1.0", "two lengths")


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_broken_request_is_refused_or_read_and_never_a_fault(world: World, raw: bytes) -> None:
    before, errors = world.missed("nowhere-smuggled"), world.loop.errors()
    came = world.raw(raw)
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", came)]
    assert set(statuses) <= {100, 200, 302, 400, 403, 404, 413, 431, 501}, came
    assert b"Traceback" not in came
    assert b"waitress" not in came
    for location in re.findall(rb"\r\nLocation: ([^\r]*)\r\n", came):
        assert location.startswith((b"https://go.example.net/in/", FALLBACK.encode()))
    assert world.missed("nowhere-smuggled") == before
    assert world.loop.errors() == errors


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_body_whose_end_two_servers_could_see_in_two_places_is_refused(world: World, name: str) -> None:
    before = world.counts()
    came = world.raw(MALFORMED[name], 5)
    assert re.findall(rb"HTTP/1\.[01] (\d{3}) ", came) == [b"400"]
    assert world.counts() == before


def test_what_is_asked_in_chunks_is_read(world: World) -> None:
    click = world.click("/c/open?ext=e")
    body = f"7\r\npayout=\r\n1\r\n6\r\n{10 + len(click):x}\r\n&click_id={click}\r\n0\r\n\r\n".encode()
    came = world.raw(POST + CHUNKED + END + body, 5)
    assert b"OK accepted " in came
    assert world.conversions(click)[0]["payout"] == "6.00"


def test_one_connection_carries_many_requests_in_order(world: World) -> None:
    pipelined = (
        GET + b"\r\n" + b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n" + b"GET /nothing HTTP/1.1\r\n" + HOST + END
    )
    came = world.raw(pipelined, 5)
    assert [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", came)] == [302, 200, 404]


# -- size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"GET /c/summer?ext=" + b"x" * 20_000 + b" HTTP/1.1\r\n" + HOST + END,
        GET + b"Cookie: " + b"x" * 20_000 + b"\r\n" + END,
        GET + b"X-A: b\r\n" * 3_000 + END,
        b"x" * 20_000,
    ],
    ids=["target", "header", "headers", "no line"],
)
def test_a_head_of_more_than_16_kib_is_431(world: World, head: bytes) -> None:
    before = world.counts()
    assert world.raw(head, 5).startswith((b"HTTP/1.1 431 ", b"HTTP/1.0 431 "))
    assert world.counts() == before


@pytest.mark.parametrize("address", ["/c/summer", "/p/open", "/go"])
def test_three_thousand_parameters_are_400_and_a_hundred_are_read(world: World, address: str) -> None:
    before = world.counts()
    asked = f"GET {address}?a{'&b=' * 3000} HTTP/1.1\r\nHost: x\r\n\r\n"
    assert world.raw(asked.encode(), 5).startswith(b"HTTP/1.1 400 ")
    assert world.counts() == before
    assert world.get(f"{address}?a{'&b=' * 100}").status != 400


def test_a_head_of_less_than_16_kib_is_read(world: World) -> None:
    assert world.get("/c/summer?sub1=" + "x" * 15_000).status == 302
    assert world.clicks(limit=1)[0]["sub1"] == "x" * 2048


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_of_more_than_64_kib_is_413(world: World, is_chunked: bool) -> None:
    before = world.counts()
    if is_chunked:
        raw = POST + CHUNKED + END + b"10000\r\n" + b"x" * 65_536 + b"\r\n10000\r\n" + b"x" * 65_536 + b"\r\n0\r\n\r\n"
    else:
        raw = POST + b"Content-Length: 70000\r\n" + END + b"x" * 70_000
    assert world.raw(raw, 5).startswith(b"HTTP/1.1 413 ")
    assert world.counts() == before


def test_a_body_of_64_kib_is_kept_whole(world: World) -> None:
    body = b"a=" + b"x" * 65_000
    came = world.request("POST", "/p/open", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (came.status, came.text) == (200, "STORED no_click_id")
    assert world.postbacks(network="open", limit=1)[0]["body"] == body.decode()


# -- connections -----------------------------------------------------------------------------------------------------


def test_connections_that_say_nothing_or_half_keep_nobody_waiting(world: World) -> None:
    with ExitStack() as stack:
        for number in range(60):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", world.port), timeout=10))
            if number % 3:
                idle.sendall((GET, POST + b"Content-Length: 100\r\n\r\nhalf")[number % 3 - 1])
        for _ in range(5):
            assert world.get("/healthz").status == 200
        assert world.click("/c/summer?ext=e")


def test_a_caller_who_hangs_up_before_the_answer_does_no_harm(world: World) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", world.port), timeout=10) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.sendall(GET + b"\r\n")
    assert world.get("/healthz").status == 200


def test_what_was_asked_before_a_stop_is_answered(tmp_path: Path) -> None:
    """Ten postbacks wait for the database while the server is told to stop: each has its answer before the end."""
    with running(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        click = loop.click()
        port = int(loop.url.rsplit(":", 1)[1])
        held = dialect.driver().connect(str(loop.folder / "tallyback.db"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        waiting = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(10)]
        for number, connection in enumerate(waiting):
            connection.request("GET", f"/p/maxi?token=a-secret&click_id={click}&payout=1&txn_id=t{number}")
        assert loop.get("/healthz").status == 200  # asked last and answered: the ten before it are under way
        stopped: list[int] = []
        stopping = threading.Thread(target=lambda: stopped.append(loop.stop()))
        stopping.start()

        def nobody_listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) != 0

        loop.until(nobody_listens)
        held.execute("COMMIT")
        held.close()
        answers = [connection.getresponse().read().decode() for connection in waiting]
        for connection in waiting:
            connection.close()
        stopping.join(15)
        assert {" ".join(answer.split()[:2]) for answer in answers} <= {"OK accepted", "STORED spooled"}
        assert stopped == [0]
        loop.start()  # takes up what went into the spool
        assert {row["txn_id"] for row in loop.rows("conversions")} == {f"t{number}" for number in range(10)}
        assert "Traceback" not in loop.errors()


def test_secrets_are_not_in_the_log(world: World) -> None:
    world.get(f"/p/maxi?token={TOKEN}&click_id=x")
    assert TOKEN not in world.loop.errors()
