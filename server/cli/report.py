"""`tallyback report`: figures by any dimension."""

from __future__ import annotations

import argparse
import csv
import sys

from server.api.reports import Report, dimension_names, report
from server.cli.command import Arguments, Command, data_of, read_time, read_zone
from server.cli.printing import print_json, print_table
from server.domain.spreadsheet import safe_cell
from server.errors import BadInput


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="DIM[,DIM]", required=True, help="one to four dimensions: campaign,day,sub1 …")
    parser.add_argument("--from", dest="since", metavar="TIME", help="clicks from this time on")
    parser.add_argument("--to", dest="until", metavar="TIME", help="clicks before this time")
    parser.add_argument("--tz", metavar="ZONE", help="the time zone of days and hours (default: the owner's)")
    parser.add_argument(
        "--where", metavar="DIM=VALUE", action="append", default=[], help="only these; several values: DIM=A|B"
    )
    parser.add_argument("--csv", action="store_true", help="as CSV")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    zone = read_zone(arguments.tz)
    where = dict(_condition(text) for text in arguments.where)
    with data_of(arguments) as data:
        zone_name = arguments.tz or data.setup().owner.timezone
        since = read_time(arguments.since, "--from", zone_name, data.clock())
        until = read_time(arguments.until, "--to", zone_name, data.clock())
        if since is not None and until is not None and until <= since:
            raise BadInput("The end is not after the start.", where="--to", remedy="Swap --from and --to.")
        by = [name.strip() for name in arguments.by.split(",") if name.strip()]
        found = report(data, by, zone=zone, since=since, until=until, where=where)
    if arguments.json:
        print_json(found.rows)
    elif arguments.csv:
        _print_csv(found)
    elif found.rows:
        total = {**found.total, by[0]: "total"}
        print_table([*found.rows, total], [(name, name.replace("_", " ")) for name, _ in found.columns])
    else:
        print("Nothing in this period.")
    return 0


def _condition(text: str) -> tuple[str, list[str]]:
    name, equals, values = text.partition("=")
    if not equals or not values:
        raise BadInput(f"{text[:40]} is no condition.", where="--where", remedy="Write DIM=VALUE or DIM=A|B.")
    return name.strip(), values.split("|")


def _print_csv(found: Report) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([name for name, _ in found.columns])
    for row in found.rows:
        cells = (row[name] for name, _ in found.columns)
        writer.writerow([_cell(cell) if isinstance(cell, str) else cell for cell in cells])


def _cell(text: str) -> str:
    """The writer quotes its own line end only: after a bare return, a reader would begin a row, and a formula in it."""
    return safe_cell(text).replace("\r", " ")


COMMAND = Command(
    name="report",
    summary="clicks, conversions, revenue, cost and profit by any dimension",
    manual=(
        f"By the time of the click. Dimensions: {dimension_names()}.\n"
        "Money is in the base currency; what has no rate is counted under 'without rate'."
    ),
    example="tallyback report --by source,sub1 --from 7d --where campaign=summer --csv",
    add_arguments=_add_arguments,
    run=_run,
)
