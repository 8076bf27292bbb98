"""What a page says when it has nothing to show: what belongs here, and the first step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, HUGE, PAD, TITLE, Theme, Tone, sized

_ICON = 32
_WIDEST_TEXT = 460


class Empty(QWidget):
    def __init__(
        self, theme: Theme, icon: str, title: str, text: str, step: str = "", take: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        heading = plain_label(title)
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = plain_label(text)
        self.words.setObjectName("muted")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setFixedWidth(_WIDEST_TEXT)
        self.words.setMinimumHeight(self.words.heightForWidth(_WIDEST_TEXT))  # the layout asks for one line only
        layout = QVBoxLayout(self)
        layout.setContentsMargins(HUGE, HUGE, HUGE, HUGE)
        layout.setSpacing(GAP)
        layout.addStretch(2)
        for widget in (self._picture, heading, self.words):
            layout.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        if step and take:
            button = QPushButton(step)
            button.setProperty("primary", True)
            button.clicked.connect(lambda: take())
            layout.addSpacing(PAD)
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        theme.changed.connect(self._paint)
        self._paint()

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon_name, Tone.MUTED).pixmap(_ICON, _ICON))


def plain_label(text: str = "") -> QLabel:
    """A label that takes every text for plain text."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    return label
