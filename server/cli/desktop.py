"""`tallyback` alone: the desktop."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from server.cli.command import Arguments, Command, no_arguments
from server.errors import BadInput

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def _run(arguments: Arguments) -> int:
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _DISPLAYS):
        # Qt would end the process without a word that helps.
        raise BadInput("There is no display here to open the desktop on.", remedy="Run `tallyback serve` instead.")
    try:
        application = import_module("app.application")
    except ImportError as error:
        raise BadInput(
            f"The desktop cannot be opened: {error}.",
            remedy="Install tallyback[desktop], or let `python3 run.py` set it up; `tallyback serve` needs none of it.",
        ) from error
    return int(application.main(arguments.data, arguments.database))


COMMAND = Command(
    name="",
    summary="open the desktop",
    manual="",
    example="tallyback",
    add_arguments=no_arguments,
    run=_run,
)
