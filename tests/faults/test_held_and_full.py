"""A database that is held or full: visitors go on, networks are answered, nothing acknowledged is lost, nothing restarted.

F3 a full disk, F4 a file that may not grow, F5 another process that writes, F18 a postback before its click; and
SIGKILL while what came waits in the spool, and while it comes from there into the database.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server.api import lists, today
from server.api.data import open_data
from server.api.listings import Filters
from server.storage import dialect
from server.storage.tables import MissedClickRow, StepRow
from tests.ad_network import AdNetwork, setup_with
from tests.loop import Answer, Loop, running

VISITORS = 6
HELD_S = 4.0
MOST_P99_S = 0.3
SEED = 20_261_121
LARGE = 60_000
WITH_LANDING = """
[[landing]]
key = "quiz"
url = "https://lp.example.com/quiz?c={click_id}"

[[campaign]]
key = "quiz"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto" }]
"""


@contextlib.contextmanager
def held(loop: Loop) -> Iterator[Any]:
    """Another process writes, and does not come to an end: the test's own."""
    with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield other
        finally:
            with contextlib.suppress(Exception):
                other.execute("ROLLBACK")


@dataclass
class Promised:
    """What visitors and networks were told."""

    answers: list[tuple[str, int, str]] = field(default_factory=list)
    clicks: set[str] = field(default_factory=set)
    sales: set[str] = field(default_factory=set)
    steps: int = 0
    missed: int = 0
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


class Visitor(threading.Thread):
    """Clicks, goes on from the landing page, buys, and mistypes an address, until the server or the test ends it."""

    def __init__(self, port: int, name: str, promised: Promised) -> None:
        super().__init__(name=name, daemon=True)
        self._port = port
        self._promised = promised
        self.is_over = threading.Event()

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(1_000_000):
                if self.is_over.is_set():
                    return
                self._visit(f"{self.name}-{number}")

    def _visit(self, txn_id: str) -> None:
        promised = self._promised
        began = time.monotonic()
        click = self._ask("click", f"/c/quiz?ext=x{txn_id}").split("c=")[1]
        with promised.lock:
            promised.seconds.append(time.monotonic() - began)
            promised.clicks.add(click)
        assert f"sub1={click}" in self._ask("step", f"/go?click={click}")
        with promised.lock:
            promised.steps += 1
        self._ask("postback", f"/p/maxi?token=a-secret&click_id={click}&txn_id={txn_id}&payout=1")
        with promised.lock:
            promised.sales.add(txn_id)
        self._ask("missed", "/c/nowhere")
        with promised.lock:
            promised.missed += 1

    def _ask(self, what: str, target: str) -> str:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            connection.request("GET", target)
            came = connection.getresponse()
            text = came.read().decode()
            said = "OK" if text.startswith("OK") else text
            with self._promised.lock:
                self._promised.answers.append((what, came.status, said))
            return came.getheader("Location") or text


@contextlib.contextmanager
def visitors(loop: Loop, promised: Promised, prefix: str = "v") -> Iterator[None]:
    port = int(loop.url.rsplit(":", 1)[1])
    threads = [Visitor(port, f"{prefix}{number}", promised) for number in range(VISITORS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.is_over.set()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()


def spool_of(loop: Loop) -> dict[str, Any]:
    spool: dict[str, Any] = json.loads(loop.get("/healthz").text)["spool"]
    return spool


def check_promises(loop: Loop, promised: Promised, slack: int = 0) -> None:
    """All that was acknowledged is there, once; and no more than what was asked and not answered besides."""
    with open_data(str(loop.folder)) as data:
        clicks = [row["id"] for row in lists.clicks(data, Filters())]
        sales = [row["txn_id"] for row in lists.conversions(data, Filters())]
        outcomes = Counter(row["outcome"] for row in lists.postbacks(data, Filters()))
        with data.database.read() as connection:
            steps = len(connection.execute(StepRow.__table__.select()).all())
            missed = sum(row.count for row in connection.execute(MissedClickRow.__table__.select()))
        assert not [one for one in today.attention(data) if one.page == "downtime"]
    assert len(set(clicks)) == len(clicks)
    assert len(set(sales)) == len(sales)
    assert not promised.clicks - set(clicks), "acknowledged clicks are lost"
    assert not promised.sales - set(sales), "acknowledged sales are lost"
    assert set(outcomes) == {"accepted"}, outcomes
    for found, told in (
        (len(clicks), len(promised.clicks)),
        (len(sales), len(promised.sales)),
        (outcomes.total(), len(promised.sales)),
        (steps, promised.steps),
        (missed, promised.missed),
    ):
        assert told <= found <= told + slack


def all_delivered(loop: Loop) -> bool:
    with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"))) as connection:
        query = "SELECT count(*) FROM relay WHERE state NOT IN ('delivered', 'skipped')"
        return bool(connection.execute(query).fetchone()[0] == 0)


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[str], None]]:
    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return say


