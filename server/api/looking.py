"""A data folder that is only looked at: nothing is created, migrated, written or locked, whoever else works on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, select
from sqlalchemy.pool import QueuePool

from server.api.finding import Trouble
from server.clock import Clock, system_clock
from server.errors import BadDatabase
from server.settings import DataFolder, Running, data_folder, running_server
from server.storage import dialect
from server.storage.tables import SettingRow


@dataclass(frozen=True, slots=True)
class Look:
    folder: DataFolder
    address: URL
    engine: Engine
    clock: Clock
    server: Running | None
    is_deep: bool = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    @property
    def is_sqlite(self) -> bool:
        return dialect.is_sqlite(self.address)

    @property
    def database_file(self) -> Path | None:
        return Path(str(self.address.database)) if self.is_sqlite else None

    @property
    def shown(self) -> str:
        return dialect.shown(self.address)


def digest_key(connection: Connection) -> bytes:
    stored = connection.scalar(select(SettingRow.value).where(SettingRow.name == "click_id_key"))
    if not isinstance(stored, str) or not re.fullmatch(r"[0-9a-f]{64}", stored):
        raise Trouble("The key of the click ids is missing or damaged.", "Restore the data together with its key.")
    return bytes.fromhex(stored)


@contextmanager
def looked_at(
    folder: str | None, url: str | None, *, is_deep: bool = False, clock: Clock = system_clock
) -> Iterator[Look]:
    where = data_folder(folder, create=False)
    address = dialect.address(where.url(url))
    if dialect.is_sqlite(address) and not Path(str(address.database)).exists():
        raise BadDatabase(
            "There is no database here.", where=dialect.shown(address), remedy="Check --data, or apply a setup first."
        )
    engine = _of_sqlite(address) if dialect.is_sqlite(address) else dialect.reading_engine(address)
    try:
        yield Look(where, address, engine, clock, running_server(where), is_deep)
    finally:
        engine.dispose()


def _of_sqlite(address: URL) -> Engine:
    """The file is opened for reading alone; the reading engine of a server would turn it to its log."""
    uri = Path(str(address.database)).absolute().as_uri() + "?mode=ro"

    def connect() -> Any:
        connection = dialect.driver().connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=dialect.BUSY_TIMEOUT_MS / 1000
        )
        connection.execute("PRAGMA temp_store=MEMORY").close()
        return connection

    engine = create_engine("sqlite://", module=dialect.driver(), creator=connect, poolclass=QueuePool, pool_size=2)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN") and None)
    return engine
