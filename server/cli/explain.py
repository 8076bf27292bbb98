"""`tallyback explain`: a dry run of one URL, or of a campaign for a made-up visitor."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from server.api.data import Data
from server.api.explaining import MadeUp, explain
from server.cli.command import Arguments, Command, data_of, read_time
from server.cli.printing import cell, print_fields, print_json, wrapped
from server.errors import BadInput


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="a tracking or postback URL, in quotes, or the key of a campaign")
    parser.add_argument("--body", default="", help="the body of a POST")
    parser.add_argument("--content-type", default="", help="the content type of the body")
    parser.add_argument(
        "--visitor",
        metavar="FACT=VALUE",
        action="append",
        default=[],
        help="what is known of the visitor, as often as it takes: country=US, device=mobile, sub1=z, hour=9, bot=yes",
    )
    parser.add_argument("--ip", default="", help="the visitor's address, which tells country and network")
    parser.add_argument("--agent", default="", help="the visitor's agent, which tells device, system, browser, bot")
    parser.add_argument("--at", metavar="TIME", help="when the visitor comes: 2026-03-01T09:00, or 2h ago")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        visitor = _visitor(arguments, data)
        found = explain(data, arguments.url, arguments.body, arguments.content_type, visitor)
    if arguments.json:
        print_json([found])
        return 0
    print(found["summary"])
    for parameter in found["parameters"]:
        print(f"  {cell(parameter['name'])} = {cell(parameter['value'])}")
        print(f"      {cell(parameter['reading'])}")
    if "simulated" in found:
        _print_simulated(found["simulated"])
    print_fields(found["result"])
    for line in found["sentences"]:
        print("\n".join(wrapped(cell(line))))
    return 0


def _visitor(arguments: Arguments, data: Data) -> MadeUp:
    facts = {}
    for said in arguments.visitor:
        name, sign, value = said.partition("=")
        if not (sign and value.strip()):
            raise BadInput(f"{said[:40]} says nothing.", where="--visitor", remedy="Write it like country=US.")
        facts[name.strip().lower()] = value.strip()
    at = read_time(arguments.at, "--at", data.setup().owner.timezone, data.clock())
    return MadeUp(facts, arguments.ip, arguments.agent, at)


def _print_simulated(simulated: Mapping[str, Any]) -> None:
    print("The visitor:")
    print_fields(simulated["facts"], indent="  ")
    if simulated["why"]:
        print(cell(f"{simulated['why']} {simulated['url'] or ''}".strip()))
    for path in simulated["paths"]:
        name = f" {path['name']}" if path["name"] else ""
        print(cell(f"Path {path['number']}{name}: {path['odds'] if path['reason'] else 'shut'}"))
        between = " or " if path["match"] == "any" else " and "
        print("\n".join(wrapped(cell(f"takes visitors when {between.join(path['asks'])}"))))
        for line in (path["why"], *path["shut_by"]):
            if line:
                print("\n".join(wrapped(cell(line), indent="    ")))
        _print_options("landing", path["landings"])
        _print_options("offer", path["offers"])
    for note in simulated["notes"]:
        print(cell(note))


def _print_options(kind: str, options: Sequence[Mapping[str, Any]]) -> None:
    for option in options:
        note = f", {option['note']}" if option["note"] else ""
        print(cell(f"    {kind} {option['key']}: {option['odds']}{note}"))


COMMAND = Command(
    name="explain",
    summary="say what a click or postback URL would do, parameter by parameter; records nothing",
    manual="Reads the URL as the server would: outcome, warnings, what to mend; of a click the odds of every path.",
    example="tallyback explain 'https://trk.example.com/p/maxi?click_id=…&payout=12,50'",
    add_arguments=_add_arguments,
    run=_run,
)
