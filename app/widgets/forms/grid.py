"""A small table to write into: cells show what the template says where nothing is written, rows appear as needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.theme import GAP, HAIR, ROW_HEIGHT
from app.widgets.plain import cut

_SUGGESTED = Qt.ItemDataRole.UserRole
_HEADER = ROW_HEIGHT
_MASK = "•" * 12  # as long for a short secret as for a long one

Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    """Paints the suggestion of an empty cell as a placeholder, and a secret as dots."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        super().initStyleOption(option, index)
        if option.text and self._grid.is_masked(index.row(), index.column()):
            option.text = _MASK

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802 - Qt's name
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit) and self._grid.is_masked(index.row(), index.column()):
            editor.setEchoMode(QLineEdit.EchoMode.Password)
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        self._part(painter, option.rect, option.palette.color(QPalette.ColorRole.Mid), index)
        suggested = index.data(_SUGGESTED)
        if suggested and not index.data():
            colour = option.palette.color(QPalette.ColorRole.PlaceholderText)
            rectangle = option.rect.adjusted(GAP, 0, -GAP, 0)
            painter.save()
            painter.setPen(colour)
            text = option.fontMetrics.elidedText(cut(suggested), Qt.TextElideMode.ElideRight, rectangle.width())
            painter.drawText(rectangle, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            painter.restore()

    def _part(self, painter: QPainter, cell: QRect, colour: QColor, index: Index) -> None:
        """Lines between cells only: the frame is drawn already."""
        painter.save()
        painter.setPen(colour)
        if index.column():
            painter.drawLine(cell.topLeft(), cell.bottomLeft())
        if index.row():
            painter.drawLine(cell.topLeft(), cell.topRight())
        painter.restore()


class Grid(QTableWidget):
    """`always` rows are shown; of the others those with something in them, and the one after the last."""

    edited = Signal()

    def __init__(self, columns: Sequence[str], rows: int, always: int) -> None:
        super().__init__(rows, len(columns))
        self.setObjectName("grid")
        self._always = always
        self._is_masked: Callable[[int, int], bool] = lambda _row, _column: False
        self.setHorizontalHeaderLabels(list(columns))
        self.setItemDelegate(_Cells(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
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

    def hide_where(self, is_masked: Callable[[int, int], bool]) -> None:
        """Shows dots instead of the text of each cell of which this is true."""
        self._is_masked = is_masked
        self.viewport().update()

    def is_masked(self, row: int, column: int) -> bool:
        return self._is_masked(row, column)

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
        self.setFixedHeight(_HEADER + shown * ROW_HEIGHT + HAIR)
