"""A list that is read from the database page by page, newest first, and grows at the top as things happen."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.desk import Desk
from app.theme import ICON_OF_TONE, Tone
from server.api.lists import Filters, Listing, Shown, page

PAGE = 200
MOST_AT_ONCE = 500  # more than these at the top since the last look: read anew
LOOK_BACK = 50  # rows of the top that are looked at again: what was written a moment late stands among them
LONGEST_CELL = 512

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what a row shows in it, and how."""

    name: str
    heading: str
    text: Callable[[Shown, Desk], str]
    tip: Callable[[Shown, Desk], str] | None = None
    tone: Callable[[Shown], Tone] | None = None
    export: Callable[[Shown, Desk], str] | None = None  # what a spreadsheet gets, where that is not the text
    is_number: bool = False
    is_shown: bool = True
    width: int = 120


@dataclass(frozen=True, slots=True)
class _Look:
    """Rows that are read again; where nothing bounds them below, what comes behind the last is not theirs."""

    first: int
    last: int
    is_bounded: bool

    @property
    def most(self) -> int:
        return self.last - self.first + 1 + MOST_AT_ONCE


def cut(text: str) -> str:
    """One line of harmless length: what comes from outside may be long, broken over lines, or full of marks."""
    head = text[:LONGEST_CELL]
    line = "".join(c if c.isprintable() else "�" for c in head)
    return line + "…" if len(text) > LONGEST_CELL else line


class RowsModel(QAbstractTableModel):
    """Reads in the background; the view asks for more as it is scrolled, and says which rows are to be looked at."""

    filled = Signal()  # the first page is here, or is known to be empty
    failed = Signal(str)
    reading = Signal(bool)  # all of it is read anew; it is over

    def __init__(self, desk: Desk, listing: Listing, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.filters = Filters()
        self._desk = desk
        self.listing = listing
        self._rows: list[Shown] = []
        self._is_whole = False
        self._is_reading = False
        self._is_looking = False
        self._is_look_owed = False
        self._is_behind = False
        self._generation = 0
        self.seen: Callable[[], tuple[int, int]] = lambda: (0, LOOK_BACK)  # the first and last row on screen
        desk.theme.changed.connect(self._repaint)

    # -- what Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].heading
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(self.columns[section])
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        column, row = self.columns[index.column()], self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cut(column.text(row, self._desk))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip((column.tip or column.text)(row, self._desk))
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
            case Qt.ItemDataRole.ForegroundRole if column.tone:
                return self._desk.theme.colour(column.tone(row))
            case Qt.ItemDataRole.DecorationRole if column.tone:
                icon = ICON_OF_TONE.get(column.tone(row))
                return self._desk.theme.icon(icon, column.tone(row)) if icon else None
        return None

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        return not parent.isValid() and not self._is_whole and not self._is_reading

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        if parent.isValid() or self._is_reading:
            return
        before = self._rows[-1]["id"] if self._rows else None
        self._is_reading = True
        self._read([replace(self.filters, before=before, limit=PAGE)], lambda pages: self._append(pages[0]))

    # -- what pages ask ----------------------------------------------------------------------------------------------

    def row(self, number: int) -> Shown:
        return self._rows[number]

    def narrow(self, filters: Filters) -> None:
        """Reads anew with these filters."""
        self.filters = filters
        self.reload()

    def reload(self) -> None:
        self._generation += 1
        self._is_reading, self._is_looking, self._is_behind = True, False, False
        self.reading.emit(True)
        self._read([replace(self.filters, before=None, limit=PAGE)], lambda pages: self._replace(pages[0]))

    def look(self) -> None:
        """Takes in what came on top and what changed among the rows on screen; nothing else moves."""
        if self._is_reading or self._is_looking:
            self._is_look_owed = True
            return
        first, last = self.seen()
        if not self._rows or (self._is_behind and first <= 0):
            self.reload()
            return
        spans = [(0, max(last, LOOK_BACK))] if first <= LOOK_BACK else [(first, last), (0, LOOK_BACK)]
        end = len(self._rows) - 1
        looks = [_Look(top, min(bottom, end), self._is_whole or bottom < end) for top, bottom in spans]
        self._is_looking = True
        self._read([self._filters_of(look) for look in looks], lambda pages: self._take_in(looks, pages))

    def _filters_of(self, look: _Look) -> Filters:
        before = self._rows[look.first - 1]["id"] if look.first else None
        after = self._rows[look.last + 1]["id"] if look.last + 1 < len(self._rows) else None
        return replace(self.filters, before=before, after=after, limit=look.most)

    def _read(self, asked: Sequence[Filters], receive: Callable[[list[list[Shown]]], None]) -> None:
        generation = self._generation

        def done(pages: list[list[Shown]]) -> None:
            if generation == self._generation:
                receive(pages)
                self._look_if_owed()

        def failed(words: str) -> None:
            if generation == self._generation:
                self._is_reading = self._is_looking = False
                self.reading.emit(False)
                self.failed.emit(words)

        def work() -> list[list[Shown]]:
            return [page(self._desk.data, self.listing, filters) for filters in asked]

        self._desk.jobs.run(self, work, done, failed)

    def _look_if_owed(self) -> None:
        if self._is_look_owed and not self._is_reading:
            self._is_look_owed = False
            self.look()

    def _replace(self, rows: list[Shown]) -> None:
        self._is_reading = False
        self.beginResetModel()
        self._rows = rows
        self._is_whole = len(rows) < PAGE
        self.endResetModel()
        self.reading.emit(False)
        self.filled.emit()

    def _append(self, rows: list[Shown]) -> None:
        self._is_reading = False
        self._is_whole = len(rows) < PAGE
        self._insert(len(self._rows), rows)

    def _take_in(self, looks: list[_Look], pages: list[list[Shown]]) -> None:
        """From the bottom up, so that the numbers of what is above stay as they were."""
        self._is_looking = False
        for look, rows in zip(looks, pages, strict=True):
            if len(rows) < look.most:
                self._merge(look, rows)
            elif self.seen()[0] > 0:
                self._is_behind = True  # whoever reads further down is not thrown to the top
            else:
                self.reload()
                return
        self.filled.emit()

    def _merge(self, look: _Look, rows: list[Shown]) -> None:
        """Rows that are gone leave, new ones come, changed ones are painted again; the rest is not touched."""
        found = {row["id"] for row in rows}
        kept = {row["id"] for row in self._rows[look.first : look.last + 1]} & found
        for number in range(look.last, look.first - 1, -1):
            if self._rows[number]["id"] not in found:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        place = look.first
        new: list[Shown] = []
        for row in rows:
            if row["id"] not in kept:
                new.append(row)
                continue
            place = self._insert(place, new)
            new = []
            if self._rows[place] != row:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))
            place += 1
        if look.is_bounded:
            self._insert(place, new)

    def _insert(self, place: int, rows: list[Shown]) -> int:
        """The place behind them."""
        if rows:
            self.beginInsertRows(QModelIndex(), place, place + len(rows) - 1)
            self._rows[place:place] = rows
            self.endInsertRows()
        return place + len(rows)

    def _alignment(self, column: Column) -> int:
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))


def plain_tip(text: str) -> str:
    """Qt takes a tip for rich text where it looks like it; escaped inside a paragraph of ours it stays what it is."""
    return f"<p style='white-space: pre-wrap'>{html.escape(text[:LONGEST_CELL])}</p>"
