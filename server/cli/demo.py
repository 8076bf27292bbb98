"""`tallyback demo`: the whole loop on this machine, with its books proved."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from pathlib import Path

from server.cli.command import Arguments, Command
from server.demo.ink import Ink
from server.demo.live import Nothing, view_on
from server.demo.play import Plan, play
from server.demo.printing import books_json, books_text
from server.errors import BadInput

_LENGTH = re.compile(r"(?a:(\d{1,4}))([sm]?)")
_LONGEST_S = 600
_HIGHEST_RATE = 100
_INTERRUPTED = 130


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--for", dest="length", metavar="TIME", default="20s", help="how long: 20s, 2m (default 20s)")
    parser.add_argument("--keep", metavar="DIR", help="keep the data in this folder, new or empty")
    parser.add_argument("--rate", metavar="N", type=int, default=15, help="clicks a second, 1 to 100 (default 15)")
    parser.add_argument("--seed", metavar="N", type=int, help="the same visitors and postbacks as in another run")
    parser.add_argument("--json", action="store_true", help="only the books, as one JSON object")


def _run(arguments: Arguments) -> int:
    _refuse_real_data(arguments)
    seed = random.randrange(10_000) if arguments.seed is None else arguments.seed
    plan = Plan(_seconds(arguments.length), _rate(arguments.rate), seed, _folder(arguments.keep))
    ink = Ink(sys.stdout)
    try:
        ending = play(plan, Nothing() if arguments.json else view_on(sys.stdout, ink))
    except KeyboardInterrupt:
        sys.stderr.write("tallyback: The demo was stopped before its end, so nothing is proved.\n")
        return _INTERRUPTED
    if arguments.json:
        print(json.dumps(books_json(ending, plan), ensure_ascii=False))
    else:
        for line in books_text(ending, plan, ink):
            print(line)
    return 0 if ending.books.is_balanced else 1


def _refuse_real_data(arguments: Arguments) -> None:
    for name in ("data", "database"):
        if getattr(arguments, name) is not None:
            raise BadInput(
                "The demo works on a throw-away folder of its own and never on yours.",
                where=f"--{name}",
                remedy="Leave it out; --keep DIR keeps what the demo made.",
            )


def _folder(text: str | None) -> Path | None:
    if text is None:
        return None
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:  # ~somebody whom this machine does not know
        raise BadInput(f"{text[:80]} is no folder: {error}", where="--keep", remedy="Name another.") from error


def _seconds(text: str) -> int:
    match = _LENGTH.fullmatch(text.strip())
    seconds = int(match[1]) * (60 if match[2] == "m" else 1) if match else 0
    if not 1 <= seconds <= _LONGEST_S:
        raise BadInput(f"{text[:40]} is no time from 1s to 10m.", where="--for", remedy="Write 20s, 2m or 90.")
    return seconds


def _rate(rate: int) -> int:
    if not 1 <= rate <= _HIGHEST_RATE:
        raise BadInput(f"{rate} clicks a second is out of range.", where="--rate", remedy="Choose from 1 to 100.")
    return rate


COMMAND = Command(
    name="demo",
    summary="run the whole loop on this machine with simulated visitors and networks, and prove its books",
    manual=(
        "A throw-away data folder, a server of its own, visitors, two networks that post back as real ones do (late,\n"
        "twice, reversed, with macros left in, with ids cut short) and two sources that answer 500 at times: all over\n"
        "HTTP on this machine, nothing leaves it. In the end the books: what was sent beside what is counted, to the\n"
        "cent. Exit status 0 where they balance, 1 where they do not. It ends a few seconds after --for, as soon as\n"
        "every relay that was refused has been sent again (12 seconds at most). --seed brings the same visitors and\n"
        "stories again; which of the weighted offers a visitor gets stays the server's own choice."
    ),
    example="tallyback demo --for 1m --keep ./demo-data",
    add_arguments=_add_arguments,
    run=_run,
)
