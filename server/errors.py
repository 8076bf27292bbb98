"""The errors that a person reads: what happened, where, and how to mend it. Everything else is a bug."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Collection

_LONGEST_WORD = 64
_LIKE_ENOUGH = 0.6


class TallybackError(Exception):
    """What, where, remedy, in one line; exit status 2 unless a subclass says otherwise."""

    exit_status = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head} {remedy}".strip())


class BadInput(TallybackError):
    """A word on the command line, a value or a file that cannot be used as it is."""


class NothingMatched(TallybackError):
    """The question was understood; the answer is that there is nothing."""

    exit_status = 1


class PortInUse(TallybackError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program.",
            remedy="Choose another with --port, or --port 0 for a free one.",
        )


class FolderInUse(TallybackError):
    def __init__(self, folder: str, holder: str) -> None:
        super().__init__(
            f"The data folder is in use by {holder}.",
            where=folder,
            remedy="Stop that server first, or name another folder with --data.",
        )


class BadDatabase(TallybackError):
    """The database cannot be opened, read or migrated."""


def nearest(word: str, known: Collection[str]) -> str | None:
    """The likest word; of several as like, the one with the most letters in the same place."""
    wanted = word[:_LONGEST_WORD].casefold()
    matcher = difflib.SequenceMatcher(b=wanted)

    def likeness(one: str) -> tuple[float, int]:
        folded = one.casefold()
        matcher.set_seq1(folded)
        return matcher.ratio(), sum(map(operator.eq, folded, wanted))

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best)[0] >= _LIKE_ENOUGH else None
