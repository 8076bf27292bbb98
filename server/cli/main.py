"""Reads the command line, runs one command, and turns every error into one line and an exit status."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from server import VERSION
from server.errors import TallybackError, nearest

if TYPE_CHECKING:
    from server.cli.command import Command

# The module of each command, imported when it is asked for: all of them together take longer than most of them work.
_MODULES = {
    "serve": "serve",
    "demo": "demo",
    "apply": "apply",
    "export": "export",
    "catalog": "catalog",
    "links": "links",
    "test": "test",
    "explain": "explain",
    "clicks": "lists",
    "conversions": "lists",
    "postbacks": "lists",
    "relays": "lists",
    "evidence": "evidence",
    "replay": "replay",
    "report": "report",
    "cost": "cost",
    "rates": "rates",
    "visitor": "visitor",
    "stats": "stats",
    "check": "check",
}
NAMES = tuple(_MODULES)
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
    asked = _command_in(words)
    if asked is not None and asked not in NAMES:
        near = nearest(asked, NAMES)
        _parser(()).error(f"there is no command {asked[:40]!r}" + (f"; did you mean {near}?" if near else ""))
    is_help = not {"-h", "--help"}.isdisjoint(words)
    arguments = _parser((asked,) if asked else NAMES if is_help else ()).parse_args(words)
    for name in ("data", "database"):
        if not hasattr(arguments, name):
            setattr(arguments, name, None)
    command: Command | None = getattr(arguments, "command", None)
    status = (command or _imported("desktop").COMMAND).run(arguments)
    sys.stdout.flush()
    return int(status)


def _command_in(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor its value."""
    expects_value = False
    for word in words:
        if not expects_value and not word.startswith("-"):
            return word
        expects_value = not expects_value and word in ("--data", "--database")
    return None


def command_of(name: str) -> Command:
    module = _imported(_MODULES[name])
    commands: Sequence[Command] = getattr(module, "COMMANDS", None) or (module.COMMAND,)
    return next(command for command in commands if command.name == name)


def _imported(module: str) -> Any:
    return importlib.import_module(f"server.cli.{module}")


def _parser(names: Sequence[str]) -> _Parser:
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
    for command in map(command_of, names):
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
