"""A simulated source: it hears relays as an ad network does, is out of order at times, and keeps what it was told."""

from __future__ import annotations

import json
import threading
import time
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from server.demo.ledger import Told
from server.demo.parties import Source

# One in nine is refused once. Five in a row would open the breaker for its 30 seconds.
_REFUSES_EVERY = 9
_REFUSES_FROM = 2
_LARGEST = 64 * 1024


class AdNetwork:
    """Answers 500 to some relays the first time, as long as it `is_unsteady`; use it as a context manager."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._steady_from = float("inf")
        self.told: dict[str, Told] = {}  # by the relay's key
        self.refused: set[str] = set()
        self.heard = 0
        self.repeats = 0  # delivered again although it was answered with success
        self.unheard: list[str] = []  # requests that no ad network would understand
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=source.key, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def retrying(self) -> int:
        with self._lock:
            return len(self.refused - self.told.keys())

    def steady_after(self, seconds: float) -> None:
        """So late that each refused relay still has the time to come again."""
        self._steady_from = time.monotonic() + seconds

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hear(self, key: str, told: Told) -> int:
        """The status that it answers."""
        with self._lock:
            self.heard += 1
            if key in self.told:
                self.repeats += 1
                return 200
            if key not in self.refused and self._is_out_of_order():
                self.refused.add(key)
                return 500
            self.told[key] = told
            return 200

    def _is_out_of_order(self) -> bool:
        number = len(self.told) + len(self.refused)
        return number % _REFUSES_EVERY == _REFUSES_FROM and time.monotonic() < self._steady_from

    def _answer(self, path: str, key: str | None, body: bytes) -> int:
        try:
            told = self._read(path, body)
        except (KeyError, ValueError, TypeError, InvalidOperation) as error:
            return self._not_understood(path, body, f"{type(error).__name__} {error}")
        return self.hear(key, told) if key else self._not_understood(path, body, "no key")

    def _not_understood(self, path: str, body: bytes, why: str) -> int:
        self.unheard.append(f"{self._source.key} heard {path} {body[:80]!r}: {why}")
        return 400

    def _read(self, path: str, body: bytes) -> Told:
        if self._source.method == "POST":
            said = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        else:
            said = dict(parse_qsl(urlsplit(path).query, strict_parsing=True))
        amount = Decimal(said["value"])
        return Told(self._source.key, said["visitor"], said["status"], amount, said["currency"])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _heard(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LARGEST))
                status = answer(self.path, self.headers.get("Idempotency-Key"), body)
                text = b"received" if status == 200 else b"try again later"
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _heard  # noqa: N815 - http.server's names

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:  # the other side went away
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
                """Silence: what was heard is kept, not logged."""

        return Handler
