"""Rows that are added and removed one by one, beneath each other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.theme import GAP, SMALL, Theme
from app.widgets.empty import plain_label


class Row(QWidget):
    """What stands side by side in one line, and a cross that removes it."""

    removed = Signal()

    def __init__(self, theme: Theme, tip: str) -> None:
        super().__init__()
        self._theme = theme
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(GAP)
        self.away = QToolButton()
        self.away.setToolTip(tip)
        self.away.setAccessibleName(tip)
        self.away.clicked.connect(lambda: self.removed.emit())
        theme.changed.connect(self._paint)
        self._paint()

    def _paint(self) -> None:
        self.away.setIcon(self._theme.icon("x"))


class Rows(QWidget):
    """`nothing` is what it means that there is none."""

    changed = Signal()

    def __init__(self, theme: Theme, title: str, add: str, nothing: str) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[Row] = []
        self.add_button = QToolButton()
        self.add_button.setText(f" {add}")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add_button.clicked.connect(lambda: self._on_add())
        self._nothing = plain_label(nothing)
        self._nothing.setObjectName("muted")
        head = QHBoxLayout()
        head.setSpacing(GAP)
        for widget in (plain_label(title), self._nothing):
            head.addWidget(widget)
        head.addStretch()
        head.addWidget(self.add_button)
        self._inside = QVBoxLayout()
        self._inside.setSpacing(SMALL)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addLayout(head)
        layout.addLayout(self._inside)
        theme.changed.connect(self._paint)
        self._paint()

    def empty_row(self) -> Row:
        raise NotImplementedError

    def append(self, row: Row) -> None:
        row.line.addWidget(row.away)
        row.removed.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._inside.addWidget(row)
        self._nothing.setVisible(False)

    def _on_add(self) -> None:
        self.append(self.empty_row())
        self.changed.emit()

    def _remove(self, row: Row) -> None:
        self.rows.remove(row)
        self._inside.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._nothing.setVisible(not self.rows)
        self.changed.emit()

    def _paint(self) -> None:
        self.add_button.setIcon(self._theme.icon("plus"))