# -- F5: another process writes ----------------------------------------------------------------------------------------


def test_while_another_process_writes_nobody_waits_and_nothing_is_lost(
    tmp_path: Path, show: Callable[[str], None]
) -> None:
    promised = Promised()
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url, more=WITH_LANDING)) as loop:
        with visitors(loop, promised):
            loop.until(lambda: len(promised.sales) > 20)
            with held(loop):
                before = len(promised.sales)
                time.sleep(HELD_S)
                during = len(promised.sales) - before
                waiting = spool_of(loop)["waiting"]
            released = time.monotonic()
            loop.until(lambda: spool_of(loop)["waiting"] == 0)
            drained_s = time.monotonic() - released
        answers = Counter(promised.answers)
        assert {status for _, status, _ in answers} <= {200, 302, 404}
        assert answers["postback", 200, "STORED spooled"] >= during > 20
        assert waiting > 4 * 20
        assert promised.p99() <= MOST_P99_S
        loop.until(lambda: all_delivered(loop), 30)
        assert Counter(told.headers["Idempotency-Key"] for told in ad.told).most_common(1)[0][1] == 1
        assert len(ad.told) == len(promised.sales)
        check_promises(loop, promised)
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()
    show(
        f"F5 held {HELD_S:g} s: {during} sales meanwhile, click p99 {promised.p99() * 1000:.0f} ms, "
        f"{waiting} records waited, in the database {drained_s:.1f} s after, lost 0"
    )


def test_who_may_not_speak_hears_so_though_the_database_is_held(tmp_path: Path) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1", more='[[network]]\nkey = "hard"\nstrict = true\n')) as loop:
        with held(loop):
            wrong = loop.get("/p/maxi?token=wrong-one&click_id=x")
            nobody = loop.get("/p/nobody?click_id=x")
            right = loop.get("/p/maxi?token=a-secret&click_id=x&note=a-secret")
            assert [(one.status, one.text) for one in (wrong, nobody)] == [(403, "STORED unauthorised")] * 2
            assert (right.status, right.text) == (200, "STORED spooled")
            spool = (loop.folder / "spool").read_bytes()
            assert b"a-secret" not in spool
            assert b"wrong-one" not in spool
        loop.until(lambda: spool_of(loop)["waiting"] == 0)
        outcomes = Counter(row["outcome"] for row in loop.rows("postbacks"))
        assert outcomes == {"unauthorised": 2, "click_id_damaged": 1}


def test_a_strict_network_is_answered_200_for_what_went_into_the_spool(tmp_path: Path) -> None:
    strict = '[[network]]\nkey = "hard"\ntoken = ""\nstrict = true\n'
    with running(tmp_path, setup_with("http://127.0.0.1:1", more=strict)) as loop:
        assert loop.get("/p/hard?click_id=x").status == 404
        with held(loop):
            came = loop.get("/p/hard?click_id=x")
        assert (came.status, came.text) == (200, "STORED spooled")


# -- F18: a postback before its click ----------------------------------------------------------------------------------


