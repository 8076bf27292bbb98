"""One round: bare Waitress, the ORM baseline and Tallyback side by side, driven in turn, never two at once.

Each is fresh and idle until its turn comes. For each number of connections bare comes first and Tallyback right after
it, so that a ratio compares two neighbours in time: a machine's speed drifts more between rounds than within one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import books, servers
from tests.bench.generator import ROOT, Generator, Work, work_of
from tests.bench.measured import Measured
from tests.bench.servers import Served, ServerFailed, serving

CONNECTIONS = (1, 8, 32, 128)
USUAL = 32


@dataclass(frozen=True, slots=True)
class Plan:
    generator: Generator
    seconds: float
    warm_up_s: float


@dataclass
class Round:
    bare: dict[int, Measured] = field(default_factory=dict)
    click: dict[int, Measured] = field(default_factory=dict)
    orm: Measured | None = None
    beside_desktop: Measured | None = None
    postback: Measured | None = None
    plain: Measured | None = None  # one path, no geo
    picky: Measured | None = None  # twenty paths, and geo
    bytes_per_click: float = 0.0
    memory_mb: float | None = None


class Turns:
    """Who was asked how much: every answer is counted, warm-up included, and any error ends the bench."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.answered: dict[str, int] = {}

    def warm_up(self, served: Served, work: Work) -> None:
        self._drive(served, work, USUAL, self._plan.warm_up_s)

    def drive(self, served: Served, work: Work, connections: int = USUAL) -> Measured:
        return self._drive(served, work, connections, self._plan.seconds)

    def _drive(self, served: Served, work: Work, connections: int, seconds: float) -> Measured:
        measured = self._plan.generator.drive(served.url, work, connections, seconds)
        if measured.errors:
            raise ServerFailed(f"{measured.errors} errors of {served.name} at {connections} connections.")
        if not measured.answered:
            raise ServerFailed(f"{served.name} answered nothing at {connections} connections.")
        self.answered[served.name] = self.answered.get(served.name, 0) + measured.answered
        return measured


def one_round(folder: Path, plan: Plan) -> Round:
    done = Round()
    data, ignorant = folder / "data", folder / "ignorant"
    servers.set_up(data)
    servers.set_up(ignorant, knows_countries=False)
    before, empty = books.marks(data), books.used_bytes(data)
    visits = work_of(folder / "visits", books.click_targets(), 302)
    turns = Turns(plan)
    with ExitStack() as stack:
        bare, orm, ours, blind = (
            stack.enter_context(serving(name, words, folder / f"{name}.log"))
            for name, words in (
                ("bare Waitress", servers.bare()),
                ("Flask with an ORM", servers.orm(folder)),
                ("Tallyback", servers.tallyback(data)),
                ("Tallyback without geo", servers.tallyback(ignorant)),
            )
        )
        for served in (bare, orm, ours, blind):
            turns.warm_up(served, visits)
        for connections in CONNECTIONS:
            done.bare[connections] = turns.drive(bare, visits, connections)
            done.click[connections] = turns.drive(ours, visits, connections)
            if connections == USUAL:
                with busy_desktop():
                    done.beside_desktop = turns.drive(ours, visits)
                done.orm = turns.drive(orm, visits)
                done.plain = turns.drive(blind, work_of(folder / "plain", books.click_targets("plain"), 302))
                done.picky = turns.drive(ours, work_of(folder / "picky", books.click_targets("picky"), 302))
        clicks = turns.answered[ours.name]
        done.bytes_per_click = (books.used_bytes(data) - empty) / clicks
        sales = work_of(folder / "sales", books.postback_targets(data), 200)
        turns.warm_up(ours, sales)
        done.postback = turns.drive(ours, sales)
        done.memory_mb = ours.memory_mb()
        must_be_well(ours)
    books.must_hold(data, before, clicks, turns.answered[ours.name] - clicks)
    return done


def must_be_well(served: Served) -> None:
    if complaint := served.complaint():
        raise ServerFailed(f"{served.name} complained: {complaint}")


@contextmanager
def busy_desktop() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.busy"], cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
