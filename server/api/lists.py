"""The lists, newest first: streamed whole for the commands, page by page for the desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from sqlalchemy import func, select

from server.api.data import Data
from server.api.listings import CLICKS, CONVERSIONS, POSTBACKS, RELAYS, Filters, Listing, Shown, row_key
from server.api.sorting import Sorting, in_order, rows_of
from server.domain.delivery import SENDING
from server.storage.specs import version_of_setup
from server.storage.tables import (
    AttemptRow,
    ClickRow,
    CorrectionRow,
    DestinationRow,
    EntryRow,
    JudgementRow,
    PostbackRow,
    RelayRow,
    StepRow,
)

__all__ = ["CLICKS", "CONVERSIONS", "POSTBACKS", "RELAYS", "Filters", "Listing", "Marks", "Shown"]

_PAGE = 500
_UNDER_WAY = 500  # attempts may be under way among as many of the newest


@dataclass(frozen=True, slots=True)
class Marks:
    """The newest row of each kind, and what changes of rows: whoever remembers them knows what came since."""

    click: int
    step: int
    postback: int
    judgement: int
    entry: int
    relay: int
    attempt: int
    answer: int  # attempts of late that have their answer
    cost: int  # corrections that were made or undone
    pause: int  # destinations that are not spoken to
    setup: int


def page(data: Data, listing: Listing, filters: Filters, cancel: Event | None = None) -> list[Shown]:
    """At most `filters.limit` rows, the newest of those older than `before` and newer than `after`."""
    ground = data.ground()
    query = listing.query(filters, ground)
    if filters.before is not None:
        query = query.where(listing.key < row_key(filters.before, ground))
    if filters.after is not None:
        query = query.where(listing.key > row_key(filters.after, ground))
    with data.read(cancel) as connection:
        rows = connection.execute(query.order_by(listing.key.desc()).limit(filters.limit or _PAGE)).all()
        return listing.shape(connection, rows, ground)


def stream(
    listing: Listing, data: Data, filters: Filters, sorting: Sorting | None = None, cancel: Event | None = None
) -> Iterator[Shown]:
    """Page by page, from the newest down or as sorted, so that a long list holds neither memory nor the database."""
    pages = _newest_first if sorting is None else partial(_sorted, sorting=sorting)
    for rows in pages(listing, data, filters, cancel=cancel):
        yield from rows


def _newest_first(listing: Listing, data: Data, filters: Filters, cancel: Event | None) -> Iterator[list[Shown]]:
    left = filters.limit
    before = filters.before
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        rows = page(data, listing, replace(filters, before=before, limit=size), cancel)
        yield rows
        if len(rows) < size:
            return
        before = rows[-1]["id"]
        left = None if left is None else left - len(rows)


def _sorted(
    listing: Listing, data: Data, filters: Filters, sorting: Sorting, cancel: Event | None
) -> Iterator[list[Shown]]:
    keys = in_order(data, listing, filters, sorting, cancel).keys
    for place in range(0, len(keys), _PAGE):
        yield rows_of(data, listing, filters, keys[place : place + _PAGE], cancel)


clicks = partial(stream, CLICKS)
conversions = partial(stream, CONVERSIONS)
postbacks = partial(stream, POSTBACKS)
relays_list = partial(stream, RELAYS)


def marks(data: Data) -> Marks:
    with data.database.read() as connection:
        tables = (ClickRow, StepRow, PostbackRow, JudgementRow, EntryRow, RelayRow, AttemptRow)
        click, step, postback, judgement, entry, relay, attempt = (
            connection.scalar(select(func.max(table.id))) or 0 for table in tables
        )
        late = select(func.count()).where(AttemptRow.id > attempt - _UNDER_WAY, AttemptRow.result != SENDING)
        paused = select(func.count()).where(DestinationRow.paused.is_not(None))
        costs = select(func.count() + func.count(CorrectionRow.undone_at)).select_from(CorrectionRow)
        answer, cost, pause = (connection.scalar(query) or 0 for query in (late, costs, paused))
        setup = version_of_setup(connection)
        return Marks(click, step, postback, judgement, entry, relay, attempt, answer, cost, pause, setup)
