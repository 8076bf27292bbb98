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
    is_number: bool = False
    is_shown: bool = True
    width: int = 120


def cut(text: str) -> str:
    """One line of harmless length: what comes from outside may be long, broken over lines, or full of marks."""
    head = text[:LONGEST_CELL]
    line = "".join(c if c.isprintable() else "�" for c in head)
    return line + "…" if len(text) > LONGEST_CELL else line


class RowsModel(QAbstractTableModel):
    """Reads in the background; the view asks for more as it is scrolled."""

    filled = Signal()  # the first page is here, or is known to be empty
    failed = Signal(str)

    def __init__(self, desk: Desk, listing: Listing, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.filters = Filters()
        self._desk = desk
        self._listing = listing
        self._rows: list[Shown] = []
        self._is_whole = False
        self._is_reading = False
        self._generation = 0
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
        self._read(replace(self.filters, before=before, limit=PAGE), self._append)

    # -- what pages ask ----------------------------------------------------------------------------------------------

    def row(self, number: int) -> Shown:
        return self._rows[number]

    def narrow(self, filters: Filters) -> None:
        """Reads anew with these filters."""
        self.filters = filters
        self.reload()

    def reload(self) -> None:
        self._generation += 1
        self._is_reading = False
        self._read(replace(self.filters, before=None, limit=PAGE), self._replace)

    def catch_up(self) -> None:
        """What came since the newest row goes on top."""
        if self._is_reading:
            return
        if not self._rows:
            self.reload()
            return
        after = self._rows[0]["id"]
        self._read(replace(self.filters, after=after, limit=MOST_AT_ONCE), self._prepend)

    def _read(self, filters: Filters, receive: Callable[[list[Shown]], None]) -> None:
        self._is_reading = True
        generation = self._generation

        def done(rows: list[Shown]) -> None:
            if generation == self._generation:
                self._is_reading = False
                receive(rows)

        def failed(words: str) -> None:
            if generation == self._generation:
                self._is_reading = False
                self.failed.emit(words)

        self._desk.jobs.run(self, lambda: page(self._desk.data, self._listing, filters), done, failed)

    def _replace(self, rows: list[Shown]) -> None:
        self.beginResetModel()
        self._rows = rows
        self._is_whole = len(rows) < PAGE
        self.endResetModel()
        self.filled.emit()

    def _append(self, rows: list[Shown]) -> None:
        self._is_whole = len(rows) < PAGE
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()

    def _prepend(self, rows: list[Shown]) -> None:
        if len(rows) >= MOST_AT_ONCE:
            self.reload()
        elif rows:
            self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
            self._rows[:0] = rows
            self.endInsertRows()

    def _alignment(self, column: Column) -> int:
        side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))


def plain_tip(text: str) -> str:
    """Qt takes a tip for rich text where it looks like it; escaped inside a paragraph of ours it stays what it is."""
    return f"<p style='white-space: pre-wrap'>{html.escape(text[:LONGEST_CELL])}</p>"
