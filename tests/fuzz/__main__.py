"""Hostile requests against a server of its own: `python -m tests.fuzz [--requests N] [--seed S] [--seconds S]`.

Every request is the same for the same seed and number; one that fails is printed with the command that sends it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.run import Result, fuzz


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000, help="how many connections are made (default 5000)")
    parser.add_argument("--seed", type=int, default=1, help="which requests (default 1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (default 0)")
    parser.add_argument("--seconds", type=float, help="stop after so long")
    told = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="tallyback-fuzz-") as scratch:
        result = fuzz(Path(scratch), told.seed, told.requests, told.first, told.seconds)
    _print(result)
    return 1 if result.wrong else 0


def _print(result: Result) -> None:
    rate = result.requests / max(result.seconds, 0.001)
    lines = [
        *result.wrong,
        (
            f"{result.requests} connections in {result.seconds:.1f} s ({rate:.0f}/s), "
            f"the slowest took {result.slowest_s * 1000:.0f} ms"
        ),
        "answers: " + ", ".join(f"{count} x {status}" for status, count in sorted(result.statuses.items())),
        "postbacks: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(result.said.items())),
        "clicks: " + ", ".join(f"{count} {reason}" for reason, count in sorted(result.reasons.items())),
        f"{len(result.wrong)} went wrong" if result.wrong else "nothing went wrong",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
