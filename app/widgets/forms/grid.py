"""A small table to write into: cells show what the template says where nothing is written, rows appear as needed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from app.theme import GAP, HAIR, ROW_HEIGHT
from app.widgets.rows import cut

_SUGGESTED = Qt.ItemDataRole.UserRole
_HEADER = ROW_HEIGHT


class _Cells(QStyledItemDelegate):
    """Paints the suggestion of an empty cell as a placeholder."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        suggested = index.data(_SUGGESTED)
        if suggested and not index.data():
            colour = option.palette.color(QPalette.ColorRole.PlaceholderText)
            rectangle = option.rect.adjusted(GAP, 0, -GAP, 0)
            painter.save()
            painter.setPen(colour)
            text = option.fontMetrics.elidedText(cut(suggested), Qt.TextElideMode.ElideRight, rectangle.width())
            painter.drawText(rectangle, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            painter.restore()


class Grid(QTableWidget):
    """`always` rows are shown; of the others those with something in them, and the one after the last."""

    edited = Signal()

    def __init__(self, columns: Sequence[str], rows: int, always: int) -> None:
        super().__init__(rows, len(columns))
        self._always = always
        self.setHorizontalHeaderLabels(list(columns))
        self.setItemDelegate(_Cells(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setFixedHeight(_HEADER)
        for row in range(rows):
            for column in range(len(columns)):
                self.setItem(row, column, QTableWidgetItem(""))
        self.cellChanged.connect(lambda _row, _column: self._on_edit())
        self._reveal()

    def text_at(self, row: int, column: int) -> str:
        return self._cell(row, column).text().strip()

    def suggestion_at(self, row: int, column: int) -> str:
        return str(self._cell(row, column).data(_SUGGESTED) or "")

    def fill(self, texts: Sequence[Sequence[str]]) -> None:
        self.blockSignals(True)
        while self.rowCount() < len(texts):
            self._add_row()
        for row in range(self.rowCount()):
            for column in range(self.columnCount()):
                self._cell(row, column).setText(texts[row][column] if row < len(texts) else "")
        self.blockSignals(False)
        self._reveal()

    def suggest(self, row: int, column: int, text: str) -> None:
        self.blockSignals(True)
        self._cell(row, column).setData(_SUGGESTED, text)
        self.blockSignals(False)

    def texts(self) -> list[tuple[str, ...]]:
        return [
            tuple(self.text_at(row, column) for column in range(self.columnCount())) for row in range(self.rowCount())
        ]

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing scrolls in here: the form does."""
        event.ignore()

    def grow(self) -> None:
        """A free row at the end, for tables whose rows are the owner's."""
        self._add_row()
        self._reveal()

    def reveal(self) -> None:
        self._reveal()

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        return self.item(row, column) or QTableWidgetItem()

    def _on_edit(self) -> None:
        self._reveal()
        self.edited.emit()

    def _add_row(self) -> None:
        row = self.rowCount()
        self.insertRow(row)
        for column in range(self.columnCount()):
            self.setItem(row, column, QTableWidgetItem(""))

    def _reveal(self) -> None:
        used = [
            row
            for row in range(self.rowCount())
            if any(self.text_at(row, c) or self.suggestion_at(row, c) for c in range(self.columnCount()))
        ]
        shown = min(self.rowCount(), max(self._always, (used[-1] + 2) if used else 1))
        for row in range(self.rowCount()):
            self.setRowHidden(row, row >= shown)
        self.setFixedHeight(_HEADER + shown * ROW_HEIGHT + 2 * HAIR)
