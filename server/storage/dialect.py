"""What only SQLite and only PostgreSQL need to hear: the one place that knows they differ."""

from __future__ import annotations

import contextlib
import importlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

from server.errors import BadDatabase

SOUND_SQLITE = (3, 51, 3)  # older ones can corrupt the log when several processes write
BUSY_TIMEOUT_MS = 10_000
_PATIENCE = "patience_ms"
_PAUSE_MS = 20
_LOG_PAGES = 4000  # 16 MB between two checkpoints: pages that many commits touch go into the file once, not each time
_CONNECT_S = 3  # a machine that is gone must not hold up those who have another place for what came
_STEPS = 50_000  # of SQLite's machine, a few milliseconds, between two looks whether it is to stop
_WATCH_S = 0.05
_FILE = "sqlite:///"
_DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")
_FORM = "Write --database sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."
_WRITERS_LOCK = 7_411_200_001  # any number that is ours
_OF_THE_STATEMENT = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)


def driver() -> ModuleType:
    """A SQLite without the WAL-reset bug where a wheel brings one, else the standard library's."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def is_sound() -> bool:
    return tuple(driver().sqlite_version_info) >= SOUND_SQLITE


def address(url: str) -> URL:
    """A file of SQLite, or a database of PostgreSQL; nothing else is one that we know how to keep."""
    # A path may hold signs that mean something in an address.
    found = URL.create("sqlite", database=url.removeprefix(_FILE)) if url.startswith(_FILE) else _parsed(url)
    if is_sqlite(found) and found.database in (None, "", ":memory:"):
        raise BadDatabase("A database in memory ends with the program that opened it.", remedy=_FORM)
    return found


def _parsed(url: str) -> URL:
    try:
        found = make_url(url)
    except (exc.ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise BadDatabase("This is no address of a database.", remedy=_FORM) from error
    if found.drivername not in _DRIVERS:
        raise BadDatabase("This is no address of a database that Tallyback can use.", remedy=_FORM)
    if "@" in (found.host or ""):
        raise BadDatabase("The password in the database's address holds an @.", remedy="Write that one as %40.")
    return found


def shown(address: URL) -> str:
    """Where it is, without its password, wherever in the address that stands."""
    if is_sqlite(address):
        return str(address.database)
    port = f":{address.port}" if address.port else ""
    return f"{address.drivername}://…@{address.host or ''}{port}/{address.database or ''}"


def remedy(address: URL) -> str:
    """What to do where it cannot be opened."""
    if is_sqlite(address):
        return "Check the path and its rights, or restore a backup."
    return "Check that PostgreSQL runs there, and the user, the password and the database's name in the address."


def writing_engine(address: URL, *, checkpoints: bool = True) -> Engine:
    """One writer at a time: BEGIN IMMEDIATE in SQLite, an advisory lock of the transaction in PostgreSQL."""
    engine = _engine(address, pool_size=1 if is_sqlite(address) else 4)
    if is_sqlite(address):
        pages = _LOG_PAGES if checkpoints else 0
        _on_connect(engine, "PRAGMA synchronous=FULL", f"PRAGMA wal_autocheckpoint={pages}")
        event.listen(engine, "begin", _begin_in_sqlite)
    else:
        event.listen(engine, "begin", _begin_in_postgresql)
    return engine


def _begin_in_sqlite(connection: Connection) -> None:
    patience = _patience_ms(connection)
    if connection.info.get(_PATIENCE) != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
        connection.info[_PATIENCE] = patience
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_in_postgresql(connection: Connection) -> None:
    patience = f"set_config('lock_timeout', '{_patience_ms(connection)}', true)"
    connection.exec_driver_sql(f"SELECT {patience}, pg_advisory_xact_lock({_WRITERS_LOCK})")


def _patience_ms(connection: Connection) -> int:
    """How long it waits for another who writes: a connection with the execution option `patience_ms` knows its own."""
    patience: int = connection.get_execution_options().get(_PATIENCE, BUSY_TIMEOUT_MS)
    return patience


def reading_engine(address: URL) -> Engine:
    """It cannot write, and all that one transaction reads is of one moment."""
    engine = _engine(address, pool_size=16)
    if is_sqlite(address):
        _on_connect(engine, "PRAGMA query_only=ON")
        event.listen(engine, "begin", lambda connection: _run(connection, "BEGIN"))
    else:
        statement = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        event.listen(engine, "begin", lambda connection: _run(connection, statement))
    return engine


def insert_or_ignore(engine_name: str) -> Any:
    """The dialect's own insert, which knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert if engine_name == "sqlite" else postgresql.insert


