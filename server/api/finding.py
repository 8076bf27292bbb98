"""What a check finds where something is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 3
RESTORE = "Stop the server, keep a copy of the folder, and restore the last good copy of the data."


class Trouble(Exception):
    """Look here: what is wrong, and how to mend it."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.found, self.remedy = found, remedy


def named(things: Sequence[object]) -> str:
    """The first of them by name, the others by number."""
    more = f" and {len(things) - _NAMED} more" if len(things) > _NAMED else ""
    return ", ".join(map(str, things[:_NAMED])) + more
