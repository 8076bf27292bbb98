"""`tallyback` alone: the desktop."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module

from server.cli.command import Arguments, Command, no_arguments
from server.errors import BadInput


def _run(arguments: Arguments) -> int:
    if importlib.util.find_spec("app.application") is None:
        raise BadInput(
            "The desktop is not part of this version.", remedy="Run the server with `tallyback serve`; see --help."
        )
    application = import_module("app.application")
    sys.stdout.flush()
    return int(application.main(arguments.data, arguments.database))


COMMAND = Command(
    name="",
    summary="open the desktop",
    manual="",
    example="tallyback",
    add_arguments=no_arguments,
    run=_run,
)
