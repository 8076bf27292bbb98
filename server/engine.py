"""The composition root: builds the parts of a server, starts them in order, stops them in the reverse order."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import uuid
from typing import Any

from sqlalchemy.exc import DBAPIError

from server.clock import Clock, system_clock
from server.counters import Counters
from server.current import CurrentSetup
from server.domain.click_id import Keys
from server.domain.things import Setup
from server.drain import Drain, open_spool
from server.errors import BadDatabase
from server.pipeline import boots
from server.pipeline.boots import Boot
from server.pipeline.capping import Caps
from server.pipeline.ground import Ground
from server.pipeline.unrecorded import Unrecorded
from server.recall import Recall
from server.recount import Recount
from server.reporter import Reporter
from server.settings import DataFolder, Running, ServerLock
from server.storage.database import open_database
from server.storage.spool import Spool
from server.storage.writer import Writer
from server.visitor.visitors import Visitors
from server.web.app import create_app
from server.web.health import Health
from server.web.server import HttpServer, listening_socket
from server.web.tracker import Tracker
from server.worker import Worker

LAST_WRITES_S = 1.0


class Engine:
    def __init__(
        self, folder: DataFolder, *, url: str | None, host: str, port: int, clock: Clock = system_clock
    ) -> None:
        self._clock = clock
        with contextlib.ExitStack() as undo:  # a start that fails leaves nothing behind
            self._lock = ServerLock(folder)
            self._lock.take()
            undo.callback(self._lock.release)
            listening = undo.enter_context(listening_socket(host, port))
            self.host, self.port = host, int(listening.getsockname()[1])
            self._is_alone = url is None  # the lock of the folder then proves that no other server is on the data
            self._database = open_database(folder.url(url))
            undo.callback(self._database.close)
            self._visitors = Visitors(folder.geo_folder, folder.bots_folder, self._database.digest_key)
            self._current = CurrentSetup(self._database, clock)
            self._boot = self._registered()
            self._writer = Writer(self._database)
            self._counters = Counters()
            self._worker = Worker(self._database, self._writer, self._current, clock, self._boot, self._counters)
            self._caps = Caps()
            self._recount = Recount(self._database, self._current, clock, self._caps)
            self._spool = Spool(folder.spool_file, hashlib.sha256(self._database.digest_key).digest())
            undo.callback(self._spool.close)
            open_spool(self._spool, self._database)
            self._unrecorded = Unrecorded()
            self._drain = self._new_drain()
            self._drain.take_up()
            self._tracker = self._new_tracker(self._boot.number)
            self._http = HttpServer(create_app(self._tracker), listening, self._tracker)
            undo.pop_all()
        self._recall = Recall(self._database, self._visitors, clock)
        self._reporter = Reporter(folder.stats_file, self._figures)
        self._started_at = clock()
        self.is_announced = threading.Event()

    def _registered(self) -> Boot:
        """Its own run; what the runs that are gone had under way is taken back."""
        boot_id, now, is_alone = uuid.uuid4().hex, self._clock(), self._is_alone
        try:
            setup = self._current.refresh()
            return self._database.write(lambda c: boots.register(c, boot_id, setup, now, is_alone=is_alone))
        except DBAPIError as error:
            remedy = "Make room on the disk, or end the program that holds it."
            raise BadDatabase(f"The database cannot be written: {error.orig}.", remedy=remedy) from error

    def _new_tracker(self, number: int) -> Tracker:
        return Tracker(
            database=self._database,
            writer=self._writer,
            keys=Keys(number),
            clock=self._clock,
            setup=self._current.get,
            fresh_setup=self._current.refresh,
            relay_owed=self._owed,
            spool=self._spool,
            unrecorded=self._unrecorded,
            counters=self._counters,
            caps=self._caps,
            health=Health(self._database, self._writer, self._spool, self._unrecorded, self._clock).report,
            visitors=self._visitors,
        )

    def _new_drain(self) -> Drain:
        database, spool, writer = self._database, self._spool, self._writer

        def ground() -> Ground:
            return Ground(self._current.get(), database.digest_key, self._clock())

        return Drain(database, spool, self._unrecorded, writer, ground, self._owed)

    def _owed(self) -> None:
        """A conversion was counted, from any thread."""
        self._worker.owed()
        self._recount.sold()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serves until `stop`, then finishes what is under way."""
        self._visitors.start()
        self._current.refresh()
        self._writer.start()
        self._worker.start()
        self._drain.start()
        self._recount.start()
        self._reporter.start()
        self._recall.start()
        self._visitors.wait_until_ready()
        self._lock.announce(Running(os.getpid(), self.host, self.port))
        self.is_announced.set()
        try:
            self._http.run()
        finally:
            self._recall.stop()
            self._visitors.stop()
            self._reporter.stop()
            self._worker.stop()
            self._drain.stop()
            self._recount.stop()
            self._writer.submit(lambda connection: boots.end(connection, self._boot))
            writing = threading.Thread(target=self._writer.stop, daemon=True)
            writing.start()
            writing.join(LAST_WRITES_S)  # what another program keeps from being written was not acknowledged either
            self._spool.close()
            self._database.close()
            self._lock.release()

    def stop(self) -> None:
        """From any thread or signal handler: the relay line ends while the last requests are answered."""
        self._worker.ask_to_stop()
        self._http.stop()

    def known_setup(self) -> Setup:
        """The last one, without a look whether there is a newer one."""
        return self._current.known

    def _figures(self) -> dict[str, Any]:
        return {
            "started_at": self._started_at,
            "told_at": self._clock(),
            "spool": {"waiting": self._spool.waiting, "used": round(self._spool.used, 4)},
            **self._counters.told(),
        }
