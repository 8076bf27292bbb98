"""Many rows by one statement, past what SQLAlchemy does for each of them: for numbers, text, bytes and documents."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, LargeBinary, Select, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import InstrumentedAttribute

from server.storage.tables import Base


def insert_rows(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Each with a number of its own; those that name the same columns go in one statement.

    What is null is not named, and what is not plain is made so: the driver takes a microsecond to bind a value that
    is nothing, a truth value or bytes, and a twentieth of it for a number or text.
    """
    plainly = _plainly(table)
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        named = {name: value for name, value in row.items() if value is not None}
        for name, plain in plainly:
            if name in named:
                named[name] = plain(named[name])
        alike.setdefault(tuple(named), []).append(tuple(named.values()))
    for names, bound in alike.items():
        connection.exec_driver_sql(_insert(table, names), bound)


def last_numbers(connection: Connection, *tables: type[Base]) -> Sequence[int]:
    """Behind which the next rows are numbered, as long as this transaction is the only one that writes."""
    return [last or 0 for last in connection.execute(_last_numbers(*tables)).one()]


def rows_of(
    connection: Connection, query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any], keys: Sequence[Any]
) -> Sequence[Any]:
    """The rows of the query where the column is one of the keys; the query has no values of its own."""
    if not keys:
        return ()
    if connection.dialect.name != "sqlite":
        return connection.execute(query.where(column.in_(keys))).all()
    room = 1 << (len(keys) - 1).bit_length()  # so that few statements serve all lengths
    filled = (*keys, *(keys[-1] for _ in range(room - len(keys))))
    return connection.exec_driver_sql(_in(query, column, room), filled).all()


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
def _last_numbers(*tables: type[Base]) -> Any:
    columns = (table.__table__.columns["id"] for table in tables)
    return select(*(select(func.max(column)).scalar_subquery() for column in columns))
