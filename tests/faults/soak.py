"""The soak: a million clicks and 50,000 postbacks, a slow ad network, restarts in between; then the books must balance.

    python -m tests.faults.soak                                    an hour or less
    python -m tests.faults.soak --clicks 20000 --postbacks 1000    a minute or two

Exit status 0 where every promise was kept, 1 where one was not: the closing lines say which.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from server.storage import dialect
from tests.ad_network import AdNetwork, Scripted, Told
from tests.faults.soak_load import SOURCES, Books, Visitors
from tests.loop import Loop, running

CONNECTIONS = 32
RESTARTS = 10  # in the first half: the second is one long run, over which memory is measured
MOST_GROWTH_MB = 50.0
MOST_LOG_MB = 64.0
MOST_FILES = 16  # more than before the load: connections that are kept for the next relay and the next reader
LONGEST_START_S = 3.0
WARM = 0.1  # of the last run: caches fill
OUTBOX_S = 120.0  # for what had to be tried again


class SlowAdNetwork(AdNetwork):
    """Takes a while over each, and refuses one in two hundred; keeps the keys it was told and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: Counter[str] = Counter()
        self._chance = random.Random(1)

    def _take(self, told: Told) -> Scripted:
        with self._lock:
            self.keys[told.headers["Idempotency-Key"]] += 1
            wait_s, is_refused = self._chance.uniform(0.005, 0.05), self._chance.random() < 0.005
        time.sleep(wait_s)
        return Scripted(500, b"not now") if is_refused else Scripted()


@dataclass
class Watch:
    """Looks at the server twice a second: its memory, its files, its log."""

    loop: Loop
    memory_mb: list[float] = field(default_factory=list)  # of the present run
    files: int = 0
    most_log_mb: float = 0.0
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.is_over.wait(0.5):
            self.look()

    def look(self) -> None:
        log = self.loop.folder / "tallyback.db-wal"
        process = self.loop.process
        try:
            self.most_log_mb = max(self.most_log_mb, log.stat().st_size / 2**20)
            status = Path(f"/proc/{process.pid}/status").read_text() if process else ""
            self.files = sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir()) if process else 0
        except OSError:
            return
        if found := re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE):
            self.memory_mb.append(int(found[1]) / 1024)

    @property
    def growth_mb(self) -> float:
        warm = self.memory_mb[int(len(self.memory_mb) * WARM) :]
        return max(warm) - warm[0] if warm else 0.0


def setup(ad_network_url: str) -> str:
    numbers = range(SOURCES)
    relay = {"url": f"{ad_network_url}/conv?v={{external_id}}&p={{payout}}", "allow": ["127.0.0.0/8"]}
    path = {"offers": [{"offer": "keto"}]}
    return tomli_w.dumps(
        {
            "source": [{"key": f"s{number}", "external_id": "${SUBID}", "relay": relay} for number in numbers],
            "network": [{"key": "maxi", "token": "a-secret", "currency": "USD"}],
            "offer": [{"key": "keto", "network": "maxi", "url": "https://go.example.net/?sub1={click_id}"}],
            "campaign": [{"key": f"c{number}", "source": f"s{number}", "path": [path]} for number in numbers],
        }
    )


