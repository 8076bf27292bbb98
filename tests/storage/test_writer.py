"""The writer: many threads' jobs in one commit, and none answered before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from server.storage import dialect
from server.storage.database import Database, open_database
from server.storage.writer import MOST_IN_ONE_COMMIT, Writer

LONG = 20.0


@pytest.fixture
def database(own_database: Database) -> Database:
    own_database.write(lambda connection: connection.execute(text("CREATE TABLE note (number INTEGER PRIMARY KEY)")))
    return own_database


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    started = Writer(database)
    started.start()
    yield started
    started.stop()


def note(number: int) -> Callable[[Connection], int]:
    def job(connection: Connection) -> int:
        connection.execute(text(f"INSERT INTO note VALUES ({number})"))
        return number

    return job


def noted(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(text("SELECT number FROM note ORDER BY number")))


@contextmanager
def held_up(writer: Writer) -> Iterator[None]:
    """While it lasts the writer is busy, and what is asked waits for the next commit."""
    is_busy, may_go_on = threading.Event(), threading.Event()

    def job(_connection: Connection) -> None:
        is_busy.set()
        assert may_go_on.wait(LONG)

    busy = writer.submit(job)
    assert is_busy.wait(LONG)
    try:
        yield
    finally:
        may_go_on.set()
    busy.result(LONG)


@contextmanager
def commits_counted(database: Database) -> Iterator[list[None]]:
    commits: list[None] = []

    def count(_connection: Connection) -> None:
        commits.append(None)

    event.listen(database.writing, "commit", count)
    yield commits
    event.remove(database.writing, "commit", count)


def test_what_waits_is_committed_together_and_each_asker_gets_its_own_answer(
    database: Database, writer: Writer
) -> None:
    with commits_counted(database) as commits:
        with held_up(writer):
            futures = [writer.submit(note(number)) for number in range(50)]
        assert [future.result(LONG) for future in futures] == list(range(50))
    assert len(commits) == 2  # the one that held up, and one for all that waited
    assert noted(database) == list(range(50))


def test_the_jobs_of_many_threads_are_all_written(database: Database, writer: Writer) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda number: writer.write(note(number)), range(200)))
    assert answers == list(range(200))
    assert noted(database) == list(range(200))


def test_one_commit_has_an_upper_limit(database: Database, writer: Writer) -> None:
    with commits_counted(database) as commits:
        with held_up(writer):
            futures = [writer.submit(note(number)) for number in range(MOST_IN_ONE_COMMIT + 1)]
        assert futures[-1].result(LONG) == MOST_IN_ONE_COMMIT
    assert len(commits) == 3


@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), None], ids=["of ours", "of the database"])
def test_a_job_that_fails_takes_no_other_with_it(database: Database, writer: Writer, error: Exception | None) -> None:
    def fails(connection: Connection) -> None:
        note(2)(connection)
        if error:
            raise error
        note(1)(connection)  # is there already

    with commits_counted(database) as commits:
        with held_up(writer):
            before, failing, after = writer.submit(note(1)), writer.submit(fails), writer.submit(note(3))
        assert (before.result(LONG), after.result(LONG)) == (1, 3)
        with pytest.raises(RuntimeError if error else IntegrityError):
            failing.result(LONG)
    assert len(commits) == 2
    assert noted(database) == [1, 3]


def test_a_lone_job_that_fails_leaves_nothing_and_the_writer_goes_on(database: Database, writer: Writer) -> None:
    def fails(connection: Connection) -> None:
        note(1)(connection)
        raise KeyError

    with pytest.raises(KeyError):
        writer.write(fails)
    assert writer.write(note(2)) == 2
    assert noted(database) == [2]


def test_nothing_is_answered_before_it_is_there_for_everybody(database: Database, writer: Writer) -> None:
    wrote, may_go_on = threading.Event(), threading.Event()
    seen_when_answered: list[list[int]] = []

    def last(_connection: Connection) -> None:
        wrote.set()
        assert may_go_on.wait(LONG)

    with held_up(writer):
        first, second = writer.submit(note(1)), writer.submit(last)
        first.add_done_callback(lambda _future: seen_when_answered.append(noted(database)))
    assert wrote.wait(LONG)
    assert not first.done()
    assert noted(database) == []
    may_go_on.set()
    second.result(LONG)
    assert seen_when_answered == [[1]]


def test_where_the_commit_fails_each_job_is_tried_alone(
    database: Database, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    """A reference that is looked at only in the end spoils a commit, not a job."""
    database.write(
        lambda connection: connection.execute(
            text("CREATE TABLE line (number INTEGER PRIMARY KEY REFERENCES note DEFERRABLE INITIALLY DEFERRED)")
        )
    )
    with held_up(writer):
        futures: list[Future[object]] = [
            writer.submit(note(1)),
            writer.submit(lambda connection: connection.execute(text("INSERT INTO line VALUES (99)"))),
            writer.submit(lambda connection: connection.execute(text("INSERT INTO line VALUES (1)")).rowcount),
        ]
    assert futures[0].result(LONG) == 1
    assert futures[2].result(LONG) == 1
    with pytest.raises(IntegrityError):
        futures[1].result(LONG)
    assert noted(database) == [1]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.records[0].getMessage().startswith("a commit of 3 failed, each is tried alone: ")
    caplog.clear()


def loses_the_transaction(kind: str) -> Callable[[Connection], object]:
    """What a full disk does to SQLite, and the end of its server process to PostgreSQL: all is undone at once."""
    if kind == "sqlite":
        return lambda connection: connection.execute(text("INSERT OR ROLLBACK INTO note VALUES (0)"))
    return lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_no_job_is_answered_whose_transaction_another_one_lost(
    database: Database, writer: Writer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    writer.write(note(0))
    with held_up(writer):
        futures = [writer.submit(note(1)), writer.submit(loses_the_transaction(kind)), writer.submit(note(2))]
    assert (futures[0].result(LONG), futures[2].result(LONG)) == (1, 2)
    with pytest.raises(DBAPIError):
        futures[1].result(LONG)
    assert noted(database) == [0, 1, 2]
    assert caplog.records[0].getMessage().startswith("a commit of 3 failed, each is tried alone: ")
    caplog.clear()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_full_disk_fails_only_what_does_not_fit(
    database: Database, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def most_pages(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    database.write(lambda connection: connection.execute(text("CREATE TABLE large (content BLOB)")))
    writer.write(most_pages)
    with held_up(writer):
        futures = [
            writer.submit(note(1)),
            writer.submit(lambda connection: connection.execute(text("INSERT INTO large VALUES (zeroblob(9999999))"))),
            writer.submit(note(2)),
        ]
    assert (futures[0].result(LONG), futures[2].result(LONG)) == (1, 2)
    with pytest.raises(DBAPIError, match="database or disk is full"):
        futures[1].result(LONG)
    assert noted(database) == [1, 2]
    caplog.clear()


def test_while_another_process_writes_for_too_long_all_hear_of_it_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_TIMEOUT_MS", 300)
    database, other = open_database(url), open_database(url)
    database.write(lambda connection: connection.execute(text("CREATE TABLE note (number INTEGER PRIMARY KEY)")))
    refusals: list[object] = []

    def count(refusal: object) -> None:
        refusals.append(refusal)

    event.listen(database.writing, "handle_error", count)
    writer = Writer(database)
    futures = [writer.submit(note(number)) for number in range(3)]
    with other.writing.begin():
        writer.start()
        for future in futures:
            with pytest.raises(OperationalError, match=r"locked|lock timeout"):
                future.result(LONG)
    assert len(refusals) == 1  # they waited together, not one after the other
    assert writer.write(note(7)) == 7
    assert noted(database) == [7]
    writer.stop()
    database.close()
    other.close()


def test_an_asker_who_gives_up_neither_stops_the_writer_nor_the_job(database: Database, writer: Writer) -> None:
    with held_up(writer):
        given_up, patient = writer.submit(note(1)), writer.submit(note(2))
        assert given_up.cancel()
    assert patient.result(LONG) == 2
    assert writer.is_alive
    assert writer.write(note(3)) == 3
    assert noted(database) == [1, 2, 3]


def test_what_was_asked_before_the_stop_is_written(database: Database) -> None:
    writer = Writer(database)
    writer.start()
    assert writer.is_alive
    with held_up(writer):
        futures = [writer.submit(note(number)) for number in range(2 * MOST_IN_ONE_COMMIT)]
    writer.stop()
    assert not writer.is_alive
    assert all(future.done() for future in futures)
    assert noted(database) == list(range(2 * MOST_IN_ONE_COMMIT))
