"""`tallyback visitor`: what is known of visitors, and by which data."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Mapping
from typing import Any

from server.api import visitor
from server.cli.command import Arguments, Command
from server.cli.printing import print_fields, print_json, print_table, printable
from server.errors import BadInput

_COLUMNS = (
    *(("type", "type"), ("name", "name"), ("kind", "kind"), ("built", "built"), ("count", "ranges")),
    *(("tells", "tells"), ("trouble", "trouble")),
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="ADDRESS|add|fetch", nargs="?", help="whose facts to show, or what to do")
    parser.add_argument("file", metavar="FILE", nargs="?", help="with add: an .mmdb, or a text with a range a line")
    parser.add_argument("--agent", metavar="TEXT", help="the user agent of the made-up visitor")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    what, file = arguments.what, arguments.file
    if (file is not None) != (what == "add"):
        raise BadInput("A file goes with add, and with nothing else.", remedy="tallyback visitor add FILE")
    if what in ("add", "fetch"):
        if arguments.agent is not None:
            raise BadInput("--agent goes with an address.", remedy="tallyback visitor 192.0.2.7 --agent TEXT")
        row = visitor.add(arguments.data, file) if what == "add" else visitor.fetch(arguments.data)
        return _show([row], is_json=arguments.json)
    if what is not None or arguments.agent is not None:
        found = visitor.facts(arguments.data, _address(what), arguments.agent)
        if arguments.json:
            print_json([found])
        else:
            print_fields({name: value or "not known" for name, value in found.items() if value or name != "bot"}, "")
        return 0
    return _show(visitor.known_data(arguments.data), is_json=arguments.json)


def _address(text: str | None) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text is not None else ""
    except ValueError as error:
        remedy = "Write an address such as 192.0.2.7, or add FILE, or fetch."
        raise BadInput(f"{printable(str(text)[:40])} is no address.", remedy=remedy) from error


def _show(rows: list[dict[str, Any]], *, is_json: bool) -> int:
    if is_json:
        print_json(rows)
    else:
        print_table(rows, _COLUMNS)
        for row in rows:
            _print_more(row)
        if not any(row["type"] == "geo" for row in rows) and any(row["type"] == "agents" for row in rows):
            print("Country is not known: `tallyback visitor fetch`, or `tallyback visitor add FILE.mmdb`.")
    return 1 if any("trouble" in row for row in rows) else 0


def _print_more(row: Mapping[str, Any]) -> None:
    """What is too long for a column, or has to be said wherever the data is shown."""
    for said in (row.get("remedy"), row.get("credit") or row.get("licence")):
        if said:
            print(f"{printable(row['name'])}: {printable(said)}")


COMMAND = Command(
    name="visitor",
    summary="what is known of a visitor, and by which data",
    manual=(
        "Without a word: the geo databases, the lists of ranges and the parsers that are there, with age and licence.\n"
        "With an address: what they tell of a visitor from there. `add` takes an .mmdb of any maker, or a text file\n"
        "with a range a line (192.0.2.0/24, comments after #): whoever comes from there is a bot, called by the name\n"
        "of the file. `fetch` gets a free country database by npm. A running server sees new data within seconds."
    ),
    example='tallyback visitor 81.2.69.142 --agent "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"',
    add_arguments=_add_arguments,
    run=_run,
)
