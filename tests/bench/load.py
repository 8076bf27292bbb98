"""Our own load generator: one thread over keep-alive connections, each asking again as soon as it is answered.

`python -m tests.bench.load URL --targets FILE --connections 32 --seconds 3` prints what it measured as JSON. A line of
the file is a path with its query; a word that no other request has is put behind it, so lines end like `&ext=`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.measured import Measured
from tests.bench.visitors import REFERRER, VISITORS

PATIENCE_S = 10.0
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


class Client:
    """One connection with at most one request under way."""

    __slots__ = ("came", "sent_at", "socket")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.came = b""
        self.sent_at = 0.0

    def ask(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        if self.socket.send(request) != len(request):
            raise ConnectionError("a request did not fit into the socket")

    def answer(self) -> bytes | None:
        """The whole of it, or None while there is more to come."""
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionError("closed before the answer was whole")
        if self.came:
            came = self.came + came
        head = came.find(b"\r\n\r\n")
        length = _LENGTH.search(came, 0, head) if head >= 0 else None
        if head < 0 or len(came) < head + 4 + (int(length[1]) if length else 0):
            self.came = came
            return None
        self.came = b""
        return came


class Load:
    """`status` is the one right answer; anything else, and every connection that breaks, is an error."""

    def __init__(self, url: str, targets: Sequence[str], status: int, run: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._requests = _requests(targets, f"{run}-", f"Host: {parts.netloc}\r\nReferer: {REFERRER}\r\n")
        self._right = str(status).encode()
        self._selector = selectors.DefaultSelector()
        self._took: list[float] = []
        self._errors = 0

    def drive(self, connections: int, seconds: float) -> Measured:
        clients = [Client(self._address) for _ in range(connections)]
        began = time.perf_counter()
        for client in clients:
            self._begin(client)
        while self._goes_on(time.perf_counter() - began, seconds):
            for key, _ in self._selector.select(timeout=0.1):
                self._take(key.data)
        return self._end(time.perf_counter() - began)

    def _goes_on(self, passed: float, seconds: float) -> bool:
        """A slow server gets a little longer, until it has answered at all: there is no rate of nothing."""
        is_over = passed >= seconds and (self._took or passed >= PATIENCE_S)
        return not is_over and bool(self._selector.get_map())

    def _begin(self, client: Client) -> None:
        client.ask(next(self._requests))
        self._selector.register(client.socket, selectors.EVENT_READ, client)

    def _take(self, client: Client) -> None:
        try:
            answer = client.answer()
            if answer is None:
                return
            self._took.append(time.perf_counter() - client.sent_at)
            if answer[9:12] != self._right:
                self._errors += 1
            client.ask(next(self._requests))
        except OSError:
            self._errors += 1
            self._replace(client)

    def _replace(self, client: Client) -> None:
        """Another connection instead of one that broke, where the server still takes any."""
        self._drop(client)
        try:
            self._begin(Client(self._address))
        except OSError:
            self._errors += 1

    def _drop(self, client: Client) -> None:
        self._selector.unregister(client.socket)
        client.socket.close()

    def _end(self, seconds: float) -> Measured:
        """A request that waits for longer than our patience counts as an error, one that merely waits not at all."""
        now = time.perf_counter()
        for key in list(self._selector.get_map().values()):
            self._errors += now - key.data.sent_at > PATIENCE_S
            self._drop(key.data)
        self._selector.close()
        took = sorted(self._took)

        def at(share: float) -> float:
            return round(took[int(share * (len(took) - 1))] * 1000, 3) if took else 0.0

        return Measured(
            answered=len(took),
            rate=round(len(took) / seconds, 1),
            p50=at(0.5),
            p99=at(0.99),
            p999=at(0.999),
            longest=at(1.0),
            errors=self._errors,
        )


def _requests(targets: Sequence[str], word: str, headers: str) -> Iterator[bytes]:
    """Each target by the next visitor."""
    heads = itertools.cycle([f"GET {target}{word}".encode() for target in targets])
    tails = itertools.cycle(
        [
            f" HTTP/1.1\r\n{headers}User-Agent: {agent}\r\nX-Forwarded-For: {address}\r\n\r\n".encode()
            for address, agent in VISITORS
        ]
    )
    for number, (head, tail) in enumerate(zip(heads, tails, strict=False), 1):
        yield b"%b%d%b" % (head, number, tail)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--targets", type=Path, required=True, metavar="FILE")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--status", type=int, default=302, help="the one right answer (default 302)")
    parser.add_argument("--run", default="r", help="what tells the words of this run from those of another")
    told = parser.parse_args()
    targets = told.targets.read_text(encoding="utf-8").splitlines()
    measured = Load(told.url, targets, told.status, told.run).drive(told.connections, told.seconds)
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
