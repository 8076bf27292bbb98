"""A text of a few lines, read only, with a part of it marked: plain text whatever it holds."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from app.theme import HAIR, SMALL, Theme, Tone


class MarkedText(QPlainTextEdit):
    def __init__(self, theme: Theme, name: str, tone: Tone, lines: int = 2) -> None:
        super().__init__()
        self._theme = theme
        self._tone = tone
        self._span = (0, 0)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setObjectName("preview")
        self.document().setDocumentMargin(0)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 2 * (SMALL + HAIR))
        theme.changed.connect(self._mark)

    def show_marked(self, text: str, start: int, end: int) -> None:
        self.setPlainText(text)
        self._span = (start, end)
        self._mark()

    def _mark(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._span[0])
        cursor.setPosition(self._span[1], QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setForeground(self._theme.colour(self._tone))
        look.setBackground(QColor(self._theme.colours.accent_soft))
        look.setFontUnderline(True)
        selection = QTextEdit.ExtraSelection()
        selection.cursor, selection.format = cursor, look  # type: ignore[attr-defined, unused-ignore]
        self.setExtraSelections([selection] if self._span[0] < self._span[1] else [])
