"""Rows that are added and removed one by one, beneath each other, within a card."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.theme import GAP, SMALL, Theme
from app.widgets.empty import plain_label
from app.widgets.forms.field import Field, Trail


class Row(Field):
    """What stands side by side in one line, and a cross that removes it; what is wrong stands below."""

    removed = Signal()

    def __init__(self, theme: Theme, tip: str, trail: Trail) -> None:
        self.theme = theme
        inside = QWidget()
        self.line = QHBoxLayout(inside)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(GAP)
        self.away = QToolButton()
        self.away.setToolTip(tip)
        self.away.setAccessibleName(tip)
        self.away.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        super().__init__("", inside, trail)
        self.away.clicked.connect(lambda: self.removed.emit())
        theme.changed.connect(self._paint)
        self._paint()

    def _paint(self) -> None:
        self.away.setIcon(self.theme.icon("x"))


class Rows(Field):
    """`nothing` is what it means that there is none."""

    grown = Signal()  # or shrunk: the Tab key has to find its way anew

    def __init__(self, theme: Theme, trail: Trail, title: str, add: str, nothing: str) -> None:
        self.theme = theme
        self.rows: list[Row] = []
        self.add_button = QToolButton()
        self.add_button.setText(f" {add}")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add_button.clicked.connect(lambda: self._on_add())
        self.nothing = plain_label(nothing)
        self.nothing.setObjectName("muted")
        self.head = QHBoxLayout()
        self.head.setSpacing(GAP)
        for widget in (plain_label(title), self.nothing):
            self.head.addWidget(widget)
        self.head.addStretch()
        self.head.addWidget(self.add_button)
        self._inside = QVBoxLayout()
        self._inside.setSpacing(SMALL)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addLayout(self.head)
        layout.addLayout(self._inside)
        super().__init__("", body, trail)
        theme.changed.connect(self._paint)
        self._paint()

    def empty_row(self) -> Row:
        raise NotImplementedError

    def set_table(self, table: Trail) -> None:
        for field in (self, *self.rows):
            field.table = table

    def append(self, row: Row) -> None:
        row.line.addWidget(row.away)
        row.table = self.table
        row.removed.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._inside.addWidget(row)
        self.nothing.setVisible(False)

    def _on_add(self) -> None:
        row = self.empty_row()
        self.append(row)
        self.grown.emit()
        self.changed.emit()
        row.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove(self, row: Row) -> None:
        self.rows.remove(row)
        self._inside.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.nothing.setVisible(not self.rows)
        self.grown.emit()
        self.changed.emit()
        (self.rows[-1] if self.rows else self.add_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _paint(self) -> None:
        self.add_button.setIcon(self.theme.icon("plus"))
