"""A listener on this machine that keeps what it is sent: where the relays of a test go."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Heard:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Echo:
    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self._is_new = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="echo", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next(self, timeout_s: float) -> Heard | None:
        """The first request heard, None where none came in time."""
        with self._is_new:
            self._is_new.wait_for(lambda: bool(self._heard), timeout_s)
            return self._heard.pop(0) if self._heard else None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _hear(self, heard: Heard) -> None:
        with self._is_new:
            self._heard.append(heard)
            self._is_new.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hear = self._hear

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = min(int(self.headers.get("Content-Length") or 0), _LARGEST)
                hear(Heard(self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"OK")

            do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
                """Silence: what was heard is kept, not logged."""

        return Handler
