"""The composition root: builds the parts of a server, starts them in order, stops them in the reverse order."""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import DBAPIError

from server.clock import SECOND, Clock, system_clock
from server.current import CurrentSetup
from server.domain.click_id import SERVERS, Keys
from server.pipeline import relay
from server.settings import DataFolder, Running, ServerLock
from server.storage.database import open_database
from server.storage.tables import BootRow
from server.storage.writer import Writer
from server.web.app import create_app
from server.web.server import HttpServer, listening_socket
from server.web.tracker import Tracker
from server.worker import HEARTBEAT_MS, Worker

GONE_AFTER_MS = 6 * HEARTBEAT_MS
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
            self._boot = uuid.uuid4().hex
            number = self._database.write(self._begin)
            self._current = CurrentSetup(self._database, clock)
            self._writer = Writer(self._database)
            self._worker = Worker(self._database, self._writer, self._current, clock, self._boot)
            self._tracker = Tracker(
                database=self._database,
                writer=self._writer,
                keys=Keys(number),
                clock=clock,
                setup=self._current.get,
                fresh_setup=self._current.refresh,
                relay_owed=self._worker.wake,
                health=self.health,
            )
            self._http = HttpServer(create_app(self._tracker), listening)
            undo.pop_all()
        self.is_announced = threading.Event()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serves until `stop`, then finishes what is under way."""
        self._current.refresh()
        self._writer.start()
        self._worker.start()
        self._lock.announce(Running(os.getpid(), self.host, self.port))
        self.is_announced.set()
        try:
            self._http.run()
        finally:
            self._worker.stop()
            self._writer.submit(lambda connection: connection.execute(delete(BootRow).where(BootRow.id == self._boot)))
            writing = threading.Thread(target=self._writer.stop, daemon=True)
            writing.start()
            writing.join(LAST_WRITES_S)  # what another program keeps from being written was not acknowledged either
            self._database.close()
            self._lock.release()

    def stop(self) -> None:
        """From any thread or signal handler: the relay line ends while the last requests are answered."""
        self._worker.ask_to_stop()
        self._http.stop()

    def health(self) -> dict[str, Any]:
        try:
            with self._database.read() as connection:
                connection.execute(text("SELECT 1"))
                due = relay.next_due(connection)
            is_readable = True
        except DBAPIError:
            is_readable, due = False, None
        age_s = max(0, self._clock() - due) // SECOND if due is not None else 0
        is_well = is_readable and self._writer.is_alive
        return {"ok": is_well, "database": is_readable, "writer": self._writer.is_alive, "outbox_age_s": age_s}

    def _begin(self, connection: Connection) -> int:
        """Registers this run, and takes back what the runs that are gone had under way."""
        now = self._clock()
        is_silent = (BootRow.heartbeat_at < now - GONE_AFTER_MS) | (BootRow.heartbeat_at > now + GONE_AFTER_MS)
        connection.execute(delete(BootRow) if self._is_alone else delete(BootRow).where(is_silent))
        living = list(connection.execute(select(BootRow.id, BootRow.number)))
        relay.take_back(connection, [boot.id for boot in living], now)
        taken = {boot.number for boot in living}
        number = next(number for number in range(SERVERS) if number not in taken)
        connection.execute(insert(BootRow).values(id=self._boot, number=number, started_at=now, heartbeat_at=now))
        return number
