"""`tallyback evidence`: the chain of one click."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from server.api.evidence import evidence
from server.cli.command import Arguments, Command, data_of
from server.cli.printing import cell, print_fields, print_json
from server.domain.choosing import REASONS


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("click", metavar="CLICK_ID", help="a click id, in any case, or what is left of one")
    parser.add_argument("--json", action="store_true", help="the chain as one JSON object")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        chain = evidence(data, arguments.click)
    if arguments.json:
        print_json([chain])
    else:
        _print_chain(chain)
    return 0


def _print_chain(chain: Mapping[str, Any]) -> None:
    click = chain["click"]
    if asked_for := chain.get("asked_for"):
        print(f"{cell(asked_for)} is damaged; this is the click whose id begins alike.")
    print(f"Click {click['id']}  {click['time']}")
    print_fields({name: value for name, value in click.items() if name not in ("id", "time") and value is not False})
    print_fields({"why": REASONS.get(click["reason"])})
    for step in chain["steps"]:
        print(f"Step {step['time']} to {step['offer']}: {cell(step['destination'])}")
    for postback in chain["postbacks"]:
        print(f"Postback {postback['id']}  {postback['time']}  {postback['outcome']}")
        print_fields(
            {name: postback[name] for name in ("reason", "remedy", "method", "address", "query", "body", "ip")}
        )
        for reason in postback["warning_reasons"]:
            print_fields({"warning": reason})
        for judged in postback["judged_before"]:
            beside = f" ({', '.join(judged['warnings'])})" if judged["warnings"] else ""
            print(f"  until {judged['until']} it was {judged['outcome']}{beside}: {cell(judged['reason'])}")
    for conversion in chain["conversions"]:
        print(f"Conversion {conversion['id']}  {conversion['time']}  {conversion['status']}")
        names = (
            *("network", "offer", "event", "txn_id", "counted", "kept", "payout", "net", "currency"),
            *("payout_base", "base_currency", "rate", "cost", "cost_currency", "original_cost", "warnings"),
        )
        print_fields({name: conversion[name] for name in names})
        for entry in conversion["history"]:
            who = "by hand" if entry["by_hand"] else f"postback {entry['postback']}"
            amount = f" {entry['amount']} {entry['currency']}" if entry["amount"] else ""
            print(f"    {entry['time']}  {entry['status']}{amount}  {entry['effect']} ({who})")
    for relay in chain["relays"]:
        print(f"Relay {relay['id']}  {relay['time']}  {relay['status']} to {relay['destination']}: {relay['state']}")
        print_fields({name: relay[name] for name in ("reason", "method", "url", "body", "key", "next_attempt")})
        for attempt in relay["history"]:
            answer = f" {attempt['status']}" if attempt["status"] else ""
            print(f"    {attempt['time']}{answer}  {cell(attempt['result'])}  {cell(attempt['milliseconds'])} ms")


COMMAND = Command(
    name="evidence",
    summary="show the chain of one click: visit, postbacks, conversion, relays, attempts",
    manual="What happened, in order, with the requests as they came and the reason for each outcome.",
    example="tallyback evidence 1jkzqgjvgc001sxpgt6qgwg",
    add_arguments=_add_arguments,
    run=_run,
)
