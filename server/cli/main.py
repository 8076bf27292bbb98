"""Reads the command line, runs one command, and turns every error into one line and an exit status."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from server import VERSION
from server.cli import (
    apply,
    catalog,
    check,
    demo,
    desktop,
    evidence,
    explain,
    export,
    links,
    lists,
    replay,
    report,
    serve,
    stats,
    test,
)
from server.cli.command import Command
from server.errors import TallybackError, nearest

COMMANDS: tuple[Command, ...] = (
    serve.COMMAND,
    demo.COMMAND,
    apply.COMMAND,
    export.COMMAND,
    catalog.COMMAND,
    links.COMMAND,
    test.COMMAND,
    explain.COMMAND,
    *lists.COMMANDS,
    evidence.COMMAND,
    replay.COMMAND,
    report.COMMAND,
    stats.COMMAND,
    check.COMMAND,
)
USAGE_ERROR = 2
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """argparse, with errors of one line that say how to mend them."""

    def error(self, message: str) -> NoReturn:
        message = message[0].upper() + message[1:]
        stop = "" if message.endswith("?") else "."
        sys.stderr.write(f"{self.prog}: {message}{stop} See {self.prog} --help.\n")
        sys.exit(USAGE_ERROR)


def main(argv: Sequence[str] | None = None) -> int:
    os.umask(0o077)  # what we write is the owner's alone
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except TallybackError as error:
        sys.stderr.write(f"tallyback: {error}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough: `tallyback clicks | head`
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(words: list[str]) -> int:
    parser = _parser()
    arguments = parser.parse_args(_with_hint(parser, words))
    for name in ("data", "database"):
        if not hasattr(arguments, name):
            setattr(arguments, name, None)
    command: Command | None = getattr(arguments, "command", None)
    status = (command or desktop.COMMAND).run(arguments)
    sys.stdout.flush()
    return status


def _with_hint(parser: _Parser, words: list[str]) -> list[str]:
    """A mistyped command is told apart from a missing one, with the nearest right word."""
    names = [command.name for command in COMMANDS]
    takes_value = {"--data", "--database"}
    expects_value = False
    for word in words:
        if expects_value or word.startswith("-"):
            expects_value = not expects_value and word in takes_value
            continue
        if word not in names:
            near = nearest(word, names)
            parser.error(f"there is no command {word[:40]!r}" + (f"; did you mean {near}?" if near else ""))
        break
    return words


def _parser() -> _Parser:
    shared = _Parser(add_help=False)
    shared.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="the data folder")
    shared.add_argument(
        "--database", metavar="URL", default=argparse.SUPPRESS, help="a database elsewhere: postgresql+psycopg://…"
    )
    parser = _Parser(
        prog="tallyback",
        description="A media-buyer tracker of your own: clicks, postbacks and relays with the evidence for each.",
        epilog="Without a command the desktop opens. Exit status: 0 done, 1 the answer is no, 2 wrong usage.",
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"tallyback {VERSION}")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.\n\n{command.manual}",
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[shared],
        )
        command.add_arguments(sub)
        sub.set_defaults(command=command)
    return parser
