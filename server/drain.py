"""The drain: a thread that brings what lies in the spool into the database as soon as that can be written again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from server.pipeline import applying, unrecorded
from server.pipeline.applying import Applied
from server.pipeline.ground import Ground
from server.pipeline.unrecorded import Unrecorded
from server.storage import dialect
from server.storage.database import Database, Job
from server.storage.spool import Spool
from server.storage.writer import Writer

PAUSE_S = 0.25  # between two looks whether something waits, and whether it can be written
AFTER_A_FAULT_S = 5.0
LONG_S = 0.02  # of a transaction: others want to write too
LEAST, MOST = 16, 1024
LONGEST_START_S = 1.0
MAKE_EVERY_S = 30.0  # a spool for which the disk had no room

log = logging.getLogger(__name__)


class Drain:
    def __init__(
        self,
        database: Database,
        spool: Spool,
        unrecorded: Unrecorded,
        writer: Writer,
        ground: Callable[[], Ground],
        relay_owed: Callable[[], None],
    ) -> None:
        self._spool = spool
        self._database = database
        self._unrecorded = unrecorded
        self._writer = writer
        self._ground = ground
        self._relay_owed = relay_owed
        self._tried_at = time.monotonic()
        self._most = LEAST  # records in the next transaction: as many as one that is short can take
        self._waited = 0  # how many records have been applied since something began to wait
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    def take_up(self) -> None:
        """What the last run left, before anybody is served: as much as a start may take, the rest at once after.

        So an answer that leans on a click finds it, and a start is quick however much there is.
        """
        until = time.monotonic() + LONGEST_START_S
        try:
            while self._spool.waiting and time.monotonic() < until:
                if not self._apply_next(self._database.write).count:
                    return
        except Exception as error:
            if not dialect.cannot_write(error):
                log.exception("the spool cannot be emptied yet")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What still waits lies safe: the next start takes it up."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pause_s = 0.0  # the rest of what the last run left
        while not self._stopping.wait(pause_s):
            pause_s = PAUSE_S
            try:
                self._pass()
            except Exception as error:
                if not dialect.cannot_write(error):
                    log.exception("the spool cannot be emptied, trying again")
                    pause_s = AFTER_A_FAULT_S

    def _pass(self) -> None:
        while self._spool.waiting and not self._stopping.is_set():
            applied = self._apply_next(self._writer.write)
            if applied.owes:
                self._relay_owed()
            if not applied.count:
                break
        if self._waited and not self._spool.waiting:
            log.warning("the database can be written again: the %d that waited in the spool are in it", self._waited)
            self._waited = 0
        self._write_downtime()
        self._make_spool()

    def _apply_next(self, write: Callable[[Job[Applied]], Applied]) -> Applied:
        applied = write(partial(applying.apply_next, spool=self._spool, most=self._most, ground=self._ground()))
        self._spool.release(applied.through)
        self._waited += applied.count
        if applied.seconds > LONG_S:
            self._most = max(self._most // 2, LEAST)
        elif applied.seconds < LONG_S / 2:
            self._most = min(self._most * 2, MOST)
        return applied

    def _write_downtime(self) -> None:
        downtime = self._unrecorded.take()
        if downtime is None:
            return
        try:
            self._writer.write(partial(unrecorded.write, downtime=downtime))
        except BaseException:
            self._unrecorded.add(downtime)
            raise

    def _make_spool(self) -> None:
        """One for which the disk had no room at the start: it may have room now."""
        if not self._spool.is_open and time.monotonic() - self._tried_at > MAKE_EVERY_S:
            self._tried_at = time.monotonic()
            open_spool(self._spool, self._database)


def open_spool(spool: Spool, database: Database) -> None:
    """Without one the server serves as well: it is only when the database fails that something is then lost."""
    try:
        spool.open()
    except OSError as error:
        log.error("there is no spool for when the database cannot be written: %s", error)  # noqa: TRY400 - one line
        return
    try:
        with database.read() as connection:
            spool.release(applying.applied_through(connection, spool))
    except BaseException:
        spool.close()  # it must not give out a number that was applied before
        raise
