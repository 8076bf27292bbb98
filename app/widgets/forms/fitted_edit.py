"""Plain text that is as high as what it holds, within bounds, and wraps wherever the line ends."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from app.theme import HAIR, SMALL


class FittedEdit(QPlainTextEdit):
    def __init__(self, least: int, most: int, padding: int = SMALL + HAIR) -> None:
        super().__init__()
        self._least, self._most, self._padding = least, most, padding
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        wanted, block = 0.0, self.document().firstBlock()
        while block.isValid() and wanted <= self._most * line:
            wanted += self.blockBoundingRect(block).height()
            block = block.next()
        lines = math.ceil(wanted / line - 0.5)
        height = min(max(lines, self._least), self._most) * line + 2 * self._padding
        if height != self.height():
            self.setFixedHeight(height)
        is_longer = lines > self._most
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_longer else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy is not self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.fit()
