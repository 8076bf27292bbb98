"""Many rows by one statement, past what SQLAlchemy does for each of them: for numbers, text, bytes and documents."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import JSON, Boolean, Connection, LargeBinary, Select, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute

from server.storage import dialect
from server.storage.tables import Base

_Error = dialect.driver().Error


def insert_rows(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Each with a number of its own; those that name the same columns go in one statement.

    A column that is null in all of them is not named, and what is not plain is made so: the driver takes a
    microsecond to bind a value that is nothing, a truth value or bytes, and a twentieth of it for a number or text.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for names, some in alike.items():
        values = zip(*[row.values() for row in some], strict=True)
        columns = {name: column for name, column in zip(names, values, strict=True) if column.count(None) < len(some)}
        for name, plain in _plainly(table):
            if name in columns:
                columns[name] = tuple(None if value is None else plain(value) for value in columns[name])
        bound = list(zip(*columns.values(), strict=True))
        _by_driver(connection, "executemany", _insert(table, tuple(columns)), bound)


@contextlib.contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """All of what is written in it or nothing, by SQLite alone."""
    _read(connection, "SAVEPOINT bulk", ())
    try:
        yield
    except BaseException:
        if dialect.is_in_transaction(connection):  # where the disk is full SQLite has undone everything by itself
            _read(connection, "ROLLBACK TO bulk", ())
            _read(connection, "RELEASE bulk", ())
        raise
    _read(connection, "RELEASE bulk", ())


def last_numbers(connection: Connection, *tables: type[Base]) -> Sequence[int]:
    """Behind which the next rows are numbered, as long as this transaction is the only one that writes."""
    (numbers,) = _read(connection, _last_numbers(*tables), ())
    return [last or 0 for last in numbers]


def rows_of(
    connection: Connection, query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any], keys: Sequence[Any]
) -> Sequence[Sequence[Any]]:
    """The rows of the query where the column is one of the keys; the query has no values of its own."""
    if not keys:
        return ()
    if connection.dialect.name != "sqlite":
        return connection.execute(query.where(column.in_(keys))).all()
    plain = [bytearray(key) for key in keys] if isinstance(keys[0], bytes) else keys
    room = 1 << (len(plain) - 1).bit_length()  # so that few statements serve all lengths
    filled = (*plain, *(plain[-1] for _ in range(room - len(plain))))
    return _read(connection, _in(query, column, room), filled)


def _read(connection: Connection, statement: str, bound: Sequence[Any]) -> Sequence[Sequence[Any]]:
    return _by_driver(connection, "execute", statement, bound)


def _by_driver(connection: Connection, how: str, statement: str, bound: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows as the driver gives them, by SQLite alone; its errors as everybody knows them."""
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy does with the first statement that it sees
    cursor = connection.connection.cursor()
    try:
        getattr(cursor, how)(statement, bound)
        return cast(Sequence[Sequence[Any]], cursor.fetchall())
    except _Error as error:
        raise DBAPIError.instance(statement, bound, error, _Error, dialect=connection.dialect) from error
    finally:
        cursor.close()


@functools.lru_cache(maxsize=128)
def _in(query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any], room: int) -> str:
    compiled = query.where(column.in_([bindparam(f"key{number}") for number in range(room)]))
    return str(compiled.compile(dialect=sqlite.dialect()))


@functools.lru_cache(maxsize=1024)
def _insert(table: type[Base], names: tuple[str, ...]) -> str:
    quote = sqlite.dialect().identifier_preparer.quote
    columns, places = ", ".join(map(quote, names)), ", ".join("?" * len(names))
    return f"INSERT INTO {quote(table.__tablename__)} ({columns}) VALUES ({places})"  # noqa: S608 - our own names


@functools.cache
def _plainly(table: type[Base]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The columns that hold what is not plain, and what makes it so."""
    columns = table.__table__.columns
    return tuple((c.key, plain) for c in columns for kind, plain in _PLAIN.items() if isinstance(c.type, kind))


def _document(value: Any) -> str:
    return "[]" if value == [] else json.dumps(value)  # mostly there are no warnings


_PLAIN: Mapping[type, Callable[[Any], Any]] = {JSON: _document, Boolean: int, LargeBinary: bytearray}


@functools.cache
def _last_numbers(*tables: type[Base]) -> str:
    columns = (table.__table__.columns["id"] for table in tables)
    query = select(*(select(func.max(column)).scalar_subquery() for column in columns))
    return str(query.compile(dialect=sqlite.dialect()))
