"""`tallyback serve`: the server alone."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from server.api import serving
from server.api.serving import Listening
from server.api.setup import DEFAULT_PORT
from server.cli.command import Arguments, Command, port


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="the port; 0 picks a free one (default 8710)")
    parser.add_argument("--json", action="store_true", help="print the address as JSON")


def _run(arguments: Arguments) -> int:
    if notice := serving.notice():
        sys.stderr.write(f"tallyback: {notice}\n")

    def say(where: Listening) -> None:
        line = json.dumps(asdict(where)) if arguments.json else f"Tallyback listens on {where.url}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    serving.serve(arguments.data, arguments.database, arguments.host, arguments.port, say)
    return 0


COMMAND = Command(
    name="serve",
    summary="run the server alone, without the desktop",
    manual=(
        "Listens on this machine only unless --host says otherwise, and prints where as its first line.\n"
        "SIGTERM or Ctrl+C stops it after the answers that are under way. Port taken or folder in use: exit status 2."
    ),
    example="tallyback serve --data ~/tallyback --port 8710",
    add_arguments=_add_arguments,
    run=_run,
)
