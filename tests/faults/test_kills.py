"""SIGKILL at any moment (F1, F20): what was promised is kept, what is owed is delivered, and the books balance.

The buyers keep their connections open and send what the fast way reads, so that clicks and postbacks of several of them
ride in one commit when the kill comes.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.api import lists
from server.api.data import open_data
from server.api.lists import Filters
from server.storage import dialect
from tests.ad_network import AdNetwork, Scripted, Told, setup_with
from tests.faults.conftest import Note
from tests.loop import ROOT, Loop, running

BUYERS = 10
CHECKS = 20  # of all promises, however many kills: it grows with what was promised
SEED = 20_260_321
LONGEST_START_S = 10.0  # 3 s are promised; a busy machine must not fail the test of a promise about data


class SlowAdNetwork(AdNetwork):
    """Takes its time over every answer, so that a kill finds relays under way."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def _take(self, told: Told) -> Scripted:
        scripted = super()._take(told)
        time.sleep(self._seconds)
        return scripted


@dataclass
class Books:
    """What was asked of the server, and what it has promised."""

    clicks: set[str] = field(default_factory=set)
    asked: dict[str, str] = field(default_factory=dict)  # transaction -> click
    sold: set[str] = field(default_factory=set)
    refunded: set[str] = field(default_factory=set)
    open: list[tuple[str, str]] = field(default_factory=list)  # asked, and not answered: transaction, status
    surprises: list[str] = field(default_factory=list)
    acknowledged: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def has_clicked(self, click: str) -> None:
        with self.lock:
            self.clicks.add(click)
            self.acknowledged += 1

    def asks(self, txn_id: str, click: str, status: str) -> None:
        with self.lock:
            self.asked[txn_id] = click
            self.open.append((txn_id, status))

    def has_promised(self, txn_id: str, status: str, answer: str) -> None:
        with self.lock:
            self.open.remove((txn_id, status))
            (self.sold if status == "approved" else self.refunded).add(txn_id)
            self.acknowledged += 1
            if answer.split()[:1] != ["OK"] and answer != "STORED spooled":  # a busy machine may be slow to write
                self.surprises.append(f"{txn_id} {status}: {answer}")

    @property
    def nets(self) -> dict[str, str]:
        return {txn_id: "0.00" if txn_id in self.refunded else "1.00" for txn_id in self.sold}


class Buyer(threading.Thread):
    """Clicks, buys, and sends every fourth purchase back, until nobody answers any more."""

    def __init__(self, port: int, name: str, books: Books) -> None:
        super().__init__(name=name)
        self._port = port
        self._books = books

    def run(self) -> None:
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection,
        ):
            for number in range(1_000_000):
                self._buy(lambda target: asked(connection, target), number)

    def _buy(self, ask: Callable[[str], str], number: int) -> None:
        txn_id = f"{self.name}-{number}"
        click = ask(f"/c/summer?ext=x{txn_id}").split("sub1=")[1]
        self._books.has_clicked(click)
        tell(self._books, ask, txn_id, click, "approved")
        if number % 4 == 3:
            tell(self._books, ask, txn_id, click, "refunded")


def asked(connection: http.client.HTTPConnection, target: str) -> str:
    """A whole answer, or an exception: half of one promises nothing."""
    connection.request("GET", target)
    came = connection.getresponse()
    text = came.read().decode()
    assert came.status in (200, 302), (came.status, text)
    return came.getheader("Location") or text


