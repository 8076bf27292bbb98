"""Something long goes on: what it is, that it moves, and the way to end it; what is quick is not shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from app.theme import GAP, HUGE, SMALL
from app.widgets.empty import plain_label

_PATIENCE_MS = 300


class Busy(QWidget):
    def __init__(self, page: QWidget, cancel: Callable[[], None]) -> None:
        super().__init__(page)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.words = plain_label()
        self.words.setObjectName("muted")
        self.button = QPushButton(self.tr("Cancel"))
        self.button.setToolTip(self.tr("Stop, and leave the list as it was (Esc)"))
        self.button.clicked.connect(lambda: cancel())
        moving = QProgressBar()
        moving.setRange(0, 0)
        moving.setTextVisible(False)
        moving.setFixedSize(2 * HUGE, SMALL)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for widget in (self.words, moving, self.button):
            layout.addWidget(widget)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.setEnabled(False)
        self._escape.activated.connect(cancel)
        self._escape.activatedAmbiguously.connect(cancel)  # another bar of the page may know Esc, too
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        self.hide()

    def begin(self, words: str) -> None:
        self.words.setText(words)
        self._escape.setEnabled(True)
        if not self.isVisible():
            self._patience.start()

    def end(self) -> None:
        self._escape.setEnabled(False)
        self._patience.stop()
        self.hide()
