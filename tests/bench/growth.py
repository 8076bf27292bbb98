"""The same clicks and postbacks on a small and on a large database, in turn: what growing costs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.errors import BadInput
from tests.bench import books, servers
from tests.bench.fill import fill, is_filled
from tests.bench.generator import work_of
from tests.bench.measured import Measured
from tests.bench.rounds import Plan, Turns, must_be_well
from tests.bench.servers import serving

TIMES_SMALLER = 10
CLICKS_OF_A_CONVERSION = 50
BYTES_OF_A_CLICK = 500  # on the safe side, with its share of conversions and of the log


@dataclass(frozen=True, slots=True)
class Size:
    clicks: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Grown:
    click: Measured
    postback: Measured


def must_have_room(folder: Path, clicks: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < clicks * BYTES_OF_A_CLICK:
        raise BadInput(
            f"{clicks:,} clicks take {clicks * BYTES_OF_A_CLICK / 1e9:.0f} GB, and {free / 1e9:.0f} GB are free.",
            where=str(folder),
            remedy="Ask for fewer with --clicks, or name another disk with --folder.",
        )


def filled(folder: Path, clicks: int, say: Callable[[str], None]) -> tuple[Size, Size]:
    """The small and the large one; what an earlier run filled is taken as it is."""
    sizes = []
    for count in (clicks // TIMES_SMALLER, clicks):
        size = Size(count, folder / f"clicks-{count}")
        if not is_filled(size.folder):
            must_have_room(folder, count)
            say(f"filling {size.folder} with {count:,} clicks")
            took = fill(size.folder, count, count // CLICKS_OF_A_CONVERSION)
            say(f"filled in {took:.0f} s, {(size.folder / 'tallyback.db').stat().st_size / 1e6:,.0f} MB")
        sizes.append(size)
    return sizes[0], sizes[1]


def measure(size: Size, plan: Plan) -> Grown:
    before = books.marks(size.folder)
    visits = work_of(size.folder / "visits", books.click_targets(), 302)
    sales = work_of(size.folder / "sales", books.postback_targets(size.folder), 200)
    turns = Turns(plan)
    with serving("Tallyback", servers.tallyback(size.folder), size.folder / "server.log") as ours:
        turns.warm_up(ours, visits)
        click = turns.drive(ours, visits)
        clicks = turns.answered[ours.name]
        turns.warm_up(ours, sales)
        postback = turns.drive(ours, sales)
        must_be_well(ours)
    books.must_hold(size.folder, before, clicks, turns.answered[ours.name] - clicks)
    return Grown(click, postback)
