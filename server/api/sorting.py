"""A list in another order than by time: sorted once and whole in the database, then read at any place of it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from threading import Event
from typing import Any

from sqlalchemy import Connection, func, select

from server.api.data import Data
from server.api.listings import Filters, Listing, Shown, row_key
from server.api.orders import Asked
from server.errors import BadInput, nearest

_TOP = 50  # among as many of the newest stands what was written a moment late
_AT_ONCE = 500  # so few objects that Python does not search its memory for garbage, which would hold every thread


@dataclass(frozen=True, slots=True)
class Sorting:
    """By the name of a shown value; rows without one come last, and of equal ones the newest first."""

    column: str
    is_falling: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """The rows of a list in their order as it was when they were sorted; what changes since moves none of them."""

    keys: array[int]
    newest: tuple[int, ...]


def in_order(data: Data, listing: Listing, filters: Filters, sorting: Sorting, cancel: Event | None = None) -> Order:
    """Eight bytes a row are held, so that of a million rows, too, each page stands at its place exactly."""
    query = listing.query(filters, data.ground()).with_only_columns(listing.key, maintain_column_froms=True)
    keys = array("q")
    with data.read(cancel) as connection:
        value = _value(listing, sorting, connection)
        falling_or_not = value.desc() if sorting.is_falling else value.asc()
        query = query.order_by(falling_or_not.nulls_last(), listing.key.desc()).limit(filters.limit)
        for some in connection.execute(query).scalars().partitions(_AT_ONCE):
            keys.extend(some)
    return Order(keys, tuple(nlargest(_TOP, keys)))


def rows_of(
    data: Data, listing: Listing, filters: Filters, ids: Sequence[str | int], cancel: Event | None = None
) -> list[Shown]:
    """In the order of the ids, keys or as they are shown; those that are gone or no longer match are missing."""
    ground = data.ground()
    keys = [row_key(one, ground) for one in ids]
    query = listing.query(filters, ground).where(listing.key.in_(keys))
    with data.read(cancel) as connection:
        found = {row.id: row for row in connection.execute(query)}
        return listing.shape(connection, [found[key] for key in keys if key in found], ground)


def came_since(data: Data, listing: Listing, filters: Filters, order: Order, cancel: Event | None = None) -> int:
    """How many rows the list has that are newer than its order."""
    query = listing.query(filters, data.ground())
    if len(order.newest) == _TOP:
        query = query.where(listing.key > order.newest[-1], listing.key.not_in(order.newest))
    elif order.newest:
        query = query.where(listing.key.not_in(order.newest))
    counted = query.with_only_columns(listing.key, maintain_column_froms=True).subquery()
    with data.read(cancel) as connection:
        return connection.scalar(select(func.count()).select_from(counted)) or 0


def _value(listing: Listing, sorting: Sorting, connection: Connection) -> Any:
    if sorting.column in listing.orders:
        value = listing.orders[sorting.column]
        return value.of(connection) if isinstance(value, Asked) else value
    near = nearest(sorting.column, listing.orders)
    raise BadInput(
        f"The list cannot be sorted by {sorting.column[:40]}.", remedy=f"Did you mean {near}?" if near else ""
    )
