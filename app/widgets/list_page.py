"""A page that is a list: a title, filters that combine, the rows, and what to say when there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desk import Desk
from app.theme import GAP, ROW_HEIGHT, TITLE, WIDE, sized
from app.widgets.ask_bar import AskBar
from app.widgets.busy import Busy
from app.widgets.column import Column
from app.widgets.csv_file import write_csv
from app.widgets.empty import Empty, plain_label
from app.widgets.filter_bar import Choice, FilterBar
from app.widgets.row_actions import RowActions
from app.widgets.rows import RowsModel
from app.widgets.rows_view import RowsView
from server.api.data import Cancelled
from server.api.lists import Filters, Listing, Shown, stream


@dataclass(frozen=True, slots=True)
class ListOf:
    """What one list page differs in from another; `marks` are the kinds of news that concern it."""

    name: str
    title: str
    listing: Listing
    columns: Sequence[Column]
    choices: Sequence[Choice]
    marks: frozenset[str]


class ListPage(QWidget):
    def __init__(self, desk: Desk, what: ListOf, empty: Empty) -> None:
        super().__init__()
        self.desk = desk
        self._marks = what.marks
        self._has_new = False
        self.model = RowsModel(desk, what.listing, what.columns, self)
        self.view = RowsView(what.name, self.model)
        self.setFocusProxy(self.view)
        self.actions_on_rows = RowActions(desk.theme, self.view)
        self.bar = AskBar(desk.theme)
        self.filters = FilterBar(desk, what.choices)
        self._nothing = Empty(
            desk.theme,
            "filter",
            self.tr("Nothing matches"),
            self.tr("No row fits these filters."),
            self.tr("Clear the filters"),
            self.clear_filters,
        )
        self._stack = QStackedWidget()
        for widget in (self.view, empty, self._nothing):
            self._stack.addWidget(widget)
        self._busy = Busy(self, self.model.stop)
        self._news = QPushButton()
        self._news.setFlat(True)
        self._news.setToolTip(self.tr("The list keeps its order until it is read anew (F5)"))
        self._news.hide()
        self._stopped = plain_label(
            self.tr("Stopped: these are the rows from before, and there may be others. F5 reads anew.")
        )
        self._stopped.setObjectName("waiting")
        self._stopped.hide()
        self._problem = plain_label()
        self._problem.setObjectName("bad")
        self._problem.hide()
        self._lay_out(what.title)
        self._connect()
        self.model.reload()

    # -- what the window asks ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self.filters.fill()
        self._problem.hide()
        if self.filters.span.currentData() or not self._stopped.isHidden():
            self._narrow()  # the span ends now
        else:
            self.model.refresh()

    def find_text(self) -> None:
        self.filters.focus_text()

    def narrow_to(self, words: dict[str, Any]) -> None:
        """Another page, or a count in the sidebar, leads here with filters."""
        self.filters.set(words)

    def save_layout(self) -> None:
        self.view.save_layout()

    def export_csv(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Export as CSV"), "tallyback.csv", "CSV (*.csv)")
        if chosen:
            self.save_csv(Path(chosen))

    def save_csv(self, path: Path) -> None:
        """All that match, also those that were not scrolled to; the columns that are shown, in their order."""
        desk, columns, filters = self.desk, self.view.columns_shown(), self.filters.filters()
        listing, sorting = self.model.listing, self.model.sorting

        def work(cancel: Event) -> int:
            try:
                return write_csv(path, columns, stream(listing, desk.data, filters, sorting, cancel), desk)
            except Cancelled:
                path.unlink(missing_ok=True)  # half a list looks like a whole one
                raise

        desk.say(self.tr("Exporting…"))
        desk.jobs.search(
            self, work, lambda count: desk.say(self.tr("Rows exported: {0}.").format(count)), self._show_problem
        )

    def open_row(self, row: Shown) -> None:
        click = row.get("click") or (row["id"] if isinstance(row["id"], str) else None)
        if click:
            self.desk.show_evidence(click)

    def tool(self, icon: str, tip: str, act: Callable[[], None]) -> QToolButton:
        """A small button in the head of the page."""
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: act())
        self._icons.append((button, icon))
        self._paint_icons()
        self._head.addWidget(button)
        return button

    # -- inside ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.view.opened.connect(self.open_row)
        self.filters.changed.connect(self._narrow)
        self.model.filled.connect(self._show_what_there_is)
        self.model.modelReset.connect(self._show_what_there_is)
        self.model.rowsInserted.connect(self._show_what_there_is)
        self.model.failed.connect(self._show_problem)
        self.model.reading.connect(self._show_reading)
        self.model.stopped.connect(self._stopped.show)
        self.model.news.connect(self._show_news)
        self._news.clicked.connect(self.refresh)
        self.desk.pulse.changed.connect(self._on_change)

    def _lay_out(self, title: str) -> None:
        heading = plain_label(title)
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        self._head = QHBoxLayout()
        self._head.setSpacing(GAP)
        self._head.addWidget(heading)
        self._head.addSpacing(GAP)
        self._head.addWidget(self.actions_on_rows)
        self._head.addStretch()
        self._head.addStrut(ROW_HEIGHT)
        self._head.addWidget(self._news)
        self._head.addWidget(self._busy)
        self._icons: list[tuple[QToolButton, str]] = []
        self.tool("refresh-cw", self.tr("Read anew (F5)"), self.refresh)
        self.tool("download", self.tr("Export as CSV"), self.export_csv)
        self.desk.theme.changed.connect(self._paint_icons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(GAP)
        layout.addLayout(self._head)
        layout.addWidget(self.filters)
        layout.addWidget(self._stopped)
        layout.addWidget(self._problem)
        layout.addWidget(self.bar)
        layout.addWidget(self._stack, 1)

    def clear_filters(self) -> None:
        self.filters.set({})

    def _narrow(self) -> None:
        self._problem.hide()
        self.bar.hide()
        self.model.narrow(self.filters.filters())

    def _on_change(self, moved: set[str]) -> None:
        if not moved & self._marks:
            return
        if not self.isVisible():
            self._has_new = True
        else:
            self._catch_up(moved)

    def _catch_up(self, moved: set[str]) -> None:
        """As `refresh`, but nobody asked: a sorted list stays as it is, and so does one that was stopped."""
        if "setup" in moved:
            self.filters.fill()
            if self.filters.span.currentData() and self.model.sorting is None and self._stopped.isHidden():
                self._narrow()
        self.take_in(moved)

    def take_in(self, _moved: set[str]) -> None:
        """Something new is in the data while the page is on screen."""
        self.model.look()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if self._has_new:
            self._has_new = False
            self._catch_up({"setup"})

    def _show_what_there_is(self) -> None:
        is_narrowed = self.model.filters != Filters()
        if self.model.rowCount():
            self._stack.setCurrentIndex(0)
        else:
            self._stack.setCurrentIndex(2 if is_narrowed else 1)

    def _show_reading(self, is_under_way: bool) -> None:
        if not is_under_way:
            self._busy.end()
            return
        self._stopped.hide()
        if self.model.sorting is not None:
            self._busy.begin(self.tr("Sorting…"))
        else:
            self._busy.begin(self.tr("Searching…") if self.model.filters.text else self.tr("Reading…"))

    def _show_news(self, count: int) -> None:
        self._news.setText(self.tr("{0} new · Read anew").format(self.locale().toString(count)))
        self._news.setVisible(count > 0)

    def _show_problem(self, words: str) -> None:
        self._problem.setText(words)
        self._problem.show()

    def _paint_icons(self) -> None:
        for button, icon in self._icons:
            button.setIcon(self.desk.theme.icon(icon))
