"""What a template becomes: read only, with what stands for macros coloured."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import HAIR, Theme, Tone, sized
from app.widgets.empty import plain_label
from app.widgets.forms.fitted_edit import FittedEdit

_MOST_LINES = 10
_LONGEST = 8192

Piece = tuple[str, bool]  # text, and whether it stands for a macro


class Preview(QWidget):
    def __init__(self, theme: Theme, label: str) -> None:
        super().__init__()
        self._theme = theme
        self._pieces: list[Piece] = []
        heading = plain_label(label)
        heading.setObjectName("muted")
        heading.setFont(sized(heading.font(), -1))
        self.text = FittedEdit(1, _MOST_LINES)
        self.text.setReadOnly(True)
        self.text.setObjectName("preview")
        self.text.setAccessibleName(label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(HAIR)
        layout.addWidget(heading)
        layout.addWidget(self.text)
        theme.changed.connect(self._paint)

    def show_pieces(self, pieces: Iterable[Piece]) -> None:
        fresh = list(pieces)
        if fresh != self._pieces:
            self._pieces = fresh
            self._paint()

    def _paint(self) -> None:
        self.text.clear()
        cursor = QTextCursor(self.text.document())
        left = _LONGEST
        for text, is_macro in self._pieces:
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(Tone.ACCENT if is_macro else Tone.PLAIN))
            cursor.insertText(text[:left], look)
            left -= min(left, len(text))
