"""`python3 run.py bench`: how fast Tallyback is beside a bare Waitress and beside the naive way, on this machine.

    python3 run.py bench                 five rounds, then the same on databases of 1 and 10 million clicks
    python3 run.py bench --quick         within 50 seconds, without the large databases
    python3 run.py bench desktop         how long the desktop takes to open on a million clicks, and what holds it up
    python3 run.py bench fill DIR        a data folder full of clicks and conversions

Only ratios within a round mean anything elsewhere. The disk under --folder is the one that is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.errors import TallybackError
from tests.bench import deciding, figures, growth
from tests.bench.disk import sync_microseconds
from tests.bench.generator import Generator
from tests.bench.growth import Grown
from tests.bench.rounds import Plan, Round, one_round
from tests.bench.visitors import write_geo

QUICK_S = 45.0


def main(words: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what we started is stopped on the way out
    try:
        if words[:1] == ["fill"]:
            from tests.bench import fill

            return fill.main(words[1:])
        if words[:1] == ["desktop"]:
            from tests.bench import desktop

            return desktop.main(words[1:])
        return bench(_arguments(words))
    except TallybackError as error:
        sys.stderr.write(f"bench: {error}\n")
        return error.exit_status
    except OSError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="as many rounds as 45 seconds hold, of a second each")
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="how often everything is measured (default 5)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="of each measurement (default 3)")
    parser.add_argument("--clicks", type=int, metavar="N", help="in the larger database (default 10000000; 0: none)")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the data lies; filled databases stay there")
    parser.add_argument("--generator", choices=("wrk", "ours"), default="", help="default: wrk where it is installed")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="the figures as JSON (default: to stdout)")
    parser.add_argument("--strict", action="store_true", help="exit status 1 where something asked for is missed")
    told = parser.parse_args(words)
    if told.clicks is None:
        told.clicks = 0 if told.quick else 10_000_000
    if told.rounds < 1 or told.seconds <= 0 or told.clicks < 0:
        parser.error("--rounds and --seconds must be above 0, --clicks not below")
    return told


def bench(told: argparse.Namespace) -> int:
    out = sys.stderr if told.json == "-" else sys.stdout
    plan = Plan(Generator(told.generator), 1.0 if told.quick else told.seconds, 0.3 if told.quick else 1.0)
    with _folder(told.folder) as folder:
        sync = sync_microseconds(folder)
        out.write(f"{_machine()}, driven by {plan.generator.name}; fdatasync of this disk: {sync:.0f} µs\n")
        out.flush()
        rounds = _rounds(folder, plan, told)
        pairs = _growth(folder, plan, told) if told.clicks else []
        geo = folder / "geo"
        write_geo(geo)
        found = [*figures.of_rounds(rounds), figures.of_deciding(deciding.figures(str(geo)))]
    lines = figures.rates(rounds)
    if pairs:
        found += figures.of_growth(pairs, told.clicks)
        lines += figures.rates_of_growth(pairs, told.clicks)
    out.write("\n".join(["", *lines, "", *(figure.line() for figure in found), ""]))
    missed = [figure.title for figure in found if figure.is_missed]
    out.write(f"\n{len(rounds)} rounds, no errors, no answered row missing; {len(missed)} missed of what is asked.\n")
    made = figures.as_json(found, len(rounds), fdatasync_us=round(sync), generator=plan.generator.name, missed=missed)
    _write(told.json, made)
    return int(bool(missed and told.strict))


def _rounds(folder: Path, plan: Plan, told: argparse.Namespace) -> list[Round]:
    began = time.monotonic()
    done: list[Round] = []
    longest = 0.0
    while len(done) < told.rounds:
        at = time.monotonic()
        if told.quick and done and at - began + longest > QUICK_S:
            break
        with tempfile.TemporaryDirectory(dir=folder, prefix="round-") as scratch:
            done.append(one_round(Path(scratch), plan))
        longest = max(longest, time.monotonic() - at)
        click, bare = done[-1].click[32].rate, done[-1].bare[32].rate
        _note(f"round {len(done)}: click {click:,.0f}/s, bare {bare:,.0f}/s at 32 connections")
    return done


def _growth(folder: Path, plan: Plan, told: argparse.Namespace) -> list[tuple[Grown, Grown]]:
    small, large = growth.filled(folder, told.clicks, _note)
    pairs = []
    for number in range(1, told.rounds + 1):
        pairs.append((growth.measure(small, plan), growth.measure(large, plan)))
        _note(f"growth, round {number}")
    return pairs


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="tallyback-bench-") as scratch:
        yield Path(scratch)


def _note(line: str) -> None:
    sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores{load}"


def _write(place: str | None, made: dict[str, Any]) -> None:
    if place is None:
        return
    text = json.dumps(made, indent=2) + "\n"
    if place == "-":
        sys.stdout.write(text)
    else:
        Path(place).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
