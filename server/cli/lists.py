"""`tallyback clicks|conversions|postbacks|relays`: the lists."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

from server.api import lists
from server.api.data import Data
from server.api.lists import Filters
from server.cli.command import Arguments, Command, add_filters, data_of, filters_of, one_of
from server.cli.printing import print_json, print_table
from server.domain.asking import DEVICES
from server.domain.delivery import STATES
from server.domain.outcome import Outcome
from server.domain.status import Status

Listing = Callable[[Data, Filters], Iterator[dict[str, Any]]]

_STATUSES = [status.value for status in Status]


def _list(
    name: str,
    listing: Listing,
    columns: tuple[str, ...],
    filters: tuple[str, ...],
    manual: str,
    example: str,
    statuses: list[str],
) -> Command:
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        add_filters(parser, *filters, "since", "until")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, with every field")

    def run(arguments: Arguments) -> int:
        one_of(statuses, getattr(arguments, "status", None), "--status")
        one_of([outcome.value for outcome in Outcome], getattr(arguments, "outcome", None), "--outcome")
        one_of(DEVICES, getattr(arguments, "device", None), "--device")
        one_of(["yes", "no"], getattr(arguments, "bot", None), "--bot")
        with data_of(arguments) as data:
            rows = listing(data, filters_of(arguments, data))
            if arguments.json:
                print_json(rows)
            elif not print_table(rows, [(column, column.replace("_", " ")) for column in columns]):
                print(f"No {name} yet that match.")
        return 0

    return Command(name, f"list the {name}, newest first", manual, example, add_arguments, run)


COMMANDS = (
    _list(
        "clicks",
        lists.clicks,
        ("time", "id", "campaign", "source", "reason", "offer", "external_id", "cost", "country", "device", "sub1"),
        ("campaign", "network", "source", "click", "country", "device", "bot"),
        "Every visit that was recorded, where it went and why.",
        "tallyback clicks --campaign summer --country US --bot no --since 2h --json",
        _STATUSES,
    ),
    _list(
        "conversions",
        lists.conversions,
        ("time", "id", "campaign", "network", "offer", "event", "status", "counted", "payout", "net", "currency"),
        ("campaign", "network", "source", "status", "click"),
        "What the postbacks add up to: one row for each event of a click that a network reported.",
        "tallyback conversions --network maxi --status approved --since 7d",
        _STATUSES,
    ),
    _list(
        "postbacks",
        lists.postbacks,
        ("time", "id", "network", "outcome", "warnings", "conversion", "reason"),
        ("campaign", "network", "source", "outcome", "click"),
        "Every request that networks made, as it came, with its outcome, its reason and what to do about it.",
        "tallyback postbacks --outcome unknown_status --json",
        _STATUSES,
    ),
    _list(
        "relays",
        lists.relays_list,
        ("time", "id", "source", "status", "state", "reason", "attempts", "next_attempt", "conversion"),
        ("campaign", "network", "source", "status", "click"),
        "What is owed to the sources, and what became of it; --json has every attempt under history.",
        "tallyback relays --status failed",
        [*_STATUSES, *STATES],
    ),
)
