"""`tallyback check`: whether everything is sound."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict

from server.api import check
from server.api.check import Finding
from server.cli.command import Arguments, Command
from server.cli.printing import print_json, printable, wrapped

_WIDTH = 22


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deep", action="store_true", help="everything, where else the newest ones are looked at")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    findings = check.check(arguments.data, arguments.database, is_deep=arguments.deep, begins=_say_what_begins)
    seen: list[Finding] = []
    if arguments.json:
        print_json(asdict(finding) for finding in _noted(findings, seen))
    else:
        for finding in _noted(findings, seen):
            _print(finding)
    troubles = sum(not finding.ok for finding in seen)
    if not arguments.json:
        print(f"{len(seen)} looked at, {troubles} to look into." if troubles else f"{len(seen)} looked at, all sound.")
    return 1 if troubles else 0


def _noted(findings: Iterator[Finding], seen: list[Finding]) -> Iterator[Finding]:
    for finding in findings:
        _say_what_begins("")
        seen.append(finding)
        yield finding


def _print(finding: Finding) -> None:
    mark = "ok         " if finding.ok else "look here  "
    print(f"{mark}{finding.what:<{_WIDTH}} {printable(finding.found)}")
    for line in wrapped(printable(finding.remedy), " " * (len(mark) + _WIDTH + 1)):
        print(line)
    sys.stdout.flush()


def _say_what_begins(what: str) -> None:
    """On a terminal, for the long ones: written over by what was found."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what} …" if what else "\r\033[K")
        sys.stderr.flush()


COMMAND = Command(
    name="check",
    summary="is everything sound: the database, the books, the files, the machine",
    manual=(
        "Looks at the database's pages and references, at the versions of the tables, and whether the books agree:\n"
        "conversions with their history, relays with what is owed, click ids with their key. Also at rights of files,\n"
        "the disk, the clock and the limits. Changes nothing and holds nobody up, whether a server runs or not.\n"
        "Exit status 1 where something needs a look. With --deep it looks at all of it, which takes longer."
    ),
    example="tallyback check --deep",
    add_arguments=_add_arguments,
    run=_run,
)
