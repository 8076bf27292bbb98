"""`tallyback catalog`: the built-in templates."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from server.api import setup
from server.catalog.reading import Catalog, NetworkTemplate, SourceTemplate
from server.cli.command import Arguments, Command
from server.cli.printing import print_fields, print_json, print_table
from server.errors import NothingMatched
from server.setup.problem import nearest

_COLUMNS = (("type", "type"), ("key", "key"), ("name", "name"), ("kind", "kind"), ("confidence", "confidence"))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="one template, whole")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    catalog = setup.catalog()
    if arguments.name is None:
        rows = list(_rows(catalog))
        is_any = print_json(rows) if arguments.json else print_table(rows, _COLUMNS)
        return 0 if is_any else 1
    found = [row for row in _rows(catalog) if row["key"] == arguments.name.lower()]
    if not found:
        near = nearest(arguments.name.lower(), {*catalog.networks, *catalog.sources})
        remedy = f"Did you mean {near}?" if near else "See `tallyback catalog`."
        raise NothingMatched(f"There is no template {arguments.name[:40]}.", remedy=remedy)
    if arguments.json:
        print_json(found)
    else:
        for row in found:
            _print_whole(row)
    return 0


def _rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for kind, templates in (("network", catalog.networks), ("source", catalog.sources)):
        for template in templates.values():
            yield _row(kind, template)


def _row(kind: str, template: NetworkTemplate | SourceTemplate) -> dict[str, Any]:
    return {"type": kind, **asdict(template)}


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
