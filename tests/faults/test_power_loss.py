"""F2: the power goes at any moment, and what was not flushed is lost: all that was acknowledged before is there.

A real server is traced while clicks and postbacks come, while another process holds the database, and across many
checkpoints. From the trace the folder is rebuilt as a disk would hold it, once with nothing that was not flushed, once
with whatever part of it chance leaves. A server starts on each.
"""

from __future__ import annotations

import json
import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from server.api import lists
from server.api.data import open_data
from server.api.listings import Filters
from server.api.setup import apply
from server.engine import Engine
from server.settings import data_folder
from server.setup.document import read_document
from server.storage import dialect
from tests.ad_network import setup_with
from tests.faults import platter
from tests.faults.conftest import Note
from tests.faults.platter import Disk, Files
from tests.faults.test_flushed import AT_ONCE, ask, ask_all
from tests.faults.trace import Call, calls
from tests.loop import ROOT, Loop

EACH = 4  # clicks of each visitor in one phase, with a postback for each
WAL, DATABASE, SPOOL = "tallyback.db-wal", "tallyback.db", "spool"
SEED = 20_261_203
# The server as `python -m server` starts it, but with a checkpoint after each 60 pages, not after 4000.
SERVER = """
import sys
from server.cli import main
from server.storage import dialect
dialect._LOG_PAGES = 60
sys.exit(main())
"""
_ASKED = re.compile(rb"GET /[cp]/\S*[?&](?:ext|txn_id)=([\w-]+) HTTP")
_ANSWERED = re.compile(rb"HTTP/1\.1 (?:302|200) (?:.*sub1=(\w+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Promise:
    """A click or a sale that was acknowledged, under the word that no other has."""

    key: str
    click: str  # its id, where it is one
    asked: int
    answered: int

    @property
    def rows(self) -> set[tuple[str, str]]:
        """What must be there of it: the click, or the conversion and the postback."""
        return {(self.key, self.click)} if self.click else {(self.key, "1.00"), (self.key, "accepted")}


@dataclass(frozen=True, slots=True)
class Run:
    folder: Path
    before: Files
    after: Files
    steps: Sequence[Call]
    promises: Sequence[Promise]

    def changing(self, name: str) -> list[Call]:
        of_file = [call for call in self.steps if platter.names_of(self.folder, call) == [name]]
        return [call for call in of_file if call.name in (*platter.CHANGES, *platter.FLUSHES)]

    def until(self, moment: int) -> list[Promise]:
        return [promise for promise in self.promises if promise.answered <= moment]


# -- the load ------------------------------------------------------------------------------------------------------------


def visited(loop: Loop, phase: str) -> Counter[str]:
    """What the postbacks of this phase were answered; two visitors of six take the plain way, each in its thread."""
    said: list[str] = []

    def visit(own: HTTPConnection, number: str) -> None:
        headers = {"TE": "trailers"} if number.startswith(("0", "3")) else {}
        key = f"{phase}-{number}"
        click = ask(own, "GET", f"/c/summer?ext=c{key}", headers).split("sub1=")[1]
        told = f"/p/maxi?token=a-secret&click_id={click}&payout=1&txn_id=p{key}"
        said.append(ask(own, "GET", told, headers))

    ask_all(loop, visit, EACH)
    return Counter(" ".join(line.split()[:2]) for line in said)


def load(loop: Loop, other: Any) -> None:
    """In and out of the spool twice, so that it is filled anew over what lay in it."""
    visited(loop, "first")
    for phase in ("second", "third"):
        other.execute("BEGIN IMMEDIATE")
        assert visited(loop, f"{phase}-held") == {"STORED spooled": AT_ONCE * EACH}
        other.execute("ROLLBACK")
        visited(loop, f"{phase}-draining")
        loop.until(lambda: json.loads(loop.get("/healthz").text)["spool"]["waiting"] == 0)
    visited(loop, "last")


# -- the run -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    if refusal := platter.refusal():
        pytest.skip(f"NOT TESTED: a loss of power. {refusal}")
    parent = tmp_path_factory.mktemp("power")
    loop = Loop(parent / "data")
    with open_data(str(loop.folder)) as data:
        apply(data, read_document(setup_with("http://127.0.0.1:1", 'delay = "1h"'), "setup.toml"))
    before, trace = platter.contents(loop.folder), parent / "trace"
    words = ["serve", "--json", "--port", "0", "--data", str(loop.folder)]
    loop.process = platter.under_strace(trace, sys.executable, "-c", SERVER, *words, cwd=ROOT)
    try:
        assert loop.process.stdout
        loop.url = json.loads(loop.process.stdout.readline())["url"]
        # As long as another has it open, the server leaves its log as it is: it can be held against the platter.
        with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"), isolation_level=None)) as other:
            load(loop, other)
            end = rb"^%d +\+\+\+ exited" % loop.process.pid
            assert loop.stop() == 0
            loop.until(lambda: re.search(end, tail(trace), re.MULTILINE))
            after = platter.contents(loop.folder)
    finally:
        if loop.process is not None:
            loop.kill()
    found = list(calls(trace.read_text("ascii").splitlines()))
    trace.unlink()
    return Run(loop.folder, before, after, platter.steps(loop.folder, found), promises(found))


def tail(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - 1000))
        return opened.read()