@dataclass
class Soak:
    loop: Loop
    ad: SlowAdNetwork
    books: Books
    watch: Watch
    restarts: int
    starts_s: list[float] = field(default_factory=list)
    files_at_rest: int = 0
    findings: list[tuple[bool, str]] = field(default_factory=list)

    def run(self) -> None:
        visitors = Visitors(self.books, CONNECTIONS)
        every = max(1, self.books.clicks // 2 // self.restarts)
        for number in range(self.restarts):
            stop_at = every * (number + 1)
            visitors.drive(self.loop.url, lambda stop_at=stop_at: self.books.next_click >= stop_at)  # type: ignore[misc]
            self._restart(visitors, is_kill=number % 2 == 1)
            say(f"{self.books.next_click:,} clicks, restart {number + 1} took {self.starts_s[-1]:.1f} s")
        self.watch.memory_mb.clear()
        self.watch.look()
        self.files_at_rest = self.watch.files
        while not self.books.is_over:
            visitors.drive(self.loop.url, lambda: False)
        say(f"{self.books.next_click:,} clicks, {self.books.next_sale:,} postbacks; the outbox drains")
        self._drain()
        self.watch.look()

    def _restart(self, visitors: Visitors, *, is_kill: bool) -> None:
        if is_kill:
            self.loop.kill()
        else:
            self.hold(self.loop.stop() == 0, "a stop ends with status 0")
        visitors.hang_up()
        began = time.monotonic()
        self.loop.start()
        self.loop.get("/healthz")
        self.starts_s.append(time.monotonic() - began)

    def _drain(self) -> None:
        """As long as it gets on."""
        left, since = -1, time.monotonic()
        while (now_left := self._one("SELECT count(*) FROM relay WHERE state IN ('waiting', 'sending', 'failed')")) > 0:
            if now_left != left:
                left, since = now_left, time.monotonic()
            if time.monotonic() - since > OUTBOX_S:
                return
            time.sleep(1)

    # -- the books ---------------------------------------------------------------------------------------------------

    def check(self) -> None:
        books = self.books
        self.loop.until(lambda: '"waiting":0' in self.loop.get("/healthz").text.replace(" ", ""), 60)
        self.hold(books.surprises == [], f"unexpected answers: {len(books.surprises)} {books.surprises[:3]}")
        stored = Counter(int(ext) for [ext] in self._rows("SELECT external_id FROM click"))
        acknowledged = {number for number, is_clicked in enumerate(books.clicked) if is_clicked}
        self.hold(
            acknowledged <= stored.keys() <= acknowledged | books.unsure_clicks and stored.total() == len(stored),
            f"clicks: acknowledged {len(acknowledged):,}, stored {stored.total():,}, lost "
            f"{len(acknowledged - stored.keys())}, twice {stored.total() - len(stored)}, cut off by a kill and stored "
            f"{len(stored.keys() - acknowledged)}",
        )
        sales = Counter(txn_id for [txn_id] in self._rows("SELECT txn_id FROM conversion WHERE kept IS NULL"))
        expected = {f"t{number}" for number, is_sold in enumerate(books.sold) if is_sold}
        self.hold(
            sales.keys() == expected and sales.total() == len(sales) == books.postbacks,
            f"sales: acknowledged {len(expected):,}, stored {sales.total():,}, lost {len(expected - sales.keys())}, "
            f"twice {sales.total() - len(sales)}",
        )
        self._check_relays()
        self._check_measures()

    def _check_relays(self) -> None:
        rows = self._rows(
            "SELECT key, state, reason, (SELECT count(*) FROM attempt WHERE relay_id = relay.id) FROM relay"
        )
        unexplained = [key for key, state, reason, _ in rows if state != "delivered" and not reason]
        delivered = [key for key, state, _, _ in rows if state == "delivered"]
        tried = {key: attempts for key, _, _, attempts in rows}
        strange = [key for key, times in self.ad.keys.items() if times > tried.get(key, 0)]
        untold = [key for key in delivered if not self.ad.keys[key]]
        again = self.ad.keys.total() - len(self.ad.keys)
        self.hold(
            len(rows) == self.books.postbacks and not (unexplained or strange or untold),
            f"relays: owed {self.books.postbacks:,}, there {len(rows):,}, delivered {len(delivered):,}, without a reason "
            f"{len(unexplained)}, never arrived {len(untold)}, sent again {again}, more often than tried {len(strange)}",
        )

    def _check_measures(self) -> None:
        watch = self.watch
        has_proc = bool(watch.memory_mb)
        if has_proc:
            growth, files = watch.growth_mb, watch.files - self.files_at_rest
            self.hold(growth <= MOST_GROWTH_MB, f"memory: grown by {growth:.1f} MB to {watch.memory_mb[-1]:.0f} MB")
            self.hold(files <= MOST_FILES, f"descriptors: {self.files_at_rest} before, {watch.files} after")
        self.hold(watch.most_log_mb <= MOST_LOG_MB, f"log of the database: {watch.most_log_mb:.1f} MB at most")
        self.hold(max(self.starts_s) <= LONGEST_START_S, f"longest start: {max(self.starts_s):.1f} s")
        self.hold("Traceback" not in self.loop.errors(), "no traceback in the server's log")
        [[answer]] = self._rows("PRAGMA integrity_check")
        self.hold(answer == "ok", f"integrity of the database: {answer}")

    def hold(self, is_so: bool, words: str) -> None:
        self.findings.append((is_so, words))

    def _rows(self, query: str) -> list[Any]:
        with closing(dialect.driver().connect(str(self.loop.folder / "tallyback.db"), timeout=30)) as connection:
            return list(connection.execute(query))

    def _one(self, query: str) -> int:
        return int(self._rows(query)[0][0])


def say(line: str) -> None:
    sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()


def soaked(folder: Path, clicks: int, postbacks: int, told: Callable[[str], None], restarts: int = RESTARTS) -> bool:
    with SlowAdNetwork() as ad, running(folder, setup(ad.url)) as loop:
        watch = Watch(loop)
        thread = threading.Thread(target=watch.run, daemon=True)
        thread.start()
        soak = Soak(loop, ad, Books(clicks, postbacks), watch, restarts)
        began = time.monotonic()
        try:
            soak.run()
            soak.check()
        finally:
            watch.is_over.set()
            thread.join()
        soak.hold(loop.stop() == 0, "the last stop ends with status 0")
    for is_so, words in dict.fromkeys(soak.findings):
        told(f"{'kept  ' if is_so else 'BROKEN'}  {words}")
    broken = sum(not is_so for is_so, _ in soak.findings)
    minutes = (time.monotonic() - began) / 60
    told(
        f"{clicks:,} clicks, {postbacks:,} postbacks, {restarts} restarts in {minutes:.1f} min: {broken} promises broken"
    )
    return not broken


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--postbacks", type=int, default=50_000, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the data lies meanwhile (default: temporary)")
    told = parser.parse_args(words)
    if not 0 < told.postbacks <= told.clicks:
        parser.error("--postbacks must be above 0 and not above --clicks")
    with tempfile.TemporaryDirectory(dir=told.folder, prefix="tallyback-soak-") as scratch:
        is_well = soaked(Path(scratch), told.clicks, told.postbacks, lambda line: print(line, flush=True))  # noqa: T201
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
