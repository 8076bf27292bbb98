"""`tallyback stats`: the running server in numbers, and what lies in the data."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from server.api import stats
from server.cli.command import Arguments, Command
from server.cli.printing import print_fields, print_json

_MEGA = 1_000_000


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _run(arguments: Arguments) -> int:
    found = stats.stats(arguments.data, arguments.database)
    if arguments.json:
        print_json([found])
        return 0
    if found["server"] is None:
        print("No server runs on this data.")
    else:
        _print_server(found["server"])
    if found["since_start"] is not None:
        _print_done(found["since_start"])
    elif found["server"] is not None:
        print("It has said nothing about itself yet; ask again in two seconds.")
    _print_data(found["data"])
    return 0


def _print_server(server: Mapping[str, Any]) -> None:
    print(f"The server, as it was {server.get('age_s', 0)} s ago")
    spool = server.get("spool", {})
    print_fields(
        {
            "address": server["url"],
            "process": server["pid"],
            "started": server.get("started"),
            "memory": _size(server.get("memory_bytes")),
            "open files": server.get("descriptors"),
            "spool": f"{spool['waiting']} wait, {spool['used']:.1%} used" if spool else None,
        }
    )


def _print_done(done: Mapping[str, Any]) -> None:
    print("Since its start")
    sizes = done["batch_size"]
    many = f"{done['batches']}, in each {sizes['min']} / {sizes['median']} / {sizes['max']} (min, median, max)"
    print_fields(
        {
            "answers": done["answers"],
            "postbacks": done["postbacks"],
            "attempts at relays": done["relays"],
            "refused": done["refused"],
            "batches": many if done["batches"] else None,
            "commit": _times(done["commit_ms"]),
            **{f"answer to a {kind}": _times(times) for kind, times in done["answer_ms"].items()},
        }
    )


def _print_data(data: Mapping[str, Any]) -> None:
    print("In the data")
    wal = data["wal_bytes"]
    print_fields(
        {
            "clicks, last 24 h": data["clicks_last_day"],
            "postbacks": data["postbacks"],
            "conversions": data["conversions"],
            "relays": data["relays"],
            "outbox": f"the oldest that is due waits for {data['outbox_age_s']} s" if data["outbox_age_s"] else None,
            "paused": [f"{one['destination']} ({one['reason']})" for one in data["paused"]],
            "unrecorded": data["unrecorded"] if any(data["unrecorded"].values()) else None,
            "database": _size(data["database_bytes"]),
            "write-ahead log": _size(wal) if wal is not None else None,
        }
    )


def _times(times: Mapping[str, float | None]) -> str | None:
    if times["max"] is None:
        return None
    return f"{times['median']} / {times['p99']} / {times['max']} ms (median, p99, max)"


def _size(count: int | None) -> str | None:
    return f"{count / _MEGA:,.1f} MB" if count is not None else None


COMMAND = Command(
    name="stats",
    summary="the running server in numbers, and what lies in the data",
    manual=(
        "Since the server's start: answers with their times, postbacks by outcome, attempts at relays, requests that\n"
        "were refused, batches and their commits, memory, open files. Times and sizes are exact to an eighth, their\n"
        "ends exactly. Of the data: postbacks, conversions and relays by state, sizes, destinations that are paused.\n"
        "Only this machine's owner can ask: none of it is reachable over HTTP."
    ),
    example="tallyback stats --json",
    add_arguments=_add_arguments,
    run=_run,
)
