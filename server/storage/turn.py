"""Whose turn it is to write: two parts of one process take turns here, not in the database's own waiting room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_MS = 150  # what a caller waits for a database that another process holds
NO_PATIENCE_MS = 1  # for one that was held when somebody last tried


class Turn:
    """One has it at a time; who is urgent goes first, and where both wait they take it by turns, so nobody starves.

    Whoever has it notes whether the database could be had: while another process holds it, only one waits in vain.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_taken = False
        self._was_urgent = False
        self._urgent = 0  # how many wait
        self._others = 0
        self._is_held_elsewhere = False

    @contextmanager
    def urgent(self, timeout_s: float) -> Iterator[None]:
        """Before all others; TimeoutError where it is not to be had in time."""
        with self._changed:
            self._urgent += 1
            try:
                may_go = self._changed.wait_for(self._is_for_the_urgent, timeout_s)
            finally:
                self._urgent -= 1
                self._changed.notify_all()  # who let this one pass
            if not may_go:
                raise TimeoutError("another part of this server writes")
            self._is_taken = self._was_urgent = True
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def ordinary(self) -> Iterator[None]:
        with self._changed:
            self._others += 1
            try:
                self._changed.wait_for(self._is_for_others)
            finally:
                self._others -= 1
            self._is_taken, self._was_urgent = True, False
        try:
            yield
        finally:
            self._give_back()

    @property
    def is_wanted(self) -> bool:
        """Somebody urgent waits: come to an end."""
        return self._urgent > 0

    @property
    def patience_ms(self) -> int:
        return NO_PATIENCE_MS if self._is_held_elsewhere else PATIENCE_MS

    def note(self, *, is_held_elsewhere: bool) -> None:
        self._is_held_elsewhere = is_held_elsewhere

    def _is_for_the_urgent(self) -> bool:
        return not self._is_taken and not (self._others and self._was_urgent)

    def _is_for_others(self) -> bool:
        return not self._is_taken and (self._was_urgent or not self._urgent)

    def _give_back(self) -> None:
        with self._changed:
            self._is_taken = False
            self._changed.notify_all()
