"""`tallyback test`: the whole loop, fired as a test."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from server.api.testing import Colour, Hop, Wishes, run_test
from server.cli.command import Arguments, Command, data_of
from server.cli.printing import cell, print_json

_WORDS = {Colour.GREEN: "ok  ", Colour.AMBER: "look", Colour.RED: "FAIL"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="the key of the campaign")
    parser.add_argument("--follow", action="store_true", help="visit the offer, and watch the click id on its way")
    parser.add_argument(
        "--real", action="store_true", help="relay to the real source, which will count a conversion of it"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a hop")


def _run(arguments: Arguments) -> int:
    is_good = True
    wishes = Wishes(follows=arguments.follow, is_real=arguments.real, starts_server=True)
    with data_of(arguments) as data:
        for hop in run_test(data, arguments.campaign, wishes):
            is_good = is_good and hop.is_good
            if arguments.json:
                print_json([{**asdict(hop), "is_good": hop.is_good}])
            else:
                _print(hop)
    if not arguments.json:
        print("The loop closes; nothing was booked." if is_good else "The loop does not close.")
    return 0 if is_good else 1


def _print(hop: Hop) -> None:
    print(f"{_WORDS[hop.colour]} {hop.name}" + ("" if hop.milliseconds is None else f"  {hop.milliseconds} ms"))
    print(f"     sent    {cell(hop.sent)}")
    for step in hop.steps:
        print(f"     visits  {step.status or '–'}  {step.milliseconds} ms  {cell(step.url)}")
    print(f"     came    {cell(hop.answer)}")
    print(f"     {cell(hop.says)}")
    if hop.mend.remedy:
        print(f"     mend    {cell(hop.mend.remedy)}")


COMMAND = Command(
    name="test",
    summary="fire the whole loop of a campaign through its real addresses; no revenue is booked",
    manual=(
        "A visit, the network's postback, the relay to the source: each hop with what was sent and what came back.\n"
        "The offer is not visited, and the relay goes to an echo on this machine, unless --follow and --real ask for\n"
        "it: with --real the source counts a conversion. Uses the server that runs on this data, or starts one for\n"
        "the while. Exit status 1 where a hop fails, with what to mend."
    ),
    example="tallyback test summer --follow",
    add_arguments=_add_arguments,
    run=_run,
)
