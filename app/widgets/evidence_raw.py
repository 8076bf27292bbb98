"""A raw text from outside: shown as it came in a box of its own, copied whole, never read as anything but text."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.theme import HAIR, SMALL, Theme, Tone
from app.widgets.empty import plain_label

_MOST_SHOWN = 8_000  # characters: a text of megabytes is copied whole, and shown by its beginning
_MOST_LINES = 7
_COPIED_MS = 1500


def readable(text: str) -> str:
    """What cannot be seen is made visible, lines stay; nothing turns the reading direction."""
    head = text[:_MOST_SHOWN]
    shown = "".join(c if c in "\n\t" or c.isprintable() else "�" for c in head)
    return (
        f"{shown}\n" + _tr("… {0} more characters; Copy takes them all.").format(len(text) - _MOST_SHOWN)
        if len(text) > len(head)
        else shown
    )


class CopyButton(QToolButton):
    """Copies a text, and says so for a moment."""

    def __init__(self, theme: Theme, text: str, tip: str, words: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._text = text
        if words:
            self.setText(f" {words}")
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self._over = QTimer(self)
        self._over.setSingleShot(True)
        self._over.setInterval(_COPIED_MS)
        self._over.timeout.connect(self._paint)
        self.clicked.connect(self._copy)
        theme.changed.connect(self._paint)
        self._paint()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.setIcon(self._theme.icon("check", Tone.GOOD))
        self._over.start()

    def _paint(self) -> None:
        self.setIcon(self._theme.icon("copy"))


class _RawText(QPlainTextEdit):
    """As high as its text, up to a few lines; then it scrolls."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setObjectName("raw")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.document().setDocumentMargin(SMALL)
        self._shown = readable(text)
        self.setPlainText(self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Counted by hand: the document knows its wrapped lines only after it was painted."""
        bar = self.verticalScrollBar()
        width = self.viewport().width() + (bar.width() if bar.isVisible() else 0) - 2 * SMALL
        columns = max(1, width // self.fontMetrics().horizontalAdvance("m"))
        needed = sum(max(1, -(-len(line) // columns)) for line in self._shown.split("\n"))
        height = min(needed, _MOST_LINES) * self.fontMetrics().lineSpacing() + 2 * SMALL + 2 * (SMALL + HAIR)
        if height != self.height():
            self.setFixedHeight(height)


class RawBox(QWidget):
    def __init__(self, theme: Theme, title: str, text: str, curl: str = "") -> None:
        super().__init__()
        heading = plain_label(title)
        heading.setObjectName("muted")
        head = QHBoxLayout()
        head.setSpacing(SMALL)
        head.addWidget(heading)
        head.addStretch()
        if curl:
            head.addWidget(CopyButton(theme, curl, self.tr("Copy as curl"), "curl"))
        head.addWidget(CopyButton(theme, text, self.tr("Copy: {0}").format(title)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(HAIR)
        layout.addLayout(head)
        layout.addWidget(_RawText(text, title))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)
