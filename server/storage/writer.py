"""The writer: one thread that commits what many threads ask for, together, and answers none of them before.

Jobs that wait while a commit is under way ride in the next one, each in a savepoint of its own, so that one that
fails takes no other with it. `synchronous=FULL` then costs one flush for all of them. Where the commit itself fails,
or a failure undid the whole transaction, each job is run again alone. Where another process holds the database, nobody
waits for long: all are told at once, and who cannot do without keeps what he has elsewhere.

Who cannot wait in line, because many others would wait with him, has an `urgent` transaction in his own thread: it
comes before whatever else waits, and a transaction that is under way ends early for it.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.storage import dialect
from server.storage.database import Database, Job
from server.storage.turn import Turn

T = TypeVar("T")
MOST_IN_ONE_COMMIT = 256
LONG_S = 0.01  # what somebody urgent waits for a transaction that is under way

log = logging.getLogger(__name__)


class _Asked:
    def __init__(self, job: Job[Any]) -> None:
        self.job = job
        self.future: Future[Any] = Future()

    def answer(self, result: Any) -> None:
        if not self.future.set_running_or_notify_cancel():  # nobody listens any more; what was asked is done
            return
        if isinstance(result, BaseException):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class _TransactionLost(Exception):
    """A failure took more than its savepoint with it: nothing of the batch is written."""


class _NotBegun(Exception):
    """Nobody can write now: trying each alone would only make all of them wait longer."""


class Writer:
    def __init__(self, database: Database) -> None:
        self.turn = Turn()
        self._database = database
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._kept: Connection | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Whatever was asked before is still written."""
        self._asked.put(None)
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, job: Job[T]) -> Future[T]:
        asked = _Asked(job)
        self._asked.put(asked)
        return asked.future

    def write(self, job: Job[T]) -> T:
        return self.submit(job).result()

    @contextlib.contextmanager
    def urgent(self, timeout_s: float) -> Iterator[Connection]:
        """A transaction in the caller's own thread, before all that waits; TimeoutError where it is not to be had."""
        with self.turn.urgent(timeout_s), contextlib.ExitStack() as transaction:
            yield self._begin(transaction)

    def _run(self) -> None:
        is_stopping = False
        while not is_stopping:
            batch, is_stopping = self._next_batch()
            if batch:
                self._write(batch)
        self._let_go()

    def _next_batch(self) -> tuple[list[_Asked], bool]:
        batch: list[_Asked] = []
        asked = self._asked.get()
        while asked is not None:
            batch.append(asked)
            if len(batch) == MOST_IN_ONE_COMMIT or self._asked.empty():
                return batch, False
            asked = self._asked.get_nowait()
        return batch, True

    def _write(self, batch: list[_Asked]) -> None:
        """In as many transactions as it takes: one, where nobody urgent waits."""
        while batch:
            try:
                results = self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whoever asked must hear of it; the writer lives on
                if len(batch) > 1 and not isinstance(error, _NotBegun):
                    why = error.orig if isinstance(error, DBAPIError) else error
                    log.warning("a commit of %d failed, each is tried alone: %s", len(batch), why)
                    for asked in batch:
                        self._write([asked])
                    return
                results = [error.__cause__ if isinstance(error, _NotBegun) else error] * len(batch)
            for asked, result in zip(batch, results, strict=False):
                asked.answer(result)
            batch = batch[len(results) :]

    def _commit(self, batch: list[_Asked]) -> list[Any]:
        """What each of them gave, or the first ones where somebody urgent waits."""
        with contextlib.ExitStack() as transaction:
            transaction.enter_context(self.turn.ordinary())
            try:
                connection = self._begin(transaction)
            except Exception as error:
                raise _NotBegun from error
            if len(batch) == 1:
                return [batch[0].job(connection)]
            results: list[Any] = []
            until = time.monotonic() + LONG_S
            for asked in batch:
                results.append(_in_savepoint(connection, asked.job))
                if self.turn.is_wanted and time.monotonic() > until:
                    break
            return results

    def _begin(self, transaction: contextlib.ExitStack) -> Connection:
        try:
            connection = self._connected(transaction).execution_options(patience_ms=self.turn.patience_ms)
            transaction.enter_context(connection.begin())
        except Exception:
            self.turn.note(is_held_elsewhere=True)
            raise
        self.turn.note(is_held_elsewhere=False)
        return connection

    def _connected(self, transaction: contextlib.ExitStack) -> Connection:
        """SQLite's only one is kept, which saves what it takes to hand it out; PostgreSQL's may have been lost."""
        if self._database.writing.dialect.name != "sqlite":
            return transaction.enter_context(self._database.writing.connect())
        if self._kept is None:
            self._kept = self._database.writing.connect()
        transaction.callback(dialect.leave_clean, self._kept)
        return self._kept

    def _let_go(self) -> None:
        with self.turn.ordinary():
            if self._kept is not None:
                self._kept.close()
                self._kept = None


def _in_savepoint(connection: Connection, job: Job[Any]) -> Any:
    """What the job gives, or its error; its savepoint is then undone, and the others stand."""
    try:
        with connection.begin_nested():
            return job(connection)
    except Exception as error:
        if not dialect.is_in_transaction(connection):  # SQLite gives all up where the disk is full
            raise _TransactionLost(str(error).partition("\n")[0]) from error
        return error
