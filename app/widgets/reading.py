"""How a list is read off the GUI thread: newest first and live, or sorted once and then left in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from server.api.data import Data
from server.api.lists import Filters, Listing, Shown, page
from server.api.sorting import Order, Sorting, came_since, in_order, rows_of

PAGE = 200
MOST_AT_ONCE = 500  # more than these at the top since the last look: read anew
LOOK_BACK = 50  # rows of the top that are looked at again: what was written a moment late stands among them


@dataclass(frozen=True, slots=True)
class Look:
    """Rows that are read again; where nothing bounds them below, what comes behind the last is not theirs."""

    first: int
    last: int
    is_bounded: bool
    above: Shown | None
    below: Shown | None
    ids: Sequence[str | int]

    @property
    def most(self) -> int:
        return self.last - self.first + 1 + MOST_AT_ONCE


def look_at(rows: Sequence[Shown], span: tuple[int, int], *, is_whole: bool) -> Look:
    end = len(rows) - 1
    first, last = min(span[0], end), min(span[1], end)
    return Look(
        first,
        last,
        is_whole or last < end,
        rows[first - 1] if first else None,
        rows[last + 1] if last < end else None,
        [row["id"] for row in rows[first : last + 1]],
    )


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Shown]
    is_last: bool


@dataclass(slots=True)
class NewestFirst:
    """Rows come on top by themselves."""

    data: Data
    listing: Listing
    filters: Filters
    sorting: None = None

    def page(self, _number: int, last: Shown | None, cancel: Event) -> Page:
        before = last["id"] if last else None
        rows = page(self.data, self.listing, replace(self.filters, before=before, limit=PAGE), cancel)
        return Page(rows, len(rows) < PAGE)

    def spans(self, first: int, last: int) -> list[tuple[int, int]]:
        """Which rows are to be looked at again while these are on screen."""
        return [(0, max(last, LOOK_BACK))] if first <= LOOK_BACK else [(first, last), (0, LOOK_BACK)]

    def again(self, look: Look, cancel: Event) -> list[Shown]:
        before = look.above["id"] if look.above else None
        after = look.below["id"] if look.below else None
        filters = replace(self.filters, before=before, after=after, limit=look.most)
        return page(self.data, self.listing, filters, cancel)

    def news(self, _cancel: Event) -> int:
        """How many rows are to be had only by reading anew."""
        return 0


@dataclass(slots=True)
class Sorted:
    """Every row has its place in an order of its own, kept as it was when the first page was read."""

    data: Data
    listing: Listing
    filters: Filters
    sorting: Sorting
    _order: Order | None = field(default=None, init=False)

    def page(self, number: int, _last: Shown | None, cancel: Event) -> Page:
        keys = self._ordered(cancel).keys
        here = keys[number * PAGE : (number + 1) * PAGE]
        rows = rows_of(self.data, self.listing, self.filters, here, cancel)
        return Page(rows, (number + 1) * PAGE >= len(keys))

    def spans(self, first: int, last: int) -> list[tuple[int, int]]:
        return [(first, last)]

    def again(self, look: Look, cancel: Event) -> list[Shown]:
        return rows_of(self.data, self.listing, self.filters, look.ids, cancel)

    def news(self, cancel: Event) -> int:
        return came_since(self.data, self.listing, self.filters, self._ordered(cancel), cancel)

    def _ordered(self, cancel: Event) -> Order:
        """Kept from the first page on, which is the first that is read."""
        if self._order is None:
            self._order = in_order(self.data, self.listing, self.filters, self.sorting, cancel)
        return self._order


Reading = NewestFirst | Sorted


def reading_of(data: Data, listing: Listing, filters: Filters, sorting: Sorting | None) -> Reading:
    if sorting is None:
        return NewestFirst(data, listing, filters)
    return Sorted(data, listing, filters, sorting)