def test_a_postback_before_its_click_is_attributed_once_the_click_is_there(tmp_path: Path) -> None:
    """The click lies in the spool of a server that was killed; the postback comes to another one on the same data."""
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url)) as first:
        with held(first):
            click = first.click()
            first.kill()
        second = Loop(tmp_path / "second")
        second.start("--database", f"sqlite:///{first.folder / 'tallyback.db'}")
        came = second.get(f"/p/maxi?token=a-secret&click_id={click}&payout=4")
        assert (came.status, came.text) == (200, "STORED click_unknown")
        [unknown] = first.rows("postbacks")
        assert (unknown["outcome"], unknown["click"]) == ("click_unknown", click)
        assert second.stop() == 0
        first.start()
        with open_data(str(first.folder)) as data:
            [conversion] = first.until(lambda: list(lists.conversions(data, Filters())), 5)
        assert (conversion["click"], conversion["net"]) == (click, "4.00")
        first.until(lambda: len(ad.told) == 1)


# -- F3: a full disk -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[Path]:
    at.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount or os.geteuid() != 0:
        pytest.skip("NOT TESTED: a full disk. Only root can mount a small one.")
    words = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"NOT TESTED: a full disk. No small one can be mounted here: {done.stderr.strip()}")
    try:
        yield at
    finally:
        subprocess.run([umount, "-l", str(at)], check=True)


