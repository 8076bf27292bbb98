"""`tallyback cost`: a bill that came later is spread over the clicks of its period, and can be undone."""

from __future__ import annotations

import argparse
import time

from server.api import costs
from server.api.costs import LATE, Bill
from server.api.data import Data
from server.cli.command import Arguments, Command, data_of, positive, read_time
from server.cli.printing import print_json, print_table
from server.domain.money import read_amount
from server.errors import BadInput

_COLUMNS = ("number", "from", "to", "where", "clicks", "total", "currency", "cost_before", "note", "undone")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="its key; alone, its corrections are listed")
    parser.add_argument("--total", metavar="AMOUNT", help="what the clicks of the period cost together: 120.50")
    parser.add_argument("--currency", metavar="CODE", help="of the total (default: your base currency)")
    parser.add_argument("--from", dest="since", metavar="TIME", help="clicks from this time on")
    parser.add_argument("--to", dest="until", metavar="TIME", help="clicks before this time (default: now)")
    parser.add_argument(
        "--where", metavar="SUB=VALUE", action="append", default=[], help="only clicks with this sub id: sub1=zone5"
    )
    parser.add_argument("--note", metavar="TEXT", default="", help="what the bill is, kept with the correction")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and change nothing")
    parser.add_argument(
        "--undo", metavar="NUMBER", nargs="?", type=positive, const=0, help="undo the latest correction, or this one"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        if arguments.undo is not None:
            _refuse_beside("--undo", arguments, "total", "since", "until", "where")
            return _undo(arguments, data)
        if arguments.total is None:
            _refuse_beside("a list", arguments, "since", "until", "where", "currency")
            return _list(arguments, data)
        return _correct(arguments, data)


def _refuse_beside(what: str, arguments: Arguments, *names: str) -> None:
    options = {"since": "from", "until": "to"}
    for name in names:
        if getattr(arguments, name):
            raise BadInput(f"It means nothing for {what}.", where=f"--{options.get(name, name)}", remedy="Add --total.")


def _list(arguments: Arguments, data: Data) -> int:
    found = costs.listed(data, arguments.campaign)
    if arguments.json:
        print_json(found)
    elif not print_table(found, [(column, column.replace("_", " ")) for column in _COLUMNS]):
        print(f"The cost of {arguments.campaign} was never corrected.")
    return 0


def _undo(arguments: Arguments, data: Data) -> int:
    undone = costs.undo(data, arguments.campaign, arguments.undo or None)
    if arguments.json:
        print_json([undone])
    else:
        print(
            f"Correction {undone['number']} is undone: {undone['clicks']} clicks cost again what they did without it."
        )
    return 0


def _correct(arguments: Arguments, data: Data) -> int:
    bill = _bill(arguments, data)
    if arguments.dry_run:
        found = costs.preview(data, bill)
        line = f"{found['clicks']} clicks would cost {_told(found)}"
    else:
        time.sleep(max(0, bill.until + LATE - data.clock()) / 1000)  # its last clicks may be on their way
        found = costs.apply(data, bill)
        line = f"Correction {found['number']}: {found['clicks']} clicks cost {_told(found)}"
    if arguments.json:
        print_json([found])
    else:
        print(line)
    return 0


def _told(found: costs.Shown) -> str:
    period = f"from {found['from']} to {found['to']}"
    return f"{found['total']} {found['currency']} {period}; before it {found['cost_before']} {found['base_currency']}."


def _bill(arguments: Arguments, data: Data) -> Bill:
    amount = read_amount(arguments.total)
    if amount is None or amount.mark or amount.micros < 0:
        raise BadInput(
            f"{arguments.total[:40]} is no amount.", where="--total", remedy="Write 120.50, and --currency EUR."
        )
    if arguments.since is None:
        raise BadInput(
            "A correction needs its period.", where="--from", remedy="Say where it starts: --from 2026-03-01."
        )
    zone, now = data.setup().owner.timezone, data.clock()
    since = read_time(arguments.since, "--from", zone, now) or 0
    until = now if arguments.until is None else read_time(arguments.until, "--to", zone, now) or now
    where = dict(_condition(text) for text in arguments.where)
    # What is still to come is no part of a bill.
    return Bill(
        arguments.campaign, since, min(until, now), amount.micros, arguments.currency, where, arguments.note.strip()
    )


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise BadInput(f"{text[:40]} is no condition.", where="--where", remedy="Write SUB=VALUE: sub1=zone5.")
    return name.strip(), value


COMMAND = Command(
    name="cost",
    summary="correct what the clicks of a period cost, undo that, or list the corrections",
    manual=(
        "The total is spread evenly over the clicks, to the millionth; tests take no part. It takes the place of what\n"
        "the clicks and their conversions cost by themselves, which is kept and comes back with --undo; of several\n"
        "corrections of a click the latest holds. Reports show it at once. Times are in your zone."
    ),
    example='tallyback cost summer --from 2026-03-01 --to 2026-04-01 --total 120.50 --note "invoice 7"',
    add_arguments=_add_arguments,
    run=_run,
)
