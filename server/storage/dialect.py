"""What only SQLite and only PostgreSQL need to hear: the one place that knows they differ."""

from __future__ import annotations

import importlib
import os
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

SOUND_SQLITE = (3, 51, 3)  # older ones can corrupt the log when several processes write
BUSY_TIMEOUT_MS = 10_000
_WRITERS_LOCK = 7_411_200_001  # any number that is ours


def driver() -> ModuleType:
    """A SQLite without the WAL-reset bug where a wheel brings one, else the standard library's."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def is_sound() -> bool:
    return tuple(driver().sqlite_version_info) >= SOUND_SQLITE


def writing_engine(url: str, *, checkpoints: bool = True) -> Engine:
    """One writer at a time: BEGIN IMMEDIATE in SQLite, an advisory lock of the transaction in PostgreSQL."""
    engine = _engine(url, pool_size=1 if _is_sqlite(url) else 4)
    if _is_sqlite(url):
        _on_connect(engine, "PRAGMA synchronous=FULL", *(() if checkpoints else ("PRAGMA wal_autocheckpoint=0",)))
        event.listen(engine, "begin", lambda connection: _run(connection, "BEGIN IMMEDIATE"))
    else:
        event.listen(engine, "begin", lambda c: _run(c, f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"))
    return engine


def reading_engine(url: str) -> Engine:
    engine = _engine(url, pool_size=16)
    if _is_sqlite(url):
        _on_connect(engine, "PRAGMA query_only=ON")
        event.listen(engine, "begin", lambda connection: _run(connection, "BEGIN"))
    return engine


def insert_or_ignore(engine_name: str) -> Any:
    """The dialect's own insert, which knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert if engine_name == "sqlite" else postgresql.insert


def is_in_transaction(connection: Connection) -> bool:
    """Whether it still stands after an error: SQLite itself may have undone it, or PostgreSQL be gone."""
    if connection.invalidated:
        return False
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return raw.info.transaction_status.name == "INTRANS"  # type: ignore[no-any-return]


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _engine(url: str, *, pool_size: int) -> Engine:
    if not _is_sqlite(url):
        return create_engine(url, pool_size=pool_size, pool_pre_ping=True)
    engine = create_engine(
        url,
        module=driver(),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    _on_connect(engine, "PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY")
    return engine


def _on_connect(engine: Engine, *statements: str) -> None:
    @event.listens_for(engine, "connect")
    def tell(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def keep_private(path: Path) -> None:
    """The owner's eyes only, the log and its index too."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if name.exists() and os.name == "posix":
            name.chmod(0o600)
