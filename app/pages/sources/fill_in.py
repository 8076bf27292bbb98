"""The words of a catalog's relay that wait for the owner's own: what each is, and where to write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, SMALL
from app.widgets.empty import plain_label
from app.widgets.forms.clearing import clear

PutIn = Callable[[str, str, str], None]  # the word, what stands for it in a URL, and in a body


class FillIn(QFrame):
    def __init__(self, put_in: PutIn) -> None:
        super().__init__()
        self._put_in = put_in
        self._shown: dict[str, str] = {}
        self.lines: dict[str, QLineEdit] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GAP)
        self.hide()

    def show_words(self, words: Mapping[str, str]) -> None:
        if dict(words) == self._shown:
            return
        self._shown = dict(words)
        self.lines = {}
        clear(self._rows)
        for word, meaning in words.items():
            self._rows.addWidget(self._row(word, meaning))
        self.setVisible(bool(words))

    def _row(self, word: str, meaning: str) -> QWidget:
        label = plain_label(self.tr("▲ {0}: {1}").format(word, meaning))
        label.setObjectName("waiting")
        label.setWordWrap(True)
        line = QLineEdit()
        line.setAccessibleName(word)
        line.setPlaceholderText(word)
        button = QPushButton(self.tr("Put in"))
        button.clicked.connect(lambda: self._fill(word, line.text().strip()))
        line.returnPressed.connect(lambda: self._fill(word, line.text().strip()))
        self.lines[word] = line
        beside = QHBoxLayout()
        beside.setSpacing(GAP)
        beside.addWidget(line, 1)
        beside.addWidget(button)
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(label)
        layout.addLayout(beside)
        return row

    def _fill(self, word: str, value: str) -> None:
        """A value that was copied from a URL keeps its encoding."""
        if value:
            self._put_in(word, quote(value, safe="%"), value)
