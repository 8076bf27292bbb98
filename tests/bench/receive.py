"""What one accepted postback costs below HTTP, and where: `python -m tests.bench.receive [--profile]`.

Microseconds of this thread's processor time for each postback with a transaction id of its own on a click of its own,
one source to tell, in batches that share a commit on a fresh SQLite file. Other load makes all of them larger.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server.pipeline import attribution, batch
from server.pipeline.attribution import Received
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt
from server.storage import bulk
from server.storage.database import open_database
from tests.pipeline.world import World, small_setup, world_on

BATCHES = (1, 8, 32, 128)
OF_EACH = 1024
WARM = 256
TOKEN = "the-secret-of-maxi"
STAGES = {
    "reading": (batch, "_hear"),
    "facts": (batch, "_usual"),  # the reading in it is taken off again
    "judging": (batch, "judge"),
    "writing": (bulk, "insert_rows"),
    "commit": (Connection, "_commit_impl"),
}
Take = Callable[[Connection, Sequence[Receipt], Ground], Sequence[Received | Exception]]


class Stopwatch:
    """How long each stage took, in all."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        for stage, (where, name) in STAGES.items():
            setattr(where, name, self._timed(stage, getattr(where, name)))

    def _timed(self, stage: str, called: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            began = time.thread_time()
            try:
                return called(*arguments)
            finally:
                self.seconds[stage] += time.thread_time() - began

        return timed


def receipts(world: World, count: int) -> list[Receipt]:
    world.apply(small_setup().replace('key = "maxi"\ntoken = ""', f'key = "maxi"\ntoken = "{TOKEN}"'))
    query = "token={}&click_id={}&payout=12.50&txn_id=T-{}&status=approved"
    return [world.receipt(query.format(TOKEN, world.click(), 100_000 + number).encode()) for number in range(count)]


def taken(world: World, take: Take, came: Sequence[Receipt], of_one: int) -> float:
    """Seconds for all of them."""
    ground = world.ground
    began = time.thread_time()
    for start in range(0, len(came), of_one):
        part = came[start : start + of_one]
        with world.data.database.writing.begin() as connection:
            answers = take(connection, part, ground)
        if [getattr(answer, "outcome", answer) for answer in answers] != ["accepted"] * len(part):
            raise AssertionError(answers)
    return time.thread_time() - began


def one_by_one(connection: Connection, came: Sequence[Receipt], ground: Ground) -> list[Received]:
    return [attribution.receive(connection, receipt, ground) for receipt in came]


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Microseconds of processor time for each accepted postback.")
    parser.add_argument("--profile", action="store_true", help="where the time of batches of 32 goes, by function")
    wanted = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="tallyback-bench-") as folder:
        world = world_on(open_database(f"sqlite:///{Path(folder) / 'tallyback.db'}"), Path(folder))
        came = iter(receipts(world, WARM + (len(BATCHES) + 1) * OF_EACH))
        next_ones = [[next(came) for _ in range(OF_EACH)] for _ in (*BATCHES, "one by one")]
        taken(world, batch.receive_many, list(came), 32)
        if wanted.profile:
            profile = cProfile.Profile()
            profile.runcall(taken, world, batch.receive_many, next_ones[0], 32)
            pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        else:
            sys.stdout.writelines(f"{line}\n" for line in figures(world, next_ones))
        world.data.database.close()


def figures(world: World, came: Sequence[Sequence[Receipt]]) -> Iterator[str]:
    alone = taken(world, one_by_one, came[0], 32)
    watch = Stopwatch()
    yield "".join([f"{'in a batch of':16}", *(f"{stage:>10}" for stage in ("all", *STAGES, "the rest"))])
    for of_one, part in zip(BATCHES, came[1:], strict=True):
        watch.seconds.clear()
        total = taken(world, batch.receive_many, part, of_one)
        watch.seconds["facts"] -= watch.seconds["reading"]
        stages = [watch.seconds[stage] for stage in STAGES]
        yield f"{of_one:<16}" + "".join(micro(seconds) for seconds in (total, *stages, total - sum(stages)))
    yield f"{'one by one (32)':16}{micro(alone)}"


def micro(seconds: float) -> str:
    return f"{seconds / OF_EACH * 1e6:10.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
