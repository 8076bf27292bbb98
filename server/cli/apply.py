"""`tallyback apply`: the setup from a file."""

from __future__ import annotations

import argparse

from server.api import setup
from server.cli.command import Arguments, Command, data_of


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.toml", help="the setup file")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and change nothing")


def _run(arguments: Arguments) -> int:
    document = setup.read_file(arguments.file)
    with data_of(arguments) as data:
        changes = setup.preview(data, document) if arguments.dry_run else setup.apply(data, document)
    for change in changes:
        print("\n".join(change.lines))
    if not changes:
        print("Nothing changes: the setup is as the file says.")
    elif arguments.dry_run:
        print(f"{len(changes)} would change; nothing was changed.")
    else:
        print(f"{len(changes)} changed.")
    return 0


COMMAND = Command(
    name="apply",
    summary="create or update sources, networks, offers and campaigns from a file",
    manual=(
        "Prints what differs, then applies all of it or, where anything in the file is wrong, nothing.\n"
        "What the file does not name is left alone; a field left out of a named thing takes its default,\n"
        "secrets excepted: they stay. A running server follows within a second."
    ),
    example="tallyback apply setup.toml --dry-run",
    add_arguments=_add_arguments,
    run=_run,
)
