"""The heads of a list: moved and chosen as before, and clicked to sort where the list can be sorted by them."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from app.widgets.rows import RowsModel
from server.api.sorting import Sorting

_TIME = "time"


class SortHeader(QHeaderView):
    def __init__(self, name: str, rows: RowsModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._setting = f"sorting/{name}"
        self._rows = rows
        self.setMouseTracking(True)
        self.sectionClicked.connect(self.sort_by)

    def sort_by(self, section: int) -> None:
        """Once this way, once the other, then newest first again; by time there are only the two."""
        name, now = self._rows.columns[section].name, self._rows.sorting
        if not self._rows.can_sort(section):
            return
        if name == _TIME:
            self._rows.sort(Sorting(name) if now is None else None)
        elif now is None or now.column != name:
            self._rows.sort(Sorting(name))
        else:
            self._rows.sort(None if now.is_falling else Sorting(name, is_falling=True))

    def save(self) -> None:
        sorting = self._rows.sorting
        QSettings().setValue(self._setting, "" if sorting is None else f"{sorting.column} {sorting.is_falling:d}")

    def restore(self) -> None:
        """Before the rows are read for the first time."""
        column, _, is_falling = str(QSettings().value(self._setting, "")).partition(" ")
        sections = range(len(self._rows.columns))
        if any(self._rows.columns[section].name == column and self._rows.can_sort(section) for section in sections):
            self._rows.sorting = Sorting(column, is_falling == "1")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._follow(event)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.buttons() == Qt.MouseButton.NoButton:
            self._follow(event)
        super().mouseMoveEvent(event)
        if self.testAttribute(Qt.WidgetAttribute.WA_SetCursor) or not self.sectionsClickable():
            self.viewport().unsetCursor()  # Qt's own, which says that a width can be changed, is the header's
        else:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def _follow(self, event: QMouseEvent) -> None:
        """Only what can be sorted by looks and acts as if it could be clicked."""
        section = self.logicalIndexAt(event.position().toPoint())
        self.setSectionsClickable(section >= 0 and self._rows.can_sort(section))
