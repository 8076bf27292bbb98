"""A whole number with its arrows; the wheel scrolls the form, it does not change a number on the way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox

_MOST = 1_000_000_000  # of the setup file
_WIDTH = 84


class WholeNumber(QSpinBox):
    def __init__(self, value: int, name: str) -> None:
        super().__init__()
        self.setRange(0, _MOST)
        self.setFixedWidth(_WIDTH)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setValue(value)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()
