"""A server that is set up for every turning, an ad network for its relays, and a place that nobody may call."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.ad_network import AdNetwork
from tests.fuzz.books import Books
from tests.fuzz.requests import Attempt
from tests.fuzz.talk import exchange
from tests.fuzz.words import CAMPAIGN_OF, VISITED, Known
from tests.loop import Loop, running
from tests.visitor.mmdb import write_mmdb

CLICKS = 40  # of each network and of each campaign with landing pages, to speak of
PLACES = {
    "203.0.113.0/24": {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA"}], "isp": "Example Net"},
    "127.0.0.0/8": {"country": {"iso_code": "DE"}},
    "10.0.0.0/8": {"country_code": "FR", "state1": "x" * 200, "as_name": "\u202e\x00"},
    "2001:db8::/32": {"country": {"iso_code": 7}, "isp": ["example"]},
}
CRAWLERS = "192.0.2.0/24 # a data centre\n198.51.100.7\n2001:db8:b::/48\n"
SETUP = Path(__file__).with_name("setup.toml").read_text(encoding="utf-8")


class Canary:
    """A listener on this machine; whoever connects is remembered."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.heard: list[bytes] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                line.settimeout(1)
                try:
                    self.heard.append(line.recv(1000))
                except OSError as error:
                    self.heard.append(str(error).encode())

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@dataclass
class World:
    loop: Loop
    canary: Canary
    known: Known
    books: Books = field(default_factory=Books)

    @property
    def port(self) -> int:
        return int(self.loop.url.rsplit(":", 1)[1])

    def is_well(self) -> bool:
        with urlopen(f"{self.loop.url}/healthz", timeout=5) as answer:
            return answer.status == 200

    def descriptors(self) -> int:
        """0 where the system does not tell."""
        folder = Path(f"/proc/{self.loop.process.pid}/fd") if self.loop.process else Path()
        return len(list(folder.iterdir())) if folder.name == "fd" and folder.exists() else 0

    def let_go_of(self, expected: int, seconds: float = 8) -> bool:
        """Whether the server closes what it need not hold: by itself, and soon."""
        until = time.monotonic() + seconds
        while self.descriptors() > expected:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True


@contextmanager
def world(folder: Path) -> Iterator[World]:
    canary = Canary()
    try:
        write_mmdb(folder / "data" / "geo" / "places.mmdb", PLACES)
        (folder / "data" / "bots").mkdir()
        (folder / "data" / "bots" / "crawlers.txt").write_text(CRAWLERS, encoding="utf-8")
        with AdNetwork() as ad, running(folder, SETUP.replace("AD", ad.url)) as loop:
            made = World(loop, canary, Known({}, canary.place))
            acquaint(made)
            yield made
    finally:
        canary.close()


def acquaint(made: World) -> None:
    """With clicks of its own: later, whoever names none of them is new."""
    for where in VISITED:
        made.known.clicks[where] = clicks(made, CAMPAIGN_OF.get(where, where))
    made.books.acquaint(made.known)


def clicks(made: World, campaign: str) -> list[str]:
    """Some visits of the campaign, known to the books as any other."""
    known = len(made.books.clicks)
    for number in range(CLICKS):
        raw = f"GET /c/{campaign}?ext=e{number} HTTP/1.0\r\nHost: x\r\n\r\n".encode()
        came, _ = exchange(made.port, Attempt(number, raw, (), "reads", "127.0.0.1"))
        made.books.add(came)
    assert len(made.books.clicks) == known + CLICKS
    return sorted(made.books.clicks)[-CLICKS:]