def fill(disk: Path) -> Path:
    """To the last byte."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return ballast


def post(loop: Loop, click: str, txn_id: str, size: int = 0) -> Answer:
    body = f"click_id={click}&txn_id={txn_id}&payout=1&note={'x' * size}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return loop.request("POST", "/p/maxi?token=a-secret", body, headers)


def until_spooled(loop: Loop) -> tuple[set[str], set[str]]:
    """What still found room in the log of the database counts as well."""
    clicks, sales = set(), set()

    def is_spooled() -> bool:
        click, txn_id = loop.click(), f"s{len(sales)}"
        came = post(loop, click, txn_id)
        assert came.status == 200
        clicks.add(click)
        sales.add(txn_id)
        return came.text == "STORED spooled"

    loop.until(is_spooled)
    return clicks, sales


def found_in(loop: Loop) -> tuple[set[str], list[str]]:
    clicks = {row["id"] for row in loop.rows("clicks")}
    return clicks, [row["txn_id"] for row in loop.rows("conversions")]


def test_on_a_full_disk_and_beyond_the_spool_all_is_well_again_without_a_restart(
    tmp_path: Path, show: Callable[[str], None]
) -> None:
    with (
        small_disk(tmp_path / "disk", 100) as disk,
        AdNetwork() as ad,
        running(disk, setup_with(ad.url)) as loop,
    ):
        first = loop.click()
        ballast = fill(disk)
        clicks, sales = until_spooled(loop)
        number = 0
        while (came := post(loop, first, f"large{number}", LARGE)).status == 200:
            sales.add(f"large{number}")
            number += 1
        assert (came.status, came.headers["retry-after"]) == (503, "60")
        assert 0.99 < spool_of(loop)["used"] <= 1
        while spool_of(loop)["unrecorded"] < 10:  # what is small may still find room
            clicks_before = spool_of(loop)["waiting"]
            came = loop.get("/c/summer?ext=" + "x" * 1500)
            assert came.status == 302
            if spool_of(loop)["waiting"] > clicks_before:
                clicks.add(came.location.split("sub1=")[1])
        lost = spool_of(loop)["unrecorded"]
        ballast.unlink()
        loop.until(lambda: spool_of(loop)["waiting"] == 0, 30)
        assert post(loop, first, "after").text.startswith("OK accepted ")
        loop.until(lambda: spool_of(loop)["unrecorded"] == 0)
        found_clicks, found_sales = found_in(loop)
        assert found_clicks == {first, *clicks}
        assert Counter(found_sales) == Counter([*sales, "after"])
        with open_data(str(loop.folder)) as data:
            [missing] = [one for one in today.attention(data) if one.page == "downtime"]
        assert (missing.word, missing.count) == ("spool_full", lost)
        loop.until(lambda: all_delivered(loop), 30)
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()
    show(
        f"F3 full disk: {len(clicks)} clicks and {len(sales)} postbacks spooled or stored, lost 0; {lost} beyond, told"
    )


def test_where_no_spool_can_be_made_visitors_go_on_and_networks_are_told_to_come_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk, running(disk, setup_with("http://127.0.0.1:1")) as loop:
        assert "there is no spool for when the database cannot be written: " in loop.errors()
        first = loop.click()
        assert spool_of(loop) == {"is_open": False, "waiting": 0, "used": 0.0, "unrecorded": 0}
        ballast = fill(disk)
        number = 0
        while (came := post(loop, first, f"t{number}")).status == 200:
            number += 1
        assert (came.status, came.headers["retry-after"]) == (503, "60")
        assert loop.get("/c/summer?ext=unrecorded").status == 302
        ballast.unlink()
        assert post(loop, first, "after").text.startswith("OK accepted ")
        loop.until(lambda: spool_of(loop)["unrecorded"] == 0)
        with open_data(str(loop.folder)) as data:
            [missing] = [one for one in today.attention(data) if one.page == "downtime"]
        assert (missing.word, missing.count) == ("spool_full", 2)
        assert len(loop.rows("conversions")) == number + 1
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()


# -- F4: a file that may not grow ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="NOT TESTED: files that may not grow. It takes Linux.")
def test_where_no_file_may_grow_what_came_is_there_afterwards(tmp_path: Path) -> None:
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url)) as loop:
        assert loop.process is not None
        log = loop.folder / "tallyback.db-wal"
        loop.click()
        limits = resource.prlimit(loop.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(loop.process.pid, resource.RLIMIT_FSIZE, (log.stat().st_size + 100_000, limits[1]))
        clicks, sales = until_spooled(loop)
        for _ in range(20):
            click = loop.click()
            clicks.add(click)
            assert post(loop, click, click).text == "STORED spooled"
            sales.add(click)
        resource.prlimit(loop.process.pid, resource.RLIMIT_FSIZE, limits)
        loop.until(lambda: spool_of(loop)["waiting"] == 0)
        found_clicks, found_sales = found_in(loop)
        assert clicks < found_clicks
        assert len(found_clicks) == len(clicks) + 1
        assert Counter(found_sales) == Counter(sales)
        loop.until(lambda: all_delivered(loop))
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()


# -- SIGKILL ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills"))


def test_killed_while_it_spools_and_while_it_applies_nothing_is_lost_and_nothing_is_there_twice(
    tmp_path: Path, kills: int, show: Callable[[str], None]
) -> None:
    chance = random.Random(SEED)
    promised, waited = Promised(), 0
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url, more=WITH_LANDING)) as loop:
        for number in range(kills):
            with visitors(loop, promised, f"k{number}v"):
                with held(loop):
                    enough = len(promised.sales) + chance.randrange(20, 80)
                    loop.until(lambda enough=enough: len(promised.sales) >= enough)
                    waited += spool_of(loop)["waiting"]
                    if number % 2 == 0:  # while it spools
                        loop.kill()
                if number % 2:  # while it applies
                    time.sleep(chance.random() / 2)
                    loop.kill()
            loop.start()
            if number % 3 == 2:  # at once after a start, which applies too
                time.sleep(chance.random() / 20)
                loop.kill()
                loop.start()
        loop.until(lambda: spool_of(loop)["waiting"] == 0)
        check_promises(loop, promised, slack=VISITORS * kills)
        loop.until(lambda: all_delivered(loop), 60)
        with open_data(str(loop.folder)) as data:
            keys = {row["key"] for row in lists.relays_list(data, Filters()) if row["state"] == "delivered"}
        assert {told.headers["Idempotency-Key"] for told in ad.told} == keys
        assert loop.stop() == 0
        assert "Traceback" not in loop.errors()
    show(f"kills {kills} with a spool in use: {waited} records waited, {len(promised.sales)} sales, lost 0, twice 0")
