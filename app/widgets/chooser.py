"""A box with many words to choose from: typing a part of one finds it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter


class Chooser(QComboBox):
    def __init__(self, words: Sequence[str], chosen: str = "") -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(12)
        self.addItems(list(words))
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        self.choose(chosen)

    def choose(self, word: str) -> None:
        self.setCurrentIndex(self.findText(word))
        self.setEditText(word)

    def word(self) -> str:
        """What stands there, in the case of the list where it is one of it."""
        typed = self.currentText().strip()
        index = self.findText(typed, Qt.MatchFlag.MatchFixedString)
        return self.itemText(index) if index >= 0 else typed
