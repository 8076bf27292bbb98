"""A data folder, opened: what every other subject of the api works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.clock import Clock, system_clock
from server.current import CurrentSetup
from server.domain.things import Setup
from server.errors import TallybackError
from server.pipeline.ground import Ground
from server.settings import DataFolder, Running, data_folder, running_server
from server.storage import dialect
from server.storage.database import Database, open_database


class Cancelled(TallybackError):
    """Somebody no longer wants what was asked for; who cancelled knows, so nobody reads this."""

    def __init__(self) -> None:
        super().__init__("It was cancelled.")


@dataclass(frozen=True, slots=True)
class Data:
    folder: DataFolder
    url: str | None
    database: Database
    clock: Clock
    current: CurrentSetup

    def setup(self) -> Setup:
        return self.current.refresh()

    def ground(self) -> Ground:
        return Ground(self.setup(), self.database.digest_key, self.clock())

    @contextmanager
    def read(self, cancel: Event | None = None) -> Iterator[Connection]:
        """Reading that may take long: once `cancel` is set, the database stops at what it does, and this raises."""
        if cancel is None:
            with self.database.read() as connection:
                yield connection
            return
        if cancel.is_set():
            raise Cancelled
        try:
            with self.database.read() as connection, dialect.stopped_by(cancel, connection):
                yield connection
        except DBAPIError as error:
            if cancel.is_set():
                raise Cancelled from error
            raise

    def server(self) -> Running | None:
        return running_server(self.folder)


@contextmanager
def open_data(folder: str | None, url: str | None = None, clock: Clock = system_clock) -> Iterator[Data]:
    where = data_folder(folder)
    # An old SQLite can corrupt its log when two processes checkpoint: then only the server does.
    database = open_database(where.url(url), checkpoints=dialect.is_sound())
    try:
        yield Data(where, url, database, clock, CurrentSetup(database, clock))
    finally:
        database.close()
