"""The lists, newest first: streamed whole for the commands, page by page for the desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import func, select

from server.api.data import Data
from server.api.listings import CLICKS, CONVERSIONS, POSTBACKS, RELAYS, Filters, Listing, Shown, row_key
from server.storage.specs import version_of_setup
from server.storage.tables import AttemptRow, ClickRow, EntryRow, PostbackRow, RelayRow

__all__ = ["CLICKS", "CONVERSIONS", "POSTBACKS", "RELAYS", "Filters", "Listing", "Marks", "Shown"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Marks:
    """The newest row of each kind: whoever remembers them knows what came since."""

    click: int
    postback: int
    entry: int
    relay: int
    attempt: int
    setup: int


def page(data: Data, listing: Listing, filters: Filters) -> list[Shown]:
    """At most `filters.limit` rows, the newest of those older than `before` and newer than `after`."""
    ground = data.ground()
    query = listing.query(filters, ground)
    if filters.before is not None:
        query = query.where(listing.key < row_key(filters.before, ground))
    if filters.after is not None:
        query = query.where(listing.key > row_key(filters.after, ground))
    with data.database.read() as connection:
        rows = connection.execute(query.order_by(listing.key.desc()).limit(filters.limit or _PAGE)).all()
        return listing.shape(connection, rows, ground)


def stream(listing: Listing, data: Data, filters: Filters) -> Iterator[Shown]:
    """Page by page from the newest down, so that a long list holds neither memory nor the database."""
    left = filters.limit
    before = filters.before
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        rows = page(data, listing, replace(filters, before=before, limit=size))
        yield from rows
        if len(rows) < size:
            return
        before = rows[-1]["id"]
        left = None if left is None else left - len(rows)


clicks = partial(stream, CLICKS)
conversions = partial(stream, CONVERSIONS)
postbacks = partial(stream, POSTBACKS)
relays_list = partial(stream, RELAYS)


def marks(data: Data) -> Marks:
    with data.database.read() as connection:
        tables = (ClickRow, PostbackRow, EntryRow, RelayRow, AttemptRow)
        click, postback, entry, relay, attempt = (
            connection.scalar(select(func.max(table.id))) or 0 for table in tables
        )
        return Marks(click, postback, entry, relay, attempt, version_of_setup(connection))
