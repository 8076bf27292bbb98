"""Fields for a line of text, a number, and a list of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.widgets.forms.field import LEFT_OUT, NONE_SIGN, Field, Trail

_LONGEST = 4096


class TextField(Field):
    """`default` is what applies where neither the thing nor its template says anything."""

    def __init__(
        self, label: str, trail: Trail, hint: str = "", *, default: str = "", words: Sequence[str] = ()
    ) -> None:
        self.line = QLineEdit()
        self.line.setMaxLength(_LONGEST)
        self._default = default
        super().__init__(label, self.line, trail, hint)
        if words:
            completer = QCompleter(list(words), self.line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.line.setCompleter(completer)
        self.line.textChanged.connect(lambda _text: self.changed.emit())

    @property
    def can_be_taken_away(self) -> bool:
        return self.inherited not in (LEFT_OUT, "", [])

    def show_inherited(self) -> None:
        if not self.can_be_taken_away:
            self.line.setPlaceholderText(self._default)
            self.line.setToolTip("")
            return
        self.line.setPlaceholderText(self.tr("{0}   (template)").format(self.as_text(self.inherited)))
        self.line.setToolTip(self.tr("Empty: as the template says. Write - for none."))

    def show_value(self, value: Any) -> None:
        if value in ("", []) and value is not LEFT_OUT and self.can_be_taken_away:
            self.line.setText(NONE_SIGN)
        else:
            self.line.setText("" if value is LEFT_OUT else self.as_text(value))
        self.line.setCursorPosition(0)

    def shown(self) -> str:
        return self.line.text()

    def written(self) -> Any:
        text = self.line.text().strip()
        if not text:
            return LEFT_OUT
        if text == NONE_SIGN and self.can_be_taken_away:
            return self.nothing()
        return self.as_value(text)

    def as_text(self, value: Any) -> str:
        return str(value)

    def as_value(self, text: str) -> Any:
        return text

    def nothing(self) -> Any:
        """The explicit none of this kind of value."""
        return ""


class NumberField(TextField):
    """A whole number; what is none is handed on as text, and refused with the rules' own words."""

    def as_value(self, text: str) -> Any:
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else text


class ListField(TextField):
    """Words with commas between them."""

    def as_text(self, value: Any) -> str:
        return ", ".join(str(word) for word in value) if isinstance(value, list) else str(value)

    def as_value(self, text: str) -> Any:
        return words_in(text)

    def nothing(self) -> Any:
        return []


def words_in(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
