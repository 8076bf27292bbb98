"""One data set, open: engines for reading and writing, and the migration to the tables of this version."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.errors import BadDatabase
from server.storage import dialect
from server.storage.migrations import HEAD, KNOWN
from server.storage.tables import SettingRow

T = TypeVar("T")
Job = Callable[[Connection], T]

_DIGEST_KEY = "click_id_key"


@dataclass(frozen=True, slots=True)
class Database:
    url: str
    writing: Engine
    reading: Engine
    digest_key: bytes  # of the click ids; it lives with the data, so that a backup restores both

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.reading.connect() as connection:
            yield connection

    def write(self, job: Job[T]) -> T:
        """One transaction of its own; the server's writer groups many into one instead."""
        with self.writing.begin() as connection:
            return job(connection)

    def close(self) -> None:
        self.reading.dispose()
        self.writing.dispose()


def open_database(url: str, *, checkpoints: bool = True) -> Database:
    """Creates what is not there and migrates what is older; refuses what is newer or no database."""
    address = dialect.address(url)
    shown = dialect.shown(address)
    try:
        writing = dialect.writing_engine(address, checkpoints=checkpoints)
        try:
            _migrate(writing, shown)
            digest_key = _digest_key(writing)
        except BaseException:
            writing.dispose()
            raise
        dialect.keep_private(address)
        return Database(url, writing, dialect.reading_engine(address), digest_key)
    except DBAPIError as error:
        raise BadDatabase(
            f"The database cannot be used: {str(error.orig).splitlines()[0]}.",
            where=shown,
            remedy=dialect.remedy(address),
        ) from error
    except ModuleNotFoundError as error:
        raise BadDatabase(
            f"The driver {error.name} is not installed.", where=shown, remedy="Install tallyback[postgres]."
        ) from error


def _migrate(engine: Engine, shown: str) -> None:
    version = _version(engine)
    if version == HEAD:
        return
    if version is not None and version not in KNOWN:
        raise BadDatabase(
            f"This data was written by a newer Tallyback (version {version} of the tables).",
            where=shown,
            remedy="Update Tallyback, or open another folder with --data.",
        )
    from server.storage.migrations.run import upgrade  # noqa: PLC0415 - alembic costs a tenth of a second

    upgrade(engine)


def _version(engine: Engine) -> str | None:
    with engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return version


def _digest_key(engine: Engine) -> bytes:
    with engine.begin() as connection:
        stored = connection.scalar(select(SettingRow.value).where(SettingRow.name == _DIGEST_KEY))
        if stored is None:
            stored = secrets.token_hex(32)
            connection.execute(insert(SettingRow).values(name=_DIGEST_KEY, value=stored))
        return bytes.fromhex(stored)
