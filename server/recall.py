"""At the start the visitors of the last day come back to mind: the latest at once, the others in the background."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from server.clock import Clock
from server.pipeline.recent import LATEST, visits_before
from server.storage.database import Database
from server.visitor.visitors import VISITORS_REMEMBERED, Visitors

AT_ONCE = 2000
PAUSE_S = 0.05  # after each: clicks come first

log = logging.getLogger(__name__)


class Recall:
    def __init__(self, database: Database, visitors: Visitors, clock: Clock) -> None:
        self._database, self._visitors, self._clock = database, visitors, clock
        self._before = LATEST  # the click before which nobody is recalled yet
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recall", daemon=True)

    def start(self) -> None:
        if self._recall_some():
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        for _ in range(VISITORS_REMEMBERED // AT_ONCE):
            if self._stopping.wait(PAUSE_S) or not self._recall_some():
                return

    def _recall_some(self) -> bool:
        """False where nobody is left."""
        now = self._clock()
        try:
            with self._database.read() as connection:
                came = visits_before(connection, self._before, now, AT_ONCE)
        except SQLAlchemyError as error:
            log.warning("who came in the last day cannot be read, so they are new again: %s", error)
            return False
        for one in came:
            visitor = self._visitors.key(one.campaign_id, one.ip, one.user_agent)
            if not self._visitors.knows(visitor, now):
                self._visitors.remember(visitor, one.time)
        self._before = came[-1].key if came else self._before
        return len(came) == AT_ONCE
