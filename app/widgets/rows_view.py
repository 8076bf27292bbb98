"""The table that shows rows: columns chosen and moved and remembered, cells copied as they are, CSV that is safe."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.theme import ROW_HEIGHT
from app.widgets.rows import RowsModel
from server.api.lists import Shown

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")


class RowsView(QTableView):
    opened = Signal(dict)  # the row that was double clicked, or on which Enter was pressed

    def __init__(self, name: str, model: RowsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._rows = model
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._prepare_header()
        self.doubleClicked.connect(lambda index: self.opened.emit(model.row(index.row())))
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_cells)
        enter = QShortcut(QKeySequence(Qt.Key.Key_Return), self)
        enter.setContext(Qt.ShortcutContext.WidgetShortcut)
        enter.activated.connect(self._open_current)

    def selected(self) -> list[Shown]:
        return [self._rows.row(index.row()) for index in self.selectionModel().selectedRows()]

    def copy_cells(self) -> None:
        """The selected rows, the columns that are shown, as a spreadsheet takes them."""
        numbers = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = ["\t".join(self._cells(number)) for number in numbers]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def save_csv(self, path: Path) -> int:
        """What has been read so far, with headings; text that a spreadsheet would run is made text again."""
        columns = [self._rows.columns[section] for section in self._sections()]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.heading for column in columns])
            for number in range(self._rows.rowCount()):
                writer.writerow([_safe(cell) for cell in self._cells(number)])
        return self._rows.rowCount()

    def save_layout(self) -> None:
        QSettings().setValue(f"columns/{self._name}", self.horizontalHeader().saveState())

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        for section, column in enumerate(self._rows.columns):
            self.setColumnWidth(section, column.width)
            self.setColumnHidden(section, not column.is_shown)
        state = QSettings().value(f"columns/{self._name}")
        if state is not None:
            header.restoreState(state)

    def _choose_columns(self, at: QPoint) -> None:
        menu = QMenu(self)
        for section, column in enumerate(self._rows.columns):
            action = menu.addAction(column.heading)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(section))
            action.toggled.connect(lambda is_on, section=section: self.setColumnHidden(section, not is_on))
        menu.exec(self.horizontalHeader().mapToGlobal(at))

    def _sections(self) -> list[int]:
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [section for section in order if not self.isColumnHidden(section)]

    def _cells(self, number: int) -> list[str]:
        model = self._rows
        return [str(model.index(number, section).data() or "") for section in self._sections()]

    def _open_current(self) -> None:
        if self.currentIndex().isValid():
            self.opened.emit(self._rows.row(self.currentIndex().row()))


def _safe(cell: str) -> str:
    return "'" + cell if cell.lstrip().startswith(_TRIGGERS) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).replace(",", "").isdecimal()
