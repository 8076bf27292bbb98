"""The table that shows rows: columns chosen, moved and remembered; it stays where it is while rows come on top."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.theme import ROW_HEIGHT
from app.widgets.column import Column
from app.widgets.rows import RowsModel
from app.widgets.sort_header import SortHeader
from server.api.lists import Shown

_SETTLED_MS = 120  # after which a scroll has come to rest
_AGES_MS = 5000  # how often "2 min ago" is said anew


class RowsView(QTableView):
    opened = Signal(dict)  # the row that was double clicked, or on which Enter was pressed
    chosen = Signal()  # other rows are selected, or the selected ones changed

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
        self._header = SortHeader(name, model, self)
        self.setHorizontalHeader(self._header)
        self._prepare_header()
        self._stay_in_place()
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

    def columns_shown(self) -> list[Column]:
        """In the order on screen."""
        return [self._rows.columns[section] for section in self._sections()]

    def rows_on_screen(self) -> tuple[int, int]:
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(first, 0), last if last >= 0 else max(self._rows.rowCount() - 1, 0)

    def save_layout(self) -> None:
        QSettings().setValue(f"columns/{self._name}", self._header.saveState())
        QSettings().setValue(f"columns/{self._name}/names", self._names())
        self._header.save()

    def _prepare_header(self) -> None:
        header = self._header
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        for section, column in enumerate(self._rows.columns):
            self.setColumnWidth(section, column.width)
            self.setColumnHidden(section, not column.is_shown)
        is_same = QSettings().value(f"columns/{self._name}/names") == self._names()  # others, after an update
        state = QSettings().value(f"columns/{self._name}") if is_same else None
        self._is_by_hand = state is not None and header.restoreState(state)
        header.sectionResized.connect(self._on_resized)
        header.restore()

    def _names(self) -> str:
        return " ".join(column.name for column in self._rows.columns)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._spread()

    def _spread(self) -> None:
        """The room that is left goes to the columns that grow, as long as nobody set a width by hand."""
        shown = {section: self._rows.columns[section] for section in self._sections()}
        shares = sum(column.grows for column in shown.values())
        left = self.viewport().width() - sum(column.width for column in shown.values())
        if self._is_by_hand or not shares:
            return
        for section, column in shown.items():
            self.setColumnWidth(section, column.width + max(0, left) * column.grows // shares)

    def _on_resized(self, _section: int, _before: int, _now: int) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._is_by_hand = True

    def _stay_in_place(self) -> None:
        self._rows.seen = self.rows_on_screen
        self._rows.rowsInserted.connect(self._hold_after_insert)
        self._rows.rowsRemoved.connect(self._hold_after_remove)
        self._rows.dataChanged.connect(lambda *_: self.chosen.emit())
        self._rows.rowsRemoved.connect(lambda *_: self.chosen.emit())
        self._rows.modelReset.connect(self.chosen)
        self._rows.modelReset.connect(self.scrollToTop)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())
        at_rest = QTimer(self)
        at_rest.setSingleShot(True)
        at_rest.setInterval(_SETTLED_MS)
        at_rest.timeout.connect(self._rows.look)
        self.verticalScrollBar().valueChanged.connect(lambda _value: at_rest.start())
        ages = QTimer(self)
        ages.setInterval(_AGES_MS)
        ages.timeout.connect(self.viewport().update)
        ages.start()

    def _hold_after_insert(self, _parent: QModelIndex, first: int, last: int) -> None:
        """What is looked at stays under the eye; only who is at the top sees the new rows push in."""
        top = self.verticalScrollBar().value()
        if top > 0 and first * ROW_HEIGHT <= top:
            self._move_by((last - first + 1) * ROW_HEIGHT)

    def _hold_after_remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        if (last + 1) * ROW_HEIGHT <= self.verticalScrollBar().value():
            self._move_by(-(last - first + 1) * ROW_HEIGHT)

    def _move_by(self, pixels: int) -> None:
        bar = self.verticalScrollBar()
        self.updateGeometries()  # the range first: it does not know of the rows yet
        bar.setValue(bar.value() + pixels)

    def _choose_columns(self, at: QPoint) -> None:
        menu = QMenu(self)
        for section, column in enumerate(self._rows.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(section))
            action.toggled.connect(lambda is_on, section=section: self._show_column(section, is_on))
        menu.exec(self._header.mapToGlobal(at))

    def _show_column(self, section: int, is_on: bool) -> None:
        self.setColumnHidden(section, not is_on)
        self._spread()

    def _sections(self) -> list[int]:
        header = self._header
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [section for section in order if not self.isColumnHidden(section)]

    def _cells(self, number: int) -> list[str]:
        model = self._rows
        return [str(model.index(number, section).data() or "") for section in self._sections()]

    def _open_current(self) -> None:
        if self.currentIndex().isValid():
            self.opened.emit(self._rows.row(self.currentIndex().row()))
