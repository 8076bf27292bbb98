"""Many rows by one statement, as SQLAlchemy would write them one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from server.storage import dialect
from server.storage.bulk import insert_rows, last_numbers, rows_of, savepoint
from server.storage.database import Database, open_database
from server.storage.tables import MissedClickRow, PostbackRow
from tests.storage import databases


def opened(folder: Path) -> Database:
    return open_database(databases.filled_file(folder))


def postback(number: int, **more: Any) -> dict[str, Any]:
    row = {"id": number, "time": 5, "address": "a", "method": "GET", "query": b"\x00\xff", "body": b"", "ip": ""}
    return {**row, "content_type": "", "outcome": "", "reason": "", "remedy": "", "replayed": 0, "warnings": [], **more}


def test_rows_are_written_as_one_by_one(tmp_path: Path) -> None:
    database = opened(tmp_path)
    rows = [postback(1, click_id=None), postback(2, warnings=[{"warning": "é"}], click_id=7)]
    with database.writing.begin() as connection:
        insert_rows(connection, PostbackRow, rows)
        connection.execute(insert(PostbackRow), [{**row, "id": row["id"] + 2} for row in rows])
        written = [tuple(row)[1:] for row in connection.execute(select(PostbackRow.__table__))]
        insert_rows(connection, PostbackRow, [])
    assert written[:2] == written[2:]
    assert len(written) == 4
    database.close()


def test_each_value_goes_into_the_column_that_names_it(tmp_path: Path) -> None:
    database = opened(tmp_path)
    backwards = dict(reversed(postback(1, click_id=7, warnings=["a"]).items()))
    with database.writing.begin() as connection:
        insert_rows(connection, PostbackRow, [backwards, postback(2), postback(3)])
        one, two, three = connection.execute(select(PostbackRow.__table__).order_by(PostbackRow.id)).mappings()
    assert {name: one[name] for name in backwards} == backwards
    assert (two["click_id"], two["warnings"], three["warnings"]) == (None, [], [])
    database.close()


def test_the_last_numbers_are_those_behind_which_the_next_row_goes(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.writing.begin() as connection:
        assert last_numbers(connection, PostbackRow) == [0]
        insert_rows(connection, PostbackRow, [postback(4), postback(9)])
        assert last_numbers(connection, PostbackRow, PostbackRow) == [9, 9]
        insert_rows(connection, MissedClickRow, [{"day": "2026-03-01", "key": "x", "count": 2}])
        assert connection.execute(select(MissedClickRow.__table__)).all() == [("2026-03-01", "x", 2)]
    database.close()


def fail(connection: Connection, written: Callable[[], None]) -> None:
    with savepoint(connection):
        written()
        raise ZeroDivisionError


def test_a_savepoint_undoes_what_was_written_in_it_and_nothing_else(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.writing.begin() as connection:
        insert_rows(connection, PostbackRow, [postback(1)])
        with pytest.raises(ZeroDivisionError):
            fail(connection, lambda: insert_rows(connection, PostbackRow, [postback(2)]))
        with savepoint(connection):
            insert_rows(connection, PostbackRow, [postback(3)])
    with database.read() as connection:
        assert connection.scalars(select(PostbackRow.id)).all() == [1, 3]
    database.close()


def test_a_savepoint_is_left_by_the_error_that_took_the_transaction_with_it(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.writing.connect() as connection:
        with pytest.raises(ZeroDivisionError):
            fail(connection, connection.connection.rollback)  # as SQLite does where the disk is full
        assert not dialect.is_in_transaction(connection)
    database.close()


def test_what_is_read_is_read_in_the_transaction_and_its_errors_are_those_of_every_statement(tmp_path: Path) -> None:
    database = opened(tmp_path)
    ids = select(PostbackRow.id)
    with database.writing.connect() as connection:
        assert rows_of(connection, ids, PostbackRow.query, [b"\x00\xff"]) == []
        assert connection.in_transaction()
        insert_rows(connection, PostbackRow, [postback(4), postback(5, query=b"x")])
        assert rows_of(connection, ids, PostbackRow.query, [b"x", b"y", b"z"]) == [(5,)]
        connection.rollback()
        assert rows_of(connection, ids, PostbackRow.id, [4, 5]) == []
        connection.execute(text("DROP TABLE entry"))
        connection.execute(text("DROP TABLE judgement"))
        connection.execute(text("DROP TABLE postback"))
        with pytest.raises(DBAPIError, match="no such table"):
            rows_of(connection, ids, PostbackRow.id, [4])
    database.close()
