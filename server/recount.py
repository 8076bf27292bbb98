"""The recount: a thread that counts anew what offers with a cap took today, so that no click waits for it."""

from __future__ import annotations

import logging
import threading
import time

from server.clock import Clock
from server.current import CurrentSetup
from server.pipeline.capping import Caps
from server.storage import dialect
from server.storage.database import Database

LOOK_EVERY_S = 0.25
AFTER_A_FAULT_S = 5.0
CLICKS_EVERY_S = 15.0  # other servers may send some too
REST = 20  # times as long as the last count of clicks took

log = logging.getLogger(__name__)


class Recount:
    def __init__(self, database: Database, current: CurrentSetup, clock: Clock, caps: Caps) -> None:
        self._database = database
        self._current = current
        self._clock = clock
        self._caps = caps
        self._is_sold = threading.Event()
        self._clicks_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recount", daemon=True)

    def start(self) -> None:
        """The first count comes before the first visitor."""
        self._pass()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def sold(self) -> None:
        """A conversion may have been counted."""
        self._is_sold.set()

    def _run(self) -> None:
        pause_s = LOOK_EVERY_S
        while not self._stopping.wait(pause_s):
            pause_s = LOOK_EVERY_S if self._pass() else AFTER_A_FAULT_S

    def _pass(self) -> bool:
        """False where it has to be tried again."""
        setup, now = self._current.get(), self._clock()
        self._caps.full(setup, now)
        with_clicks = self._caps.is_stale.is_set() or time.monotonic() >= self._clicks_at
        if not self._caps.is_needed or not (with_clicks or self._is_sold.is_set()):
            return True
        self._caps.is_stale.clear()
        self._is_sold.clear()
        began = time.monotonic()
        try:
            with self._database.read() as connection:
                self._caps.recount(connection, setup, now, with_clicks=with_clicks)
        except Exception as error:
            self._caps.is_stale.set()
            if not dialect.cannot_write(error):
                log.exception("what offers with a cap took today cannot be counted, trying again")
            return False
        if with_clicks:
            ended = time.monotonic()
            self._clicks_at = ended + max(CLICKS_EVERY_S, REST * (ended - began))
        return True
