"""`tallyback test`: the whole loop, fired as a test."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from server.api.testing import run_test
from server.cli.command import Arguments, Command, data_of
from server.cli.printing import cell, print_json


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="the key of the campaign")
    parser.add_argument("--json", action="store_true", help="one JSON object a hop")


def _run(arguments: Arguments) -> int:
    is_good = True
    with data_of(arguments) as data:
        for hop in run_test(data, arguments.campaign):
            is_good = is_good and hop.is_good
            if arguments.json:
                print_json([asdict(hop)])
                continue
            print(f"{'ok  ' if hop.is_good else 'FAIL'} {hop.name}  {hop.milliseconds} ms")
            print(f"     sent    {cell(hop.sent)}")
            print(f"     came    {cell(hop.answer)}")
            print(f"     {cell(hop.says)}")
            if hop.remedy:
                print(f"     mend    {cell(hop.remedy)}")
    if not arguments.json:
        print("The loop closes; nothing was booked." if is_good else "The loop does not close.")
    return 0 if is_good else 1


COMMAND = Command(
    name="test",
    summary="fire the whole loop of a campaign through its real addresses; no revenue is booked",
    manual=(
        "A visit, the network's postback, the relay to the source: each hop with what was sent and what came back.\n"
        "The offer is not visited, and the relay goes to an echo on this machine. Uses the server that runs on this\n"
        "data, or starts one for the while. Exit status 1 where a hop fails, with what to mend."
    ),
    example="tallyback test summer",
    add_arguments=_add_arguments,
    run=_run,
)
