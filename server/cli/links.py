"""`tallyback links`: what to paste where."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from server.api import setup
from server.cli.command import Arguments, Command, data_of
from server.cli.printing import print_json

_TITLES = {
    "tracking": "Tracking URL for source",
    "postback": "Postback URL for network",
    "script": "Script for pages of campaign",
    "pixel": "Pixel for network",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="the key of the campaign")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        links = [*setup.links(data, arguments.campaign), *setup.tags(data, arguments.campaign)]
    if arguments.json:
        print_json([asdict(link) for link in links])
        return 0
    for link in links:
        print(f"{_TITLES[link.kind]} {link.name}:")
        print(f"  {link.url}")
        if link.kind != "tracking" and link.note:
            print(f"  ({link.note})")
    return 0


COMMAND = Command(
    name="links",
    summary="print the tracking URL for the source, the postback URL for each network, and the tags for pages",
    manual="The URLs carry each other side's own macros and, for a network, its token: treat them as secrets.",
    example="tallyback links summer",
    add_arguments=_add_arguments,
    run=_run,
)
