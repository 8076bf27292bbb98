"""`tallyback report`: figures by any dimension."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from server.api.data import Data
from server.api.report_words import dimension_names, formulas
from server.api.reports import Asked, Column, Report, report_of
from server.cli.bars import print_bars
from server.cli.command import Arguments, Command, data_of, one_of, positive, read_time, read_zone
from server.cli.printing import print_json, print_table
from server.domain.spreadsheet import safe_cell
from server.errors import BadInput

TIMES = ("click", "conversion")
# What a terminal has room for; the others are asked for by name.
USUAL = (
    *("clicks", "conversions", "approved", "pending", "rejected", "reversed", "revenue", "pending_revenue", "cost"),
    *("profit", "roi", "lp_ctr", "cr", "epc", "without_rate"),
)
USUAL_COMPARED = ("clicks", "conversions", "revenue", "cost", "profit")
_CONDITION = re.compile(r"\s*([^!=]*?)\s*(!?=)(.*)", re.DOTALL)
_NONE = "–"  # as a table shows it


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="DIM[,DIM]", required=True, help="one to four dimensions: campaign,day,sub1 …")
    parser.add_argument("--from", dest="since", metavar="TIME", help="from this time on")
    parser.add_argument("--to", dest="until", metavar="TIME", help="before this time")
    parser.add_argument("--span", metavar="WORDS", help="today, yesterday, 'last 7 days', 'this month', 'last month' …")
    parser.add_argument("--tz", metavar="ZONE", help="the time zone of days and hours (default: the owner's)")
    parser.add_argument(
        "--where",
        metavar="DIM=VALUE",
        action="append",
        default=[],
        help="only these: DIM=A,B; none of these: DIM!=A,B; a comma that is part of a value: DIM=A, B|C, D|",
    )
    parser.add_argument("--time", metavar="|".join(TIMES), default="click", help="whose time counts for a conversion")
    parser.add_argument("--metrics", metavar="A,B", help="only these, in this order")
    parser.add_argument("--sort", metavar="METRIC", help="the most first (default: by name)")
    parser.add_argument("--rising", action="store_true", help="with --sort: the least first")
    parser.add_argument("--limit", metavar="N", type=positive, help="at most N rows; the total is of all")
    parser.add_argument("--compare", action="store_true", help="with the period before: each value, and its change")
    parser.add_argument("--chart", metavar="METRIC", help="a bar for each row instead of the table")
    parser.add_argument("--csv", action="store_true", help="as CSV")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    zone = read_zone(arguments.tz)
    with data_of(arguments) as data:
        by, asked = _names(arguments.by), _asked(arguments, data, zone)
        found = report_of(data, by, asked)
    if arguments.json:
        print_json({**row, "time": found.time, "currency": found.currency} for row in found.rows)
    elif arguments.csv:
        _print_csv(found)
    elif not found.rows:
        print("Nothing in this period.")
    else:
        _print(found, arguments.chart)
    if found.left_out and (arguments.json or arguments.csv):
        sys.stderr.write(f"tallyback: {_left_out(found)}\n")
    return 0


def _asked(arguments: Arguments, data: Data, zone: ZoneInfo | None) -> Asked:
    one_of(TIMES, arguments.time, "--time")
    zone_name = arguments.tz or data.setup().owner.timezone
    since = read_time(arguments.since, "--from", zone_name, data.clock())
    until = read_time(arguments.until, "--to", zone_name, data.clock())
    if since is not None and until is not None and until <= since:
        raise BadInput("The end is not after the start.", where="--to", remedy="Swap --from and --to.")
    if arguments.span is not None and (since is not None or until is not None):
        raise BadInput("A span has its own start and end.", where="--span", remedy="Leave --from and --to out.")
    where, without = _filters(arguments.where)
    return Asked(
        zone=zone,
        since=since,
        until=until,
        span=arguments.span,
        time=arguments.time,
        where=where,
        without=without,
        metrics=_metrics(arguments),
        is_compared=arguments.compare,
        sort=arguments.sort,
        is_rising=arguments.rising,
        limit=arguments.limit,
    )


def _metrics(arguments: Arguments) -> Sequence[str]:
    """Programs get all of them; the chart's is there in any case."""
    if arguments.metrics is not None:
        if not (names := _names(arguments.metrics)):
            raise BadInput("No metric is named.", where="--metrics", remedy="For example --metrics clicks,profit.")
    elif arguments.csv or arguments.json:
        names = []
    else:
        names = list(USUAL_COMPARED if arguments.compare else USUAL)
    is_wanting = arguments.chart is not None and bool(names) and arguments.chart not in names
    return [*names, arguments.chart] if is_wanting else names


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _filters(texts: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    where: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    for text in texts:
        match = _CONDITION.fullmatch(text)
        if match is None or not match[1]:
            raise BadInput(
                f"{text[:40]} is no condition.", where="--where", remedy="Write DIM=VALUE, DIM=A,B or DIM!=VALUE."
            )
        name, sign, values = match.groups()
        kept = where if sign == "=" else without
        if name in where and sign == "=":
            raise BadInput(f"{name[:40]} is there twice.", where="--where", remedy=f"Write {name[:40]}=A,B.")
        kept.setdefault(name, []).extend(_values(values))
    return where, without


def _values(text: str) -> list[str]:
    parts = text.split("|" if "|" in text else ",")
    return ["" if part == _NONE else part for part in parts if part.strip()]


# -- as it is shown ----------------------------------------------------------------------------------------------------


def _print(found: Report, chart: str | None) -> None:
    if chart is not None:
        print_bars(found, chart)
    else:
        total = {**found.total, found.columns[0].name: "total"}
        print_table([*found.rows, total], [(column.name, _heading(column, found)) for column in found.columns])
    for line in _said_of(found):
        print(line)


def _heading(column: Column, found: Report) -> str:
    words = column.name.replace("_", " ")
    match column.unit:
        case "money":
            return f"{words} {found.currency}"
        case "percent":
            return f"{words} %"
        case _:
            return words


def _said_of(found: Report) -> Sequence[str]:
    lines = [f"By the time of the {found.time}, in {found.zone}{_between(found.period)}."]
    if found.before:
        lines.append(f"Before:{_between(found.before)}. A change of a percentage is in points.")
    if found.left_out:
        lines.append(_left_out(found))
    return lines


def _between(period: tuple[str | None, str | None]) -> str:
    since, until = period
    return (f" from {since}" if since else "") + (f" to {until}" if until else "")


def _left_out(found: Report) -> str:
    return f"Rows left out: {found.left_out}. The total is of all."


def _print_csv(found: Report) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*(column.name for column in found.columns), "time", "currency"])
    for row in found.rows:
        cells = [*(row[column.name] for column in found.columns), found.time, found.currency]
        writer.writerow([_cell(cell) if isinstance(cell, str) else cell for cell in cells])


def _cell(text: str) -> str:
    """The writer quotes its own line end only: after a bare return, a reader would begin a row, and a formula in it."""
    return safe_cell(text).replace("\r", " ")


COMMAND = Command(
    name="report",
    summary="clicks, conversions, revenue, cost and profit by any dimension",
    manual=(
        "By the time of the click; with --time conversion, conversions count when they came and clicks when those\n"
        f"came. Dimensions: {dimension_names()}.\n"
        "Metrics:\n"
        + "".join(f"  {name:<17} {formula}\n" for name, formula in formulas())
        + "A ratio over nothing is none. Money is in the base currency; what has no rate is counted under\n"
        "'without rate'. A table shows the usual metrics, --csv and --json all; --compare goes by anything but dates."
    ),
    example="tallyback report --by source,sub1 --span 'last 7 days' --where campaign=summer --sort profit --rising",
    add_arguments=_add_arguments,
    run=_run,
)
