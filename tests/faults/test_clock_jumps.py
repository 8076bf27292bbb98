"""F19: the clock is set back an hour, on an hour and to 1970 under load: nothing is lost and nothing is there twice."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from server.clock import HOUR
from tests.ad_network import AdNetwork, Scripted, setup_with
from tests.faults.conftest import Note
from tests.relays.ticking import Ticking, ticking

BUYERS = 4
BETWEEN = 15  # sales before the clock jumps again


class Buyer(threading.Thread):
    """Clicks and buys, whatever time it is."""

    def __init__(self, loop: Ticking, name: str) -> None:
        super().__init__(name=name)
        self._loop = loop
        self.is_over = threading.Event()
        self.clicks: dict[str, str] = {}
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.is_over.is_set():
                txn_id = f"{self.name}-{len(self.clicks)}"
                self.clicks[txn_id] = self._loop.sale(txn_id)
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.problem = error


def listed(loop: Ticking, kind: str) -> list[dict[str, object]]:
    from server.api import lists
    from server.api.listings import Filters

    return list(getattr(lists, kind)(loop.data, Filters()))


@pytest.mark.parametrize("jumps", [(-HOUR, HOUR), (HOUR, -HOUR), ("1970", "now")], ids=["back", "on", "1970"])
def test_the_clock_jumps_under_load(tmp_path: Path, note: Note, jumps: tuple[int | str, ...]) -> None:
    failing = [Scripted(), Scripted(500), Scripted(), Scripted(503)] * 3
    with AdNetwork(*failing) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        buyers = [Buyer(loop, f"b{number}") for number in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        try:
            for jump in jumps:
                enough = sum(len(buyer.clicks) for buyer in buyers) + BETWEEN
                loop.until(lambda enough=enough: sum(len(buyer.clicks) for buyer in buyers) >= enough, 60)
                loop.skip({"1970": -loop.clock(), "now": -loop.clock.skipped}.get(jump, jump))
            enough = sum(len(buyer.clicks) for buyer in buyers) + BETWEEN
            loop.until(lambda: sum(len(buyer.clicks) for buyer in buyers) >= enough, 60)
        finally:
            for buyer in buyers:
                buyer.is_over.set()
            for buyer in buyers:
                buyer.join(30)
        assert [buyer.problem for buyer in buyers] == [None] * BUYERS
        sold = {txn_id: click for buyer in buyers for txn_id, click in buyer.clicks.items()}
        loop.until(lambda: {relay["state"] for relay in loop.relays()} == {"delivered"}, 60)
        assert Counter(row["id"] for row in listed(loop, "clicks")) == Counter(sold.values())
        assert {row["txn_id"]: row["click"] for row in listed(loop, "conversions")} == sold
        relays = {relay["key"]: relay for relay in loop.relays()}
        told = Counter(one.headers["Idempotency-Key"] for one in ad.told)
        assert told == {key: len(relay["history"]) for key, relay in relays.items()}
        assert len(relays) == len(sold)
        assert all(relay["history"][-1]["result"] == "delivered" for relay in relays.values())
        note(acknowledged=2 * len(sold), lost=0, attempts=told.total())
