"""A list that is read from the database page by page, and takes in what changes as things happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from typing import Any, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QElapsedTimer,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.desk import Desk
from app.jobs import Job
from app.theme import ICON_OF_TONE
from app.widgets.column import Column
from app.widgets.plain import cut, plain_tip
from app.widgets.reading import LOOK_BACK, Look, Page, Reading, look_at, reading_of
from server.api.lists import Filters, Listing, Shown
from server.api.sorting import Sorting

T = TypeVar("T")
_SLOW_MS = 100
_REST = 4  # a slow look is followed by a rest of so many times its length
_NEWEST_FIRST = Sorting("time", is_falling=True)
_READING, _LOOKING = "reading", "looking"

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """Reads in the background; the view asks for more as it is scrolled, and says which rows are to be looked at."""

    filled = Signal()  # the first page is here, or is known to be empty
    failed = Signal(str)
    stopped = Signal()  # what was asked for last was given up; the rows are those from before it
    reading = Signal(bool)  # a page is read; it is over
    news = Signal(int)  # so many rows are to be had only by reading anew

    def __init__(self, desk: Desk, listing: Listing, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.listing = listing
        self.filters = Filters()
        self.sorting: Sorting | None = None  # newest first
        self.seen: Callable[[], tuple[int, int]] = lambda: (0, LOOK_BACK)  # the first and last row on screen
        self._desk = desk
        self._rows: list[Shown] = []
        self._reading: Reading | None = None  # what the rows come from; another may have been asked for
        self._pages = 0
        self._is_whole = False
        self._is_look_owed = False
        self._is_behind = False
        self._is_stopped = False
        self._under_way: dict[str, Job] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._look_if_owed)
        self.destroyed.connect(partial(_cancel_all, self._under_way))
        desk.theme.changed.connect(self._repaint)

    # -- what Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._title(section)
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
        return not parent.isValid() and not (self._is_whole or self._is_stopped or _READING in self._under_way)

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 - Qt's name
        reading, number = self._reading, self._pages
        if reading is None or not self.canFetchMore(parent):
            return
        last = self._rows[-1] if self._rows else None
        self.reading.emit(True)
        self._run(_READING, lambda cancel: reading.page(number, last, cancel), self._append)

    # -- what pages ask ----------------------------------------------------------------------------------------------

    def row(self, number: int) -> Shown:
        return self._rows[number]

    def narrow(self, filters: Filters) -> None:
        """Reads anew with these filters."""
        self.filters = filters
        self.reload()

    def sort(self, sorting: Sorting | None) -> None:
        """Reads anew in this order; without one, newest first."""
        self.sorting = sorting
        self._show_order()
        self.reload()

    def can_sort(self, section: int) -> bool:
        return self.columns[section].name in self.listing.orders

    def reload(self) -> None:
        """Whatever was read or looked at until now is no longer wanted, and ends in the database, too."""
        _cancel_all(self._under_way)
        self._rest.stop()
        self._is_behind = self._is_stopped = False
        self.reading.emit(True)
        reading = reading_of(self._desk.data, self.listing, self.filters, self.sorting)
        self._run(_READING, lambda cancel: reading.page(0, None, cancel), partial(self._replace, reading))

    def refresh(self) -> None:
        """A person asks for what is new: a sorted list is sorted anew, another takes it in."""
        reading = self._reading
        is_live = reading is not None and reading.sorting is None and self.sorting is None and not self._is_stopped
        if is_live and reading.filters == self.filters:
            self.look()
        else:
            self.reload()

    def stop(self) -> None:
        """Nobody wants to wait any longer: the rows, their filters and their order are what they were before."""
        if _READING not in self._under_way:
            return
        _cancel_all(self._under_way)
        self._is_stopped = True
        self.reading.emit(False)
        if self._reading is not None:
            self.filters, self.sorting = self._reading.filters, self._reading.sorting
        elif self.sorting is not None:  # remembered from the last time
            self.sort(None)
            return
        self._show_order()
        self.stopped.emit()

    def look(self) -> None:
        """Takes in what came on top and what changed among the rows on screen; nothing else moves."""
        if self._under_way or self._rest.isActive():
            self._is_look_owed = True
            return
        first, last = self.seen()
        reading = self._reading
        if reading is None or not self._rows or (self._is_behind and first <= 0):
            if not self._is_stopped:
                self.reload()
            return
        looks = [look_at(self._rows, span, is_whole=self._is_whole) for span in reading.spans(first, last)]

        def work(cancel: Event) -> tuple[list[list[Shown]], int]:
            return [reading.again(look, cancel) for look in looks], reading.news(cancel)

        self._run(_LOOKING, work, lambda found: self._take_in(looks, *found))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _run(self, what: str, work: Callable[[Event], T], receive: Callable[[T], None]) -> None:
        took = QElapsedTimer()
        took.start()

        def done(found: T) -> None:
            milliseconds = took.elapsed()
            del self._under_way[what]
            receive(found)
            if milliseconds > _SLOW_MS and (what == _LOOKING or not self._rows):
                self._rest.start(_REST * milliseconds)
            self._look_if_owed()

        def failed(words: str) -> None:
            del self._under_way[what]
            self.reading.emit(_READING in self._under_way)
            self.failed.emit(words)

        self._under_way[what] = self._desk.jobs.search(self, work, done, failed)

    def _look_if_owed(self) -> None:
        if self._is_look_owed and not self._under_way:
            self._is_look_owed = False
            self.look()

    def _replace(self, reading: Reading, page: Page) -> None:
        self.beginResetModel()
        self._reading, self._rows, self._pages, self._is_whole = reading, page.rows, 1, page.is_last
        self.endResetModel()
        self.reading.emit(False)
        self.news.emit(0)
        self.filled.emit()

    def _append(self, page: Page) -> None:
        self._pages += 1
        self._is_whole = page.is_last
        self._insert(len(self._rows), page.rows)
        self.reading.emit(False)
        if not page.rows:
            self.fetchMore(QModelIndex())  # all of that page are gone, and the view asks only after it got some

    def _take_in(self, looks: list[Look], pages: list[list[Shown]], news: int) -> None:
        """From the bottom up, so that the numbers of what is above stay as they were."""
        for look, rows in zip(looks, pages, strict=True):
            if len(rows) < look.most:
                self._merge(look, rows)
            elif self.seen()[0] > 0:
                self._is_behind = True  # whoever reads further down is not thrown to the top
            else:
                self.reload()
                return
        self.news.emit(news)
        self.filled.emit()

    def _merge(self, look: Look, rows: list[Shown]) -> None:
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

    def _title(self, section: int) -> str:
        column, sorting = self.columns[section], self.sorting or _NEWEST_FIRST
        arrow = "▼" if sorting.is_falling else "▲"
        return f"{column.title} {arrow}" if column.name == sorting.column else column.title

    def _alignment(self, column: Column) -> int:
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _show_order(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))


def _cancel_all(jobs: dict[str, Job], *_: object) -> None:
    for job in jobs.values():
        job.cancel()
    jobs.clear()