def cannot_write(error: BaseException) -> bool:
    """Whether it was no fault of what was asked: the database is held, full, read-only, broken or gone."""
    if isinstance(error, exc.DBAPIError):
        return bool(error.connection_invalidated) or not isinstance(error, _OF_THE_STATEMENT)
    return isinstance(error, exc.TimeoutError | TimeoutError)  # no connection was free, or it was not our turn


def is_in_transaction(connection: Connection) -> bool:
    """Whether it still stands after an error: SQLite itself may have undone it, or PostgreSQL be gone."""
    if connection.invalidated:
        return False
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return raw.info.transaction_status.name == "INTRANS"  # type: ignore[no-any-return]


def leave_clean(connection: Connection) -> None:
    """A commit that fails can leave SQLite in its transaction: whoever keeps the connection undoes that."""
    if is_in_transaction(connection):
        connection.connection.rollback()


@contextlib.contextmanager
def stopped_by(cancel: threading.Event, connection: Connection) -> Iterator[None]:
    """Whatever the connection does meanwhile ends with an error soon after the event is set."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        raw.set_progress_handler(cancel.is_set, _STEPS)
        try:
            yield
        finally:
            raw.set_progress_handler(None, 0)
        return
    is_over = threading.Event()
    watch = threading.Thread(target=_watch, args=(cancel, is_over, raw), name="cancel")
    watch.start()
    try:
        yield
    finally:
        is_over.set()
        watch.join()  # so that the next who gets the connection is not cancelled


def _watch(cancel: threading.Event, is_over: threading.Event, raw: Any) -> None:
    """Asks again and again: PostgreSQL forgets a request that arrives between two statements."""
    while not is_over.wait(_WATCH_S):
        if cancel.is_set():
            with contextlib.suppress(importlib.import_module("psycopg").Error):
                raw.cancel_safe(timeout=BUSY_TIMEOUT_MS / 1000)


def is_sqlite(address: URL) -> bool:
    return address.get_backend_name() == "sqlite"


def _engine(address: URL, *, pool_size: int) -> Engine:
    if not is_sqlite(address):
        patience = {"connect_timeout": _CONNECT_S} if "connect_timeout" not in address.query else {}
        return create_engine(address, pool_size=pool_size, pool_pre_ping=True, connect_args=patience)
    engine = create_engine(
        address,
        module=driver(),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", lambda connection, _record: _turn_to_log(connection))
    _on_connect(engine, "PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY")
    return engine


def _turn_to_log(connection: Any) -> None:
    """A new file changes to WAL once, and SQLite does not wait by itself for another that does the same now."""
    patience = BUSY_TIMEOUT_MS // _PAUSE_MS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except driver().OperationalError as error:
            patience -= 1
            if "locked" not in str(error) or not patience:
                raise
            time.sleep(_PAUSE_MS / 1000)
        else:
            return


def _on_connect(engine: Engine, *statements: str) -> None:
    @event.listens_for(engine, "connect")
    def tell(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def keep_private(address: URL) -> None:
    """The owner's eyes only, the log and its index too."""
    if not is_sqlite(address) or os.name != "posix":
        return
    for ending in ("", "-wal", "-shm"):
        file = Path(f"{address.database}{ending}")
        if file.exists():
            with contextlib.suppress(PermissionError):  # somebody else's file, which we may use all the same
                file.chmod(0o600)
