"""Two who write in one process: one at a time, the urgent one first, and neither for ever behind the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server.storage.database import Database, open_database
from server.storage.turn import NO_PATIENCE_MS, PATIENCE_MS, Turn
from server.storage.writer import LONG_S, Writer
from tests.storage import databases

LONG = 20.0


@contextmanager
def running(*works: Callable[[], None]) -> Iterator[None]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_never_two_at_once_and_all_come_to_it() -> None:
    turn = Turn()
    inside: list[str] = []
    came: list[str] = []

    def work(name: str, take: Callable[[], object]) -> None:
        for _ in range(200):
            with take():  # type: ignore[attr-defined]
                inside.append(name)
                assert inside == [name]
                came.append(name)
                inside.pop()

    with running(
        lambda: work("urgent", lambda: turn.urgent(LONG)),
        lambda: work("also urgent", lambda: turn.urgent(LONG)),
        lambda: work("ordinary", turn.ordinary),
        lambda: work("also ordinary", turn.ordinary),
    ):
        pass
    assert {name: came.count(name) for name in set(came)} == {
        "urgent": 200,
        "also urgent": 200,
        "ordinary": 200,
        "also ordinary": 200,
    }


def order_of(turn: Turn, waiting: list[str]) -> list[str]:
    """Who comes when to a turn for which all of these wait already, in this order."""
    came: list[str] = []

    def one(name: str) -> None:
        with turn.urgent(LONG) if name.startswith("urgent") else turn.ordinary():
            came.append(name)

    threads = [threading.Thread(target=one, args=(name,), daemon=True) for name in waiting]
    with turn.ordinary():
        for number, thread in enumerate(threads, start=1):
            thread.start()
            until(lambda number=number: turn._urgent + turn._others == number)
    for thread in threads:
        thread.join(LONG)
    return came


def test_the_urgent_one_goes_first_and_then_the_other() -> None:
    assert order_of(Turn(), ["ordinary", "urgent"]) == ["urgent", "ordinary"]
    came = order_of(Turn(), ["ordinary 1", "ordinary 2", "urgent 1", "urgent 2", "urgent 3"])
    assert [name.split()[0] for name in came] == ["urgent", "ordinary", "urgent", "ordinary", "urgent"]


def test_who_is_urgent_waits_no_longer_than_he_said_and_lets_the_others_go_on() -> None:
    turn = Turn()
    is_held, may_go = threading.Event(), threading.Event()
    came: list[str] = []

    def hold() -> None:
        with turn.ordinary():
            is_held.set()
            assert may_go.wait(LONG)

    def next_one() -> None:
        with turn.ordinary():
            came.append("ordinary")

    with running(hold):
        assert is_held.wait(LONG)
        with running(next_one):
            began = time.monotonic()
            with pytest.raises(TimeoutError), turn.urgent(0.05):
                came.append("never")
            assert 0.05 <= time.monotonic() - began < 5
            assert not turn.is_wanted
            may_go.set()
    assert came == ["ordinary"]


def test_who_fails_gives_the_turn_back() -> None:
    turn = Turn()
    with pytest.raises(KeyError), turn.urgent(1):
        raise KeyError
    with pytest.raises(KeyError), turn.ordinary():
        raise KeyError
    with turn.urgent(1):
        assert turn.patience_ms == PATIENCE_MS


# -- the writer's turn -------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(databases.filled_file(tmp_path))
    opened.write(lambda connection: connection.execute(text("CREATE TABLE note (number INTEGER PRIMARY KEY)")))
    yield opened
    opened.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    started = Writer(database)
    started.start()
    yield started
    started.stop()


def slow_note(number: int) -> Callable[[Connection], int]:
    def job(connection: Connection) -> int:
        time.sleep(LONG_S / 2)
        connection.execute(text(f"INSERT INTO note VALUES ({number})"))
        return number

    return job


def noted(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM note")) or 0)


def test_a_long_transaction_ends_for_who_is_urgent_and_goes_on_after(database: Database, writer: Writer) -> None:
    with writer.turn.urgent(LONG):
        futures: list[Future[int]] = [writer.submit(slow_note(number)) for number in range(60)]
    until(lambda: not writer._asked.qsize())
    with writer.turn.urgent(LONG):
        written = noted(database)
        assert 0 < written < 60
        assert all(future.done() for future in futures[:written])
        assert not any(future.done() for future in futures[written:])
    assert [future.result(LONG) for future in futures] == list(range(60))
    assert noted(database) == 60


def test_the_writer_has_the_turn_only_while_it_is_in_a_transaction(database: Database, writer: Writer) -> None:
    assert writer.write(slow_note(1)) == 1
    with writer.turn.urgent(LONG):
        future = writer.submit(slow_note(2))
        other = open_database(database.url)
        other.write(slow_note(3))  # nobody has begun anything
        other.close()
        assert not future.done()
    assert future.result(LONG) == 2


def test_one_who_is_urgent_all_the_time_does_not_starve_the_writer(writer: Writer) -> None:
    is_over = threading.Event()

    def always() -> None:
        while not is_over.is_set():
            with writer.turn.urgent(LONG):
                time.sleep(0.002)

    with running(always, always):
        assert [writer.write(slow_note(number)) for number in range(20)] == list(range(20))
        is_over.set()


def test_while_it_is_held_elsewhere_only_the_first_waits(database: Database, writer: Writer) -> None:
    other = open_database(database.url)
    waits = []
    with other.writing.begin():
        for number in range(20):
            began = time.monotonic()
            error = writer.submit(slow_note(number)).exception(LONG)
            waits.append(time.monotonic() - began)
            assert "database is locked" in str(error)
        assert writer.turn.patience_ms == NO_PATIENCE_MS
    assert waits[0] >= PATIENCE_MS / 1000
    assert sum(waits[1:]) < waits[0] * 10
    assert writer.write(slow_note(1)) == 1
    assert writer.turn.patience_ms == PATIENCE_MS
    other.close()
