"""A field of a form: its label, what one types into, and below it a hint, or what is wrong and how to mend it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.theme import SMALL, sized
from app.widgets.empty import plain_label


class Labelled(QWidget):
    def __init__(self, label: str, editor: QWidget, hint: str = "", indent: int = 0) -> None:
        super().__init__()
        self.editor = editor
        self._hint = hint
        heading = plain_label(label)
        heading.setFont(sized(heading.font(), 0, is_bold=True))
        heading.setBuddy(editor)
        if not editor.accessibleName():
            editor.setAccessibleName(label)
        self._below: QLabel = plain_label(hint)
        self._below.setWordWrap(True)
        self._below.setObjectName("muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(indent, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(heading)
        layout.addWidget(editor)
        layout.addWidget(self._below)
        heading.setVisible(bool(label))
        self._below.setVisible(bool(hint))
        self.setFocusProxy(editor)

    @property
    def problem(self) -> str:
        return self._below.text() if self._below.objectName() == "bad" else ""

    def show_problem(self, words: str) -> bool:
        """True where there is none; the words stand in the hint's place, behind a sign that is no colour."""
        self._below.setObjectName("bad" if words else "muted")
        self._below.setText(f"▲ {words}" if words else self._hint)
        self._below.setVisible(bool(words or self._hint))
        self.editor.setProperty("problem", bool(words))
        for widget in (self._below, self.editor):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        return not words
