"""`tallyback catalog`: the built-in templates."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from server.api.catalog import templates, templates_called
from server.cli.command import Arguments, Command
from server.cli.printing import print_fields, print_json, print_table

_COLUMNS = (("type", "type"), ("key", "key"), ("name", "name"), ("kind", "kind"), ("confidence", "confidence"))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="one template, whole")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    if arguments.name is None:
        rows = templates()
        is_any = print_json(rows) if arguments.json else print_table(rows, _COLUMNS)
        return 0 if is_any else 1
    found = templates_called(arguments.name)
    if arguments.json:
        print_json(found)
    else:
        for row in found:
            _print_whole(row)
    return 0


def _print_whole(row: Mapping[str, Any]) -> None:
    print(f"{row['type']} {row['key']}: {row['name']}")
    spec = row["spec"]
    print_fields({name: value for name, value in row.items() if name not in ("type", "key", "name", "spec")})
    print_fields({name: value for name, value in spec.items() if not isinstance(value, Mapping)})
    for name, table in spec.items():
        if isinstance(table, Mapping):
            print(f"  {name}:")
            print_fields(table, "    ")


COMMAND = Command(
    name="catalog",
    summary="list the built-in templates of networks and sources",
    manual="With a name, the whole template: macros, parameters, status words, relay, and where the facts are from.",
    example="tallyback catalog everflow",
    add_arguments=_add_arguments,
    run=_run,
)
