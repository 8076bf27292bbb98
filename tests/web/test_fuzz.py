"""Fifteen hundred hostile requests, the same ones each time: no fault, no traceback, and the server goes on."""

from __future__ import annotations

import random
import re
import socket
from urllib.parse import urlsplit

from tests.web.conftest import FALLBACK, TOKEN, World
from tests.web.test_visit import NAUGHTY

REQUESTS = 1500
SEED = 20_260_321
METHODS = [*["GET"] * 6, *["POST"] * 4, "HEAD", "PUT", "OPTIONS", "DELETE", "get", "X" * 50]
PATHS = [
    *(
        "/c/summer",
        "/c/quiz",
        "/c/open",
        "/c/nowhere",
        "/go",
        "/p/maxi",
        "/p/open",
        "/p/strict",
        "/p/signed",
        "/p/nobody",
    ),
    *("/healthz", "/", "/c/", "/p/", "/t.js", "/t/summer", "/pixel/maxi.gif", "/pixel/open.gif"),
]
NAMES = [
    *(
        "click_id",
        "clickid",
        "payout",
        "amount",
        "sale_amount",
        "status",
        "event",
        "txn_id",
        "currency",
        "token",
        "time",
    ),
    *("ext", "cost", "sub1", "sub20", "click", "offer", "fbclid", "tallyback_test", "custom1", "", "a[b]", "__proto__"),
]
TYPES = [
    *("application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""),
    *("multipart/form-data", "application/json; charset=utf-16", "text/html; charset=latin-1", "a/b; charset=rot13"),
]
VALUES = [
    *NAUGHTY,
    *(
        "",
        "0",
        "1.5",
        "1,234",
        "99999999999999999999",
        "Infinity",
        "1" * 4000,
        "null",
        "undefined",
        "{click_id}",
        "%sub%",
    ),
    *(
        "approved",
        "rejected",
        "chargeback",
        "pending",
        "nonsense",
        "USD",
        "XXX",
        "€12",
        "-5",
        "1760000000",
        "2026-13-45",
    ),
]
PIECES = [b"\r\n", b"\x00", b"\xff", b"%", b"&", b"=", b"?", b" ", b"[", b"{", b'"', b"\\", b"+", b";", b"\xc3\xa4"]


class Fuzz:
    def __init__(self, clicks: list[str]) -> None:
        self._chance = random.Random(SEED)
        self._clicks = clicks

    def request(self) -> bytes:
        chance = self._chance
        path, query, body = chance.choice(PATHS).encode(), self._pairs(), self._body()
        if chance.random() < 0.1:
            path += self._noise(20)
        head = [chance.choice(METHODS).encode() + b" " + path + b"?" + query + b" HTTP/1.1", b"Host: x"]
        if body or chance.random() < 0.2:
            head.append(b"Content-Length: " + str(len(body)).encode())
            head.append(b"Content-Type: " + chance.choice(TYPES).encode())
        names = (b"User-Agent", b"Referer", b"X-Forwarded-For", b"X-Signature", b"Accept-Language", b"Cookie")
        head += [name + b": " + chance.choice(VALUES).encode() for name in names if chance.random() < 0.3]
        if chance.random() < 0.05:
            head.insert(chance.randrange(1, len(head) + 1), self._noise(30))
        return b"\r\n".join([*head, b"Connection: close", b"", b""]) + body

    def _pairs(self) -> bytes:
        pairs = [self._pair() for _ in range(self._chance.choice((0, 1, 3, 8, 40)))]
        return self._chance.choice((b"&", b"&", b"&", b";", b"&amp;", b"?")).join(pairs)[:12_000]

    def _pair(self) -> bytes:
        chance = self._chance
        value = chance.choice([*VALUES, TOKEN, *self._clicks, chance.choice(self._clicks)[: chance.randrange(24)]])
        raw = value.encode()
        if chance.random() < 0.8:
            raw = b"".join(bytes([byte]) if chr(byte).isalnum() and byte < 128 else b"%%%02X" % byte for byte in raw)
        else:
            raw = re.sub(rb"[\s\x00]", b"+", raw)
        if chance.random() < 0.1:
            raw += re.sub(rb"[\s\x00]", b"", self._noise(10))
        return chance.choice(NAMES).encode() + b"=" + raw

    def _body(self) -> bytes:
        kind = self._chance.random()
        if kind < 0.5:
            return b""
        if kind < 0.7:
            return self._pairs()
        if kind < 0.9:
            pairs = (f'"{self._chance.choice(NAMES)}": {self._literal()}' for _ in range(self._chance.randrange(6)))
            return ("{" + ", ".join(pairs) + self._chance.choice(("}", "}", "}", "", "]"))).encode()
        return self._noise(400)

    def _literal(self) -> str:
        chance = self._chance
        literals = [
            "1e999",
            "NaN",
            "-0",
            "1.5",
            "true",
            "null",
            '"\\ud800"',
            '{"a": [1]}',
            "[]",
            '"\\u0000"',
            "01",
            "1" * 500,
        ]
        return chance.choice([*literals, f'"{chance.choice(self._clicks)}"', f'"{TOKEN}"'])

    def _noise(self, most: int) -> bytes:
        return b"".join(self._chance.choice([*PIECES, bytes([self._chance.randrange(256)])]) for _ in range(most))


def test_no_request_is_a_fault(world: World) -> None:
    errors = world.loop.errors()
    fuzz = Fuzz([world.click("/c/summer?ext=f"), world.click("/c/open?ext=f"), world.click("/c/quiz?ext=f")])
    answered = 0
    for number in range(REQUESTS):
        raw = fuzz.request()
        came = exchange(world.port, raw)
        statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", came.partition(b"\r\n\r\n")[0])]
        assert set(statuses) <= {200, 302, 400, 403, 404, 413, 431, 501}, (number, raw, came)
        answered += bool(statuses)
        for location in re.findall(rb"\r\nLocation: ([^\r]*)\r\n", came):
            allowed = {"go.example.net", "lp.example.com", urlsplit(FALLBACK).netloc}
            assert urlsplit(location.decode("ascii")).netloc in allowed, (number, raw, came)
    assert answered > REQUESTS * 0.95
    assert world.loop.errors() == errors
    assert world.click("/c/summer?ext=after")
    assert [one for one in world.postbacks(network="maxi") if TOKEN in str(one)] == []


def exchange(port: int, raw: bytes) -> bytes:
    """The first whole answer, or what came of it before the server hung up; silence is an error."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        came = b""
        try:
            connection.sendall(raw)
            while not is_whole(came, raw) and (more := connection.recv(65536)):
                came += more
        except ConnectionError:
            pass
        return came


def is_whole(came: bytes, asked: bytes) -> bool:
    head, end, body = came.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    return bool(end) and (asked.startswith(b"HEAD ") or len(body) >= (int(length[1]) if length else 0))
