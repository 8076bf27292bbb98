"""A question, or what was done, in a bar on the page itself: nothing is covered, nothing is blocked, Esc is no."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, PAD, SMALL, Theme, Tone
from app.widgets.empty import plain_label

_ICON = 16


class AskBar(QFrame):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._icon, self._tone = "info", Tone.ACCENT
        self._then: Callable[[], None] = lambda: None
        self._extra: QWidget | None = None
        self._picture = QLabel()
        self.words = plain_label()
        self.words.setWordWrap(True)
        self.details = plain_label()
        self.details.setObjectName("muted")
        self.details.setWordWrap(True)
        self.yes = QPushButton()
        self.yes.setAutoDefault(True)
        self.no = QPushButton()
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.hide)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.hide)
        self._lay_out()
        theme.changed.connect(self._paint)
        self.hide()

    def ask(self, yes: str, then: Callable[[], None], extra: QWidget | None = None) -> None:
        """Opens unanswerable; `answerable` says what the answer would do, and lets it be given."""
        self._show("info", Tone.ACCENT, yes, self.tr("Cancel"), then, extra)
        self.yes.setProperty("primary", True)
        self.yes.style().polish(self.yes)
        self.yes.setEnabled(False)
        self.words.setText(self.tr("Looking what this would do…"))
        (extra or self.no).setFocus()

    def answerable(self, words: str, details: str = "", *, is_possible: bool = True) -> None:
        self.words.setText(words)
        self._say_details(details)
        self.yes.setEnabled(is_possible)
        if is_possible and self._extra is None:
            self.yes.setFocus()

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """What was done, until something else is asked."""
        self._show("circle-check", Tone.GOOD, self.tr("Undo"), self.tr("Close"), undo or (lambda: None), None)
        self.yes.setProperty("primary", False)
        self.yes.style().polish(self.yes)
        self.yes.setEnabled(True)
        self.yes.setVisible(undo is not None)
        self.words.setText(words)

    def refuse(self, words: str) -> None:
        self._show("triangle-alert", Tone.BAD, "", self.tr("Close"), lambda: None, None)
        self.yes.hide()
        self.words.setText(words)

    def _show(self, icon: str, tone: Tone, yes: str, no: str, then: Callable[[], None], extra: QWidget | None) -> None:
        if self._extra is not None:
            self._extra.deleteLater()
        self._extra, self._then = extra, then
        if extra is not None:
            self._line.insertWidget(2, extra)
        self._icon, self._tone = icon, tone
        self._paint()
        self.yes.setText(yes)
        self.no.setText(no)
        self.yes.show()
        self._say_details("")
        self.show()

    def _say_details(self, details: str) -> None:
        self.details.setText(details)
        self.details.setVisible(bool(details))

    def _agree(self) -> None:
        then = self._then
        self.hide()
        then()

    def _lay_out(self) -> None:
        said = QVBoxLayout()
        said.setSpacing(SMALL)
        said.addWidget(self.words)
        said.addWidget(self.details)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(PAD, GAP, PAD, GAP)
        self._line.setSpacing(GAP)
        self._line.addWidget(self._picture)
        self._line.addLayout(said, 1)
        self._line.addWidget(self.yes)
        self._line.addWidget(self.no)

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon, self._tone).pixmap(_ICON, _ICON))
