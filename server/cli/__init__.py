"""The command line: a file for each command, all through server.api."""

from server.cli.main import main

__all__ = ["main"]
