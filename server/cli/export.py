"""`tallyback export`: the setup as a file."""

from __future__ import annotations

import argparse
import sys

from server.api import setup
from server.cli.command import Arguments, Command, data_of


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--secrets", action="store_true", help="with tokens and keys: keep such a file safe")


def _run(arguments: Arguments) -> int:
    with data_of(arguments) as data:
        sys.stdout.write(setup.exported(data, with_secrets=arguments.secrets))
    return 0


COMMAND = Command(
    name="export",
    summary="print the setup as a file that `apply` takes back",
    manual="Secrets are left out unless --secrets asks for them. Applying what was exported changes nothing.",
    example="tallyback export > setup.toml",
    add_arguments=_add_arguments,
    run=_run,
)
