"""`tallyback replay`: after a fix, the past is judged or sent again."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from server.api import replaying
from server.api.data import Data
from server.cli.command import Arguments, Command, add_filters, data_of, filters_of, one_of
from server.cli.printing import print_json
from server.domain.delivery import STATES
from server.domain.outcome import Outcome
from server.domain.status import Status


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("postbacks", "relays"), help="receipts to judge again, or relays to send again"
    )
    add_filters(parser, "campaign", "network", "source", "outcome", "status", "click", "since", "until")
    parser.add_argument("--dry-run", action="store_true", help="postbacks: show what would change and change nothing")
    parser.add_argument("--withhold", action="store_true", help="postbacks: owe the sources nothing for it")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _run(arguments: Arguments) -> int:
    one_of([outcome.value for outcome in Outcome], arguments.outcome, "--outcome")
    one_of([*(status.value for status in Status), *STATES], arguments.status, "--status")
    with data_of(arguments) as data:
        return _postbacks(arguments, data) if arguments.what == "postbacks" else _relays(arguments, data)


def _postbacks(arguments: Arguments, data: Data) -> int:
    replayed = replaying.replay_postbacks(
        data, filters_of(arguments, data), is_preview=arguments.dry_run, withhold=arguments.withhold
    )
    if arguments.json:
        return 0 if print_json(asdict(one) for one in replayed) else 1
    count = changed = 0
    for one in replayed:
        count += 1
        if one.is_changed:
            changed += 1
            relays = f", {len(one.relays)} relay owed" if one.relays else ""
            print(f"postback {one.postback}: {one.before} -> {one.after}{relays}")
    words = "would be replayed, would change" if arguments.dry_run else "replayed, changed"
    print(f"{count} {words.split(', ', maxsplit=1)[0]}, {changed} {words.split(', ')[1]}.")
    return 0 if count else 1


def _relays(arguments: Arguments, data: Data) -> int:
    sent = replaying.replay_relays(data, filters_of(arguments, data))
    if arguments.json:
        print_json({"relay": relay} for relay in sent)
    else:
        print(f"{len(sent)} relays are due again." if sent else "No dead, held or failed relay matches.")
    return 0 if sent else 1


COMMAND = Command(
    name="replay",
    summary="judge stored postbacks again by today's setup, or send relays again",
    manual=(
        "For postbacks: after a mapping, a status word or a rate was mended. Both results are kept with the receipt,\n"
        "and a relay that was delivered is not sent again. For relays: those that are dead, held or waiting to be\n"
        "tried again; a paused destination is resumed. A second run of either changes nothing more."
    ),
    example="tallyback replay postbacks --outcome unknown_status --dry-run",
    add_arguments=_add_arguments,
    run=_run,
)
