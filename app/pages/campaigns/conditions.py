"""The conditions of a path: what is asked of the click, and which answers open it; all of them have to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QLineEdit

from app.pages.campaigns.rows import Row, Rows
from app.theme import Theme
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import CalmBox
from app.widgets.forms.text_fields import words_in
from server.api.editing import CONDITIONS

_FACT_WIDTH = 140
_EXAMPLES = {
    "country": "US, CA",
    "device": "mobile, tablet",
    "os": "Android, iOS",
    "browser": "Chrome",
    "language": "en, de",
    "hour": "8, 9, 10",
    "weekday": "monday, tuesday",
    "bot": "false",
    "returning": "true",
}


class Conditions(Rows):
    def __init__(self, theme: Theme, when: Mapping[str, Sequence[str]]) -> None:
        super().__init__(theme, self.tr("Open when"), self.tr("Add a condition"), self.tr("always"))
        for fact, values in when.items():
            self.append(self._row(fact, list(values)))

    def value(self) -> dict[str, list[str]]:
        """Two rows about one fact are one condition."""
        asked: dict[str, list[str]] = {}
        for row in self.rows:
            if isinstance(row, _Condition):
                asked.setdefault(row.fact.currentText(), []).extend(row.words())
        return asked

    def empty_row(self) -> Row:
        asked = self.value()
        return self._row(next((fact for fact in CONDITIONS if fact not in asked), CONDITIONS[0]), [])

    def _row(self, fact: str, values: list[str]) -> Row:
        row = _Condition(self._theme, self.tr("Remove this condition"), fact, values)
        row.fact.currentIndexChanged.connect(lambda _index: self.changed.emit())
        row.values.textChanged.connect(lambda _text: self.changed.emit())
        return row


class _Condition(Row):
    def __init__(self, theme: Theme, tip: str, fact: str, values: list[str]) -> None:
        super().__init__(theme, tip)
        self._loaded = values
        self._loaded_text = ", ".join(values)
        self.fact = CalmBox()
        self.fact.addItems(list(CONDITIONS))
        self.fact.setCurrentText(fact)
        self.fact.setMinimumWidth(_FACT_WIDTH)
        self.fact.setAccessibleName(self.tr("What is asked"))
        self.fact.currentTextChanged.connect(self._suggest)
        self.values = QLineEdit(self._loaded_text)
        self.values.setAccessibleName(self.tr("Answers that open the path"))
        self._suggest(fact)
        for widget in (self.fact, plain_label(self.tr("is one of"))):
            self.line.addWidget(widget)
        self.line.addWidget(self.values, 1)

    def words(self) -> list[str]:
        """A value that holds a comma stays whole as long as nobody touches it."""
        return self._loaded if self.values.text() == self._loaded_text else words_in(self.values.text())

    def _suggest(self, fact: str) -> None:
        self.values.setPlaceholderText(_EXAMPLES.get(fact, ""))
