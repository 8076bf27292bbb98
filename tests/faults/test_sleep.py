"""F21: a laptop that sleeps, as SIGSTOP and SIGCONT: it is there at once again, and bursts out with nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from server.api import lists
from server.api.data import open_data
from server.api.listings import Filters
from tests.ad_network import setup_with
from tests.faults.conftest import Note
from tests.faults.test_offline import Counting, query, sell
from tests.loop import Loop, running

SALES = 60
READY_S = 2.0


class Slow(Counting):
    """Takes a while over each, so that a sleep finds some under way."""

    def __init__(self) -> None:
        super().__init__(0)

    def _take(self, told):  # type: ignore[no-untyped-def]
        time.sleep(0.05)
        return super()._take(told)


@pytest.mark.skipif(sys.platform == "win32", reason="nobody stops a process there")
def test_after_a_sleep_it_is_ready_at_once_and_sends_no_burst(tmp_path: Path, stopped: float, note: Note) -> None:
    with Slow() as ad, running(tmp_path, setup_with(ad.url)) as loop:
        sell(loop, SALES)
        loop.until(lambda: len(ad.told) >= 10)
        assert loop.process
        answered: list[float] = []
        os.kill(loop.process.pid, signal.SIGSTOP)
        visitors = [threading.Thread(target=visit, args=(loop, answered)) for _ in range(20)]  # who came meanwhile
        for visitor in visitors:
            visitor.start()
        time.sleep(stopped)
        os.kill(loop.process.pid, signal.SIGCONT)
        woken = time.monotonic()
        for visitor in visitors:
            visitor.join(60)
        assert len(answered) == len(visitors)
        ready_s = max(answered) - woken
        loop.until(lambda: query(loop, "SELECT DISTINCT state FROM relay") == [("delivered",)], 60)
        assert ad.most_at_once <= 2
        told = Counter(one.headers["Idempotency-Key"] for one in ad.told)
        with open_data(str(loop.folder)) as data:
            relays = {relay["key"]: relay for relay in lists.relays_list(data, Filters())}
        assert told.keys() == relays.keys()
        for key, times in told.items():  # one that ran out of time in the sleep goes again, and says so
            assert times <= len(relays[key]["history"])
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()
    note(asleep=f"{stopped:.0f} s, ready in {ready_s:.2f} s", repeated=told.total() - len(told))
    assert ready_s <= READY_S


def visit(loop: Loop, answered: list[float]) -> None:
    loop.click()
    answered.append(time.monotonic())