def ask(port: int, target: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        return asked(connection, target)


def tell(books: Books, ask: Callable[[str], str], txn_id: str, click: str, status: str) -> None:
    books.asks(txn_id, click, status)
    promised = ask(f"/p/maxi?token=a-secret&click_id={click}&txn_id={txn_id}&payout=1&status={status}")
    books.has_promised(txn_id, status, promised)


def ask_again(books: Books, port: int) -> None:
    """What a network does that got no answer."""
    for txn_id, status in list(books.open):
        click = books.asked[txn_id]
        books.open.remove((txn_id, status))
        tell(books, lambda target: ask(port, target), txn_id, click, status)


def check_promises(loop: Loop, books: Books) -> None:
    """Nothing that was acknowledged is lost, and nothing is there twice."""
    loop.until(lambda: json.loads(loop.get("/healthz").text)["spool"]["waiting"] == 0)
    with open_data(str(loop.folder)) as data:
        clicks = {row["id"] for row in lists.clicks(data, Filters())}
        conversions = [(row["txn_id"], row["net"]) for row in lists.conversions(data, Filters())]
    lost_clicks = books.clicks - clicks
    assert not lost_clicks, f"{len(lost_clicks)} acknowledged clicks are lost"
    found = dict(conversions)
    assert len(found) == len(conversions), "a sale is counted twice"
    lost = books.sold - found.keys()
    assert not lost, f"{len(lost)} acknowledged sales are lost"
    kept = {txn_id for txn_id in books.refunded if found[txn_id] != "0.00"}
    assert not kept, f"{len(kept)} acknowledged refunds are lost"


def integrity(loop: Loop) -> str:
    driver = dialect.driver()
    with closing(driver.connect(str(loop.folder / "tallyback.db"))) as connection:
        answer: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return answer


def owed_still(loop: Loop) -> int:
    with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"))) as connection:
        query = "SELECT count(*) FROM relay WHERE state NOT IN ('delivered', 'skipped')"
        count: int = connection.execute(query).fetchone()[0]
    return count


def relays_of(loop: Loop) -> list[dict[str, Any]]:
    with open_data(str(loop.folder)) as data:
        return list(lists.relays_list(data, Filters()))


def check_relays(loop: Loop, ad: AdNetwork) -> Counter[str]:
    """Every relay arrived; one that arrived more than once was under way at a kill, and says so. The repetitions."""
    loop.until(lambda: owed_still(loop) == 0, 60 + len(ad.told) / 5)
    owed = {relay["key"]: relay for relay in relays_of(loop) if relay["state"] == "delivered"}
    told = Counter(one.headers["Idempotency-Key"] for one in ad.told)
    assert told.keys() == owed.keys()
    ambiguous = {
        key: sum(attempt["result"].startswith("ambiguous") for attempt in relay["history"])
        for key, relay in owed.items()
    }
    repeated = told - Counter(dict.fromkeys(told, 1))
    unexplained = {key: count for key, count in repeated.items() if count > ambiguous[key]}
    assert not unexplained, "sent twice without having been under way at a kill"
    return repeated


def restarted(loop: Loop) -> float:
    began = time.monotonic()
    loop.start()
    assert ask(int(loop.url.rsplit(":", 1)[1]), "/healthz")
    return time.monotonic() - began


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(
    tmp_path: Path, kills: int, note: Note
) -> None:
    chance = random.Random(SEED)
    books, starts = Books(), [0.0]
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url)) as loop:
        for number in range(kills):
            port = int(loop.url.rsplit(":", 1)[1])
            ask_again(books, port)
            buyers = [Buyer(port, f"k{number}b{buyer}", books) for buyer in range(BUYERS)]
            for buyer in buyers:
                buyer.start()
            enough = books.acknowledged + chance.randrange(30, 150)
            loop.until(lambda enough=enough: books.acknowledged >= enough)
            time.sleep(chance.random() / 50)  # not only just after an answer
            loop.kill()
            for buyer in buyers:
                buyer.join(30)
                assert not buyer.is_alive()
            starts.append(restarted(loop))
            if number % -(-kills // CHECKS) == 0:
                check_promises(loop, books)
        ask_again(books, int(loop.url.rsplit(":", 1)[1]))
        check_promises(loop, books)
        assert books.surprises == []
        with open_data(str(loop.folder)) as data:
            assert {row["txn_id"]: row["net"] for row in lists.conversions(data, Filters())} == books.nets
        repeated = check_relays(loop, ad)
        [total] = loop.rows("report", "--by", "campaign")
        assert total["conversions"] == len(books.sold)
        assert total["revenue"] == f"{len(books.sold - books.refunded)}.00"
        assert total["clicks"] >= len(books.clicks)
        assert integrity(loop) == "ok"
        assert loop.stop() == 0
        assert integrity(loop) == "ok"
        assert [line for line in loop.errors().splitlines() if "spool" not in line] == []
        assert max(starts) < LONGEST_START_S
    note(kills=kills, acknowledged=books.acknowledged, lost=0, attempts=len(ad.told), unexplained=0)
    note(repeated=repeated.total(), longest_start=f"{max(starts):.1f} s")


def test_every_relay_arrives_when_the_server_is_killed_while_it_sends(tmp_path: Path, kills: int, note: Note) -> None:
    chance = random.Random(SEED)
    sales = 25 + 15 * kills
    with SlowAdNetwork(0.03) as ad, running(tmp_path, setup_with(ad.url)) as loop:
        books = Books()
        port = int(loop.url.rsplit(":", 1)[1])
        for number in range(sales):
            click = ask(port, f"/c/summer?ext=x{number}").split("sub1=")[1]
            tell(books, lambda target: ask(port, target), f"s{number}", click, "approved")
        for _ in range(kills):
            seen = len(ad.told) + chance.randrange(2, 12)
            loop.until(lambda seen=seen: len(ad.told) >= min(seen, sales))
            time.sleep(chance.random() / 25)  # before, while and after the answer comes
            loop.kill()
            restarted(loop)
        repeated = check_relays(loop, ad)
        relays = relays_of(loop)
        assert len(relays) == sales
        under_way = sum(attempt["result"].startswith("ambiguous") for relay in relays for attempt in relay["history"])
        assert repeated.total() <= under_way <= 2 * kills  # two at once at one destination
        assert integrity(loop) == "ok"
        assert loop.stop() == 0
        assert [line for line in loop.errors().splitlines() if "spool" not in line] == []
    note(kills=kills, acknowledged=2 * sales, lost=0, attempts=len(ad.told), repeated=repeated.total(), unexplained=0)


def test_a_relay_whose_answer_never_came_is_sent_again_with_the_same_key(tmp_path: Path) -> None:
    """Killed while the ad network has the request in hand: certain to be sent twice, and to say why."""
    answers = threading.Event()
    with AdNetwork(*[Scripted(wait=answers)] * 2) as ad, running(tmp_path, setup_with(ad.url)) as loop:
        click = loop.click()
        loop.get(f"/p/maxi?token=a-secret&click_id={click}&txn_id=t&payout=1")
        for told in (1, 2):
            loop.until(lambda told=told: len(ad.told) == told)
            loop.kill()
            restarted(loop)
        answers.set()
        assert check_relays(loop, ad).total() == 2
        [relay] = relays_of(loop)
        assert [attempt["result"].split(":")[0] for attempt in relay["history"]] == [
            "ambiguous",
            "ambiguous",
            "delivered",
        ]
        assert {told.headers["Idempotency-Key"] for told in ad.told} == {relay["key"]}
        assert len({told.path for told in ad.told}) == 1


def test_a_kill_at_the_first_start_leaves_a_folder_that_serves(tmp_path: Path) -> None:
    """The first start of all, killed after ever longer: whatever stage it reached, the next one goes on."""
    loop = Loop(tmp_path / "data")
    for hundredths in range(20, 80, 15):
        loop.folder.mkdir(exist_ok=True)
        loop.process = start_only(loop)
        time.sleep(hundredths / 100)
        loop.kill()
        if (loop.folder / "tallyback.db").exists():
            with closing(sqlite3.connect(loop.folder / "tallyback.db")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with AdNetwork() as ad:
        loop.apply(setup_with(ad.url))
        loop.start()
        assert loop.click()
        assert loop.stop() == 0


def start_only(loop: Loop) -> Any:
    """A server of which nobody waits to hear that it listens."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--json", "--port", "0", "--data", str(loop.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