def promises(found: Sequence[Call]) -> list[Promise]:
    """What was answered, on the connection on which it was asked: told once the answer begins to leave."""
    asked: dict[str, tuple[str, int]] = {}
    told = []
    for call in sorted(found, key=lambda call: call.began if call.name == "sendto" else call.ended):
        if call.name == "recvfrom" and (request := _ASKED.match(platter.bytes_of(call))):
            asked[call.file] = request[1].decode(), call.ended
        elif call.name == "sendto" and call.file in asked and (answer := _ANSWERED.match(platter.bytes_of(call))):
            key, when = asked.pop(call.file)
            told.append(Promise(key, (answer[1] or b"").decode(), when, call.began))
    return told


# -- after the loss ------------------------------------------------------------------------------------------------------


def start_and_stop(folder: Path) -> None:
    """As after any crash: the log is read, what lies in the spool is applied."""
    engine = Engine(data_folder(str(folder)), url=None, host="127.0.0.1", port=0)
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        assert engine.is_announced.wait(20)
        Loop(folder).until(lambda: engine._spool.waiting == 0)
    finally:
        engine.stop()
        thread.join(20)


def lost(promised: Sequence[Promise], files: Files, folder: Path) -> set[str]:
    """What was promised and is not there, in a folder that is whole and holds nothing twice."""
    platter.put_down(files, folder)
    start_and_stop(folder)
    with closing(dialect.driver().connect(str(folder / "tallyback.db"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with open_data(str(folder)) as data:
        clicks = [(row["external_id"], row["id"]) for row in lists.clicks(data, Filters())]
        sales = [(row["txn_id"], row["net"]) for row in lists.conversions(data, Filters())]
        postbacks = [(row["query"].partition("txn_id=")[2], row["outcome"]) for row in lists.postbacks(data, Filters())]
    for rows in (clicks, sales, postbacks):
        assert [key for key, count in Counter(key for key, _ in rows).items() if count > 1] == []
    found = {*clicks, *sales, *postbacks}
    return {promise.key for promise in promised if not promise.rows <= found}


def moments(run: Run, count: int, chance: random.Random) -> list[int]:
    """Half of them as an answer leaves, the others while the log, the database (in a checkpoint) or the spool changes."""
    answers = [promise.answered for promise in run.promises]
    kinds = [
        places
        for name in (WAL, DATABASE, SPOOL)
        for places in (answers, [platter.place_of(call) for call in run.changing(name)])
    ]
    return sorted(chance.choice(kinds[number % len(kinds)]) for number in range(count))


def test_the_trace_tells_all_that_was_written_and_has_checkpoints_and_a_spool_in_it(run: Run) -> None:
    disk = Disk(run.folder, run.before, run.steps)
    disk.run(run.steps[-1].ended)
    found = disk.whole()
    assert found.keys() == run.after.keys()
    assert [name for name in found if found[name] != run.after[name]] == []
    begun_anew = [call for call in run.changing(WAL) if call.name == "pwrite64" and call.text.endswith(", 32, 0) = 32")]
    assert len(begun_anew) > 3
    assert len([call for call in run.changing(DATABASE) if call.name in platter.FLUSHES]) > 3
    assert len(run.changing(SPOOL)) > 2 * EACH


def test_when_the_power_goes_nothing_acknowledged_is_lost(
    run: Run, tmp_path: Path, note: Note, power_losses: int
) -> None:
    chance = random.Random(SEED)
    disk = Disk(run.folder, run.before, run.steps)
    for moment in moments(run, power_losses, chance):
        disk.run(moment)
        for files in (disk.sure(), disk.some(chance)):
            assert lost(run.until(moment), files, tmp_path / "found") == set(), f"lost at {moment}"
    note(power_losses=2 * power_losses, acknowledged=len(run.promises), lost=0)


def after(moment: int) -> Callable[[Call], bool]:
    return lambda call: call.ended > moment


def test_without_flushes_it_would_see_the_loss(run: Run, tmp_path: Path) -> None:
    """Canaries: no flush at all loses all, none since the request was read loses what it was answered with."""
    chance = random.Random(SEED)
    disk = Disk(run.folder, run.before, run.steps, forgets=after(0))
    disk.run(run.promises[-1].answered)
    assert lost(run.promises, disk.sure(), tmp_path / "found") == {promise.key for promise in run.promises}
    for promise in chance.sample(run.promises, 4):
        disk = Disk(run.folder, run.before, run.steps, forgets=after(promise.asked))
        disk.run(promise.answered)
        assert promise.key in lost(run.until(promise.answered), disk.sure(), tmp_path / "found")


# -- the platter ---------------------------------------------------------------------------------------------------------


def hexed(raw: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in raw)


A, B = f"7<{hexed(b'/d/a')}>", f"7<{hexed(b'/d/b')}>"


def disk_after(*lines: str, before: Files) -> Disk:
    return Disk(Path("/d"), before, platter.steps(Path("/d"), calls(lines)))


def test_only_what_had_ended_when_the_flush_began_is_sure_and_only_once_it_has_returned() -> None:
    disk = disk_after(
        f'1 pwrite64({A}, "{hexed(b"one")}", 3, 0) = 3',
        f'2 pwrite64({A}, "{hexed(b"two")}", 3, 3 <unfinished ...>',
        f"1 fsync({A} <unfinished ...>",
        "2 <... pwrite64 resumed>) = 3",
        "1 <... fsync resumed>) = 0",
        before={"a": b""},
    )
    disk.run(3)
    assert disk.sure() == {"a": b""}
    disk.run(4)
    assert (disk.sure(), disk.whole()) == ({"a": b"one"}, {"a": b"onetwo"})


def test_of_what_is_not_sure_any_sector_may_be_there() -> None:
    old, new = b"o" * platter.SECTOR, b"n" * platter.SECTOR
    disk = disk_after(f'1 pwrite64({A}, "{hexed(new + new)}", 1024, 0) = 1024', before={"a": old + old})
    disk.run(0)
    found = {bytes(disk.some(random.Random(seed))["a"]) for seed in range(60)}
    assert found == {old + old, old + new, new + old, new + new}


def test_a_file_that_is_moved_is_no_surer_for_it() -> None:
    disk = disk_after(
        f'1 openat(AT_FDCWD<{hexed(b"/")}>, "{hexed(b"/d/a")}", O_RDWR|O_CREAT, 0600) = {A}',
        f'1 write({A}, "{hexed(b"one")}", 3) = 3',
        f'1 rename("{hexed(b"/d/a")}", "{hexed(b"/d/b")}") = 0',
        f"1 fsync({B}) = 0",
        before={},
    )
    disk.run(2)
    assert disk.sure() == {"b": b""}
    disk.run(3)
    assert disk.sure() == {"b": b"one"}
