"""A server inside the test's own process, whose clock the test can set: a day of retries takes a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.api import lists, setup
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.clock import system_clock
from server.engine import Engine
from server.settings import DataFolder
from server.setup.document import read_document
from tests.loop import Loop


class Clock:
    """The system's, and as much further as the test has skipped."""

    def __init__(self) -> None:
        self.skipped = 0

    def __call__(self) -> int:
        return system_clock() + self.skipped


class Ticking(Loop):
    def __init__(self, folder: Path, engine: Engine, data: Data, clock: Clock) -> None:
        super().__init__(folder)
        self.engine, self.data, self.clock = engine, data, clock
        self.url = engine.url

    def errors(self) -> str:
        return str(self.relays())

    def skip(self, milliseconds: int) -> None:
        self.clock.skipped += milliseconds
        self.engine._worker.owed()

    def sale(self, txn_id: str = "t1", *, campaign: str = "summer", more: str = "") -> str:
        click = self.click(f"/c/{campaign}?ext=e-{txn_id}")
        came = self.get(f"/p/maxi?token=a-secret&click_id={click}&payout=10&txn_id={txn_id}{more}")
        assert came.text.startswith("OK accepted "), came
        return click

    def relays(self, **filters: Any) -> list[dict[str, Any]]:
        """Oldest first."""
        return list(lists.relays_list(self.data, Filters(**filters)))[::-1]

    def relay(self, click: str) -> dict[str, Any]:
        [relay] = self.relays(click=click)
        return relay

    def settled(self, click: str, tries: int, seconds: float = 15) -> dict[str, Any]:
        """The relay of a click once so many attempts at it are over."""

        def is_over() -> dict[str, Any] | None:
            relay = self.relay(click)
            over = [attempt for attempt in relay["history"] if attempt["result"] != "sending"]
            return relay if len(over) >= tries and relay["state"] != "sending" else None

        relay: dict[str, Any] = self.until(is_over, seconds)
        assert len(relay["history"]) == tries, relay["history"]
        return relay


@contextmanager
def ticking(folder: Path, text: str) -> Iterator[Ticking]:
    clock = Clock()
    where = DataFolder(folder)
    with open_data(str(folder), clock=clock) as data:
        setup.apply(data, read_document(text, "setup.toml"))
        engine = Engine(where, url=None, host="127.0.0.1", port=0, clock=clock)
        thread = threading.Thread(target=engine.run)
        thread.start()
        try:
            yield Ticking(folder, engine, data, clock)
        finally:
            engine.stop()
            thread.join(20)
            assert not thread.is_alive()
