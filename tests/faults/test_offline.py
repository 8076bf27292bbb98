"""F22: a thousand relays while nobody can be reached, then all of them, in order and never more than two at once."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from server.storage import dialect
from tests.ad_network import AdNetwork, Scripted, Told, setup_with
from tests.faults.conftest import Note
from tests.loop import Loop, running
from tests.relays.raw_server import free_port

BUYERS = 6
TO_THE_NEXT_PROBE_S = 30
SLOWEST_PER_S = 33  # a thousand within a minute, the wait for a probe included


class Counting(AdNetwork):
    """Knows how many asked it at once, at most."""

    def __init__(self, port: int) -> None:
        super().__init__(port=port)
        self._at_once = threading.Semaphore(1_000_000)
        self._asking = 0
        self._count = threading.Lock()
        self.most_at_once = 0
        self.told_at: list[float] = []

    def _take(self, told: Told) -> Scripted:
        with self._count:
            self._asking += 1
            self.most_at_once = max(self.most_at_once, self._asking)
            self.told_at.append(time.monotonic())
        time.sleep(0.003)
        scripted = super()._take(told)
        with self._count:
            self._asking -= 1
        return scripted


def ask(connection: http.client.HTTPConnection, target: str) -> str:
    connection.request("GET", target)
    came = connection.getresponse()
    text = came.read().decode()
    return came.getheader("Location") or text


def sell(loop: Loop, count: int) -> None:
    def buyer(name: int) -> None:
        port = int(loop.url.rsplit(":", 1)[1])
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as own:
            for number in range(name, count, BUYERS):
                click = ask(own, f"/c/summer?ext=x{number}").split("sub1=")[1]
                told = ask(own, f"/p/maxi?token=a-secret&click_id={click}&txn_id=t{number}&payout=1")
                assert told.startswith("OK accepted"), told

    buyers = [threading.Thread(target=buyer, args=(name,)) for name in range(BUYERS)]
    for one in buyers:
        one.start()
    for one in buyers:
        one.join()


def query(loop: Loop, text: str) -> list[Any]:
    with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"), timeout=30)) as connection:
        return list(connection.execute(text))


def test_offline_uses_no_attempt_up_and_what_waited_drains_without_a_burst(
    tmp_path: Path, offline: int, note: Note
) -> None:
    port = free_port()
    with running(tmp_path, setup_with(f"http://127.0.0.1:{port}")) as loop:
        sell(loop, offline)
        loop.until(lambda: query(loop, "SELECT failures FROM destination")[0][0] >= 5)  # the breaker is open
        [[count, attempts]] = query(loop, "SELECT count(*), sum(attempts) FROM relay")
        assert (count, attempts) == (offline, 0)
        assert {reason for [reason] in query(loop, "SELECT DISTINCT reason FROM relay")} == {None, "connect"}
        with Counting(port) as ad:
            began = time.monotonic()
            open_again = TO_THE_NEXT_PROBE_S + 10
            within = open_again + offline / SLOWEST_PER_S
            loop.until(lambda: len(ad.told) >= offline, within)
            loop.until(lambda: query(loop, "SELECT DISTINCT state FROM relay") == [("delivered",)], 10)
            took = time.monotonic() - began
            assert len({told.headers["Idempotency-Key"] for told in ad.told}) == len(ad.told) == offline
            assert ad.most_at_once <= 2
        counted = query(loop, "SELECT attempts, count(*) FROM relay GROUP BY attempts")
        assert sum(count for attempts, count in counted if attempts == 1) >= offline - 1, "a probe uses none up"
        rate = offline / (ad.told_at[-1] - ad.told_at[0])
        note(
            attempts=query(loop, "SELECT count(*) FROM attempt")[0][0],
            offline=f"{offline:,} relays drained in {took:.0f} s, {rate:.0f} a second, {ad.most_at_once} at once",
        )
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()
