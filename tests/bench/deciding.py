"""What it costs to decide where a click goes: `python -m tests.bench.deciding [--geo FOLDER]`.

Microseconds of this thread's processor time for each click, below HTTP and above the database: what is known of the
visitor, then the decision on one path without conditions and on twenty with three each, of which the last is open.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from server.current import templates
from server.domain.choosing import Chances
from server.domain.click_id import Keys
from server.domain.things import Setup
from server.pipeline import click
from server.pipeline.click import Visit
from server.pipeline.ground import Ground
from server.setup.build import build
from server.setup.document import read_document
from server.setup.merge import merge
from server.setup.specs import Specs
from server.visitor.visitors import Visitors
from tests.pipeline.world import NOON, small_setup

PATHS = 20
CLICKS = 2000
ROUNDS = 15
AGENT = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0 Mobile Safari/537.36"
)
CONDITIONS = 'when = {{ country = ["US", "CA"], hour = "8-18", sub1 = {{ matches = "^zone-{}$" }} }}'
CHANCES = Chances(0.1, 0.2, 0.3)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="deciding", description=__doc__)
    parser.add_argument("--geo", metavar="FOLDER", help="where .mmdb files lie")
    geo = parser.parse_args(words).geo
    for name, cost in figures(geo):
        sys.stdout.write(f"{name:<42}{cost:8.1f} µs\n")
    return 0


def figures(geo: str | None = None) -> list[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as empty:
        visitors = Visitors(Path(geo or empty), Path(empty), b"key")
        visitors.look()
        known = visitors.facts("8.8.8.8", AGENT.format(120), {}, NOON)
        facts = _timed(lambda number: visitors.facts(f"8.8.{number % 250}.8", AGENT.format(number % 50), {}, NOON))
    visit = Visit(NOON, {"sub1": f"zone-{PATHS}"}, "8.8.8.8", AGENT, None, "en", {**known, "country": "US"})
    return [
        ("the visitor's facts" + (", with geo" if geo else ""), facts),
        ("the decision, one path", _decisions(_setup(1), visit)),
        (f"the decision, {PATHS} paths of 3 conditions", _decisions(_setup(PATHS), visit)),
    ]


def _setup(count: int) -> Setup:
    head, _, _ = small_setup().partition("[[campaign.path]]")
    conditions = [CONDITIONS.format(number) for number in range(1, count + 1)] if count > 1 else [""]
    paths = "".join(f'[[campaign.path]]\n{when}\noffers = [{{ offer = "keto" }}]\n' for when in conditions)
    return build(merge(Specs(), read_document(head + paths, "bench.toml").specs, lambda: "token"), templates())


def _decisions(setup: Setup, visit: Visit) -> float:
    ground, keys, campaign = Ground(setup, b"k" * 32, NOON), Keys(0), setup.campaigns["summer"]
    return _timed(lambda _number: click.decide(visit, campaign, keys.next(NOON), CHANCES, ground))


def _timed(act: Callable[[int], object]) -> float:
    """The median of some rounds, in microseconds."""
    costs = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for number in range(CLICKS):
            act(number)
        costs.append((time.thread_time() - began) / CLICKS * 1e6)
    return median(costs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
