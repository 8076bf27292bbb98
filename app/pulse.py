"""Notices within a second that something new is in the data, whoever wrote it, and says what kind."""

from __future__ import annotations

from dataclasses import asdict

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Jobs
from server.api.data import Data
from server.api.lists import Marks, marks

EVERY_MS = 1000


class Pulse(QObject):
    changed = Signal(set)  # names of the marks that moved: click, postback, entry, relay, attempt, setup

    def __init__(self, data: Data, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._jobs = jobs
        self._marks: Marks | None = None
        self._is_looking = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self._timer.start()
        self.look()

    def stop(self) -> None:
        self._timer.stop()

    def look(self) -> None:
        if self._is_looking:
            return
        self._is_looking = True
        self._jobs.run(self, self._read, self._compare, self._missed)

    def _read(self) -> Marks:
        """The setup first: who hears that it moved finds it as it is now, without asking the database."""
        self._data.setup()
        return marks(self._data)

    def _compare(self, found: Marks) -> None:
        self._is_looking = False
        before, self._marks = self._marks, found
        now = asdict(found)
        then = asdict(before) if before is not None else {}  # at first all may have moved since a page read it
        moved = {name for name in now if now[name] != then.get(name)}
        if moved:
            self.changed.emit(moved)

    def _missed(self, _words: str) -> None:
        self._is_looking = False
