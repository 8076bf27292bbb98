"""Fills a data folder with clicks and conversions, fast: `python3 run.py bench fill DIR --clicks 1000000`.

A few hundred visits and sales go the whole way through the line, up to the delivered relay. All others are copies of
their rows, straight into the tables, with keys, times, ids and words of their own: so they look as this version would
have written them, whatever columns it has. They are spread over the past 90 days, and nobody is owed anything.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.clock import DAY, HOUR, system_clock
from server.domain.click_id import encode, first_key, key_time
from server.errors import BadInput, TallybackError
from server.storage import dialect
from tests.bench.seeds import SEEDS, Seed, Sown, sow
from tests.bench.stories import Copied, Stories

SPAN = 90 * DAY
_CHUNK = 20_000
_LATEST_SALE = 2 * DAY
_SETTLED = 3 * HOUR  # so long after a click at least its sale is told and relayed
_FILLED = "filled"  # a file beside the database: it came to its end
_OWN = ("id", "external_id", "ip", "destination", "user_agent", "referrer")  # what a copy has for itself
_SCATTER = 0x9E3779B97F4A7C15  # an odd number: its multiples hit every 64-bit word once, and look like chance
_PAGES = [f"https://ref{number}.example/p" for number in range(99)]
_AGENTS = [
    *(
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{v}.0.0.0 Safari/537.36"
        for v in range(100, 130)
    ),
    *(f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_{v} like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148" for v in range(6)),
]


@dataclass(frozen=True, slots=True)
class Span:
    """Clicks come evenly from the first to the last of these milliseconds."""

    first: int
    last: int


def is_filled(folder: Path) -> bool:
    return (folder / _FILLED).exists()


def fill(folder: Path, clicks: int, conversions: int) -> float:
    """How many seconds it took."""
    if clicks < SEEDS or not 0 <= conversions <= clicks // 2:
        raise BadInput(
            f"A folder cannot be filled with {clicks} clicks and {conversions} conversions.",
            remedy=f"Ask for {SEEDS} clicks or more, and for a conversion of every second one at most.",
        )
    began = time.perf_counter()
    now = system_clock()
    sown = sow(folder, now - SPAN - 7 * DAY, conversions)
    sales = [seed for seed in sown.seeds if seed.conversion and seed.is_settled]
    if conversions and not sales:
        raise BadInput(
            "No network of this setup takes a plain postback with its token.",
            where=str(folder),
            remedy="Name an empty folder: it gets a setup of its own.",
        )
    with closing(dialect.driver().connect(str(folder / "tallyback.db"), isolation_level=None)) as connection:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        span = Span(now - SPAN, now - _SETTLED)
        _copy(connection, sown, span, clicks - SEEDS, max(0, conversions - len(sales)))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / _FILLED).touch()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Pattern:
    """What of a seed's row its copies share: the address left and right of the click id, and the columns as they are."""

    before: str | None
    after: str
    columns: tuple[Any, ...]
    seed: Seed
    has_story: bool

    def place(self, click_id: str) -> str | None:
        return None if self.before is None else f"{self.before}{click_id}{self.after}"


def _copy(connection: Any, sown: Sown, span: Span, clicks: int, conversions: int) -> None:
    chance = random.Random(7)
    stories = Stories(connection, sown)
    used = {name for seed in sown.seeds for name, value in seed.click.items() if value is not None}
    shared = sorted(used.difference(_OWN))
    patterns = [_pattern(seed, shared) for seed in sown.seeds]
    weights = [1 / (place + 1) for place in range(len(patterns))]  # a few zones send most of the traffic
    names = [*_OWN, *shared]
    insert = f"INSERT INTO click ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    told = 0
    for first in range(0, clicks, _CHUNK):
        rows = []
        numbers = range(first, min(first + _CHUNK, clicks))
        for number, pattern in zip(numbers, chance.choices(patterns, weights, k=len(numbers)), strict=True):
            at = span.first + (span.last - span.first) * number // clicks
            key = first_key(at) | (number & 0xFFFF)
            click_id, external_id = encode(key, sown.secret), f"{number * _SCATTER & 0xFFFFFFFFFFFFFFFF:016x}"
            own = (
                key,
                external_id,
                _address(number),
                pattern.place(click_id),
                _AGENTS[number % 36],
                _PAGES[number % 99],
            )
            rows.append(own + pattern.columns)
            if pattern.has_story and told < (number + 1) * conversions // clicks:
                told += 1
                later = int(chance.random() * min(_LATEST_SALE, span.last - at))
                shift = at - key_time(pattern.seed.click["id"]) + later
                stories.copy(pattern.seed, Copied(key, click_id, external_id, f"T{number:010}", shift))
        connection.execute("BEGIN")
        connection.executemany(insert, rows)
        stories.write()
        connection.execute("COMMIT")


def _pattern(seed: Seed, shared: Sequence[str]) -> Pattern:
    place = seed.click["destination"]
    before, _, after = (place or "").partition(seed.click_id)
    columns = tuple(seed.click[name] for name in shared)
    return Pattern(None if place is None else before, after, columns, seed, bool(seed.conversion and seed.is_settled))


def _address(number: int) -> str:
    return f"203.0.{number * 7919 >> 8 & 255}.{number * 7919 & 255}"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py bench fill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="empty, or set up and without clicks")
    parser.add_argument("--clicks", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--conversions", type=int, metavar="M", help="default: of every fiftieth click")
    told = parser.parse_args(words)
    conversions = told.clicks // 50 if told.conversions is None else told.conversions
    took = fill(told.folder, told.clicks, conversions)
    size = (told.folder / "tallyback.db").stat().st_size / 1e6
    sys.stdout.write(f"{told.clicks:,} clicks, {conversions:,} conversions, {size:,.0f} MB, {took:.0f} s\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except TallybackError as error:
        sys.stderr.write(f"bench: {error}\n")
        sys.exit(error.exit_status)
