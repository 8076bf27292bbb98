"""`tallyback demo`: the whole business on this machine."""

from __future__ import annotations

import argparse

from server.cli.command import Arguments, Command


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--for", dest="seconds", default="20s")


def _run(arguments: Arguments) -> int:
    return 0


COMMAND = Command("demo", "run the whole loop", "", "tallyback demo --for 20s", _add_arguments, _run)
