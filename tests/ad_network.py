"""An ad network whose answers a test writes: it keeps every request and can be slow, wrong, broken or gone."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Told:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Scripted:
    status: int = 200
    body: bytes = b"OK"
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None  # answers only when it is set


class AdNetwork:
    """Answers by the script while it lasts, then 200 OK; use it as a context manager."""

    def __init__(self, *script: Scripted, port: int = 0) -> None:
        self.script = deque(script)
        self.told: list[Told] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, told: Told) -> Scripted:
        with self._lock:
            self.told.append(told)
            return self.script.popleft() if self.script else Scripted()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the one before to be acknowledged

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                scripted = take(Told(self.command, self.path, dict(self.headers.items()), body))
                if scripted.wait is not None:
                    scripted.wait.wait(60)
                self.send_response(scripted.status)
                for name, value in scripted.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(scripted.body)))
                self.end_headers()
                self.wfile.write(scripted.body)

            do_GET = do_POST = do_PUT = _answer

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler


def setup_with(ad_network_url: str, relay: str = "", more: str = "") -> str:
    """A small setup whose source is that ad network: campaign summer, network maxi (token a-secret), offer keto."""
    return f"""
base_currency = "USD"

[[source]]
key = "prop"
external_id = "${{SUBID}}"
[source.relay]
url = "{ad_network_url}/conv?visitor={{external_id}}&payout={{payout}}&status={{status}}"
allow = ["127.0.0.0/8"]
{relay}

[[network]]
key = "maxi"
token = "a-secret"
currency = "USD"

[[offer]]
key = "keto"
network = "maxi"
url = "https://go.example.net/?a=1&sub1={{click_id}}"
payout = "32.00"
currency = "USD"
[offer.events]
deposit = "50.00"

[[campaign]]
key = "summer"
source = "prop"
cost = {{ model = "cpc", value = "0.01", currency = "USD" }}
[[campaign.path]]
offers = [{{ offer = "keto", weight = 100 }}]
{more}
"""
