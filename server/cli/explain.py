"""`tallyback explain`: a dry run of one URL."""

from __future__ import annotations

import argparse

from server.api.explaining import explain
from server.cli.command import Arguments, Command, data_of
from server.cli.printing import cell, print_fields, print_json, wrapped


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="a tracking or postback URL, in quotes")
    parser.add_argument("--body", default="", help="the body of a POST")
    parser.add_argument("--content-type", default="", help="the content type of the body")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        found = explain(data, arguments.url, arguments.body, arguments.content_type)
    if arguments.json:
        print_json([found])
        return 0
    print(found["summary"])
    for parameter in found["parameters"]:
        print(f"  {cell(parameter['name'])} = {cell(parameter['value'])}")
        print(f"      {cell(parameter['reading'])}")
    print_fields(found["result"])
    for line in found["sentences"]:
        print("\n".join(wrapped(cell(line))))
    return 0


COMMAND = Command(
    name="explain",
    summary="say what a click or postback URL would do, parameter by parameter; records nothing",
    manual="Reads the URL as the server would, and shows outcome, warnings and what to mend.",
    example="tallyback explain 'https://trk.example.com/p/maxi?click_id=…&payout=12,50'",
    add_arguments=_add_arguments,
    run=_run,
)
