"""The conditions of a path: what is asked of the visitor and which answers let him in; all have to hold, or any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.pages.campaigns.rows import Row, Rows
from app.pages.campaigns.values_line import ValuesLine, text_of, values_in
from app.pages.campaigns.words import Asked, When, asked_in, example, fact_word, offered, operator_word, when_of
from app.theme import Theme
from app.widgets.forms.choice_fields import CalmBox
from app.widgets.forms.field import Field, Trail
from server.api.editing import CONDITIONS
from server.domain.conditions import OPERATORS

_AROUND = 48  # of a box, beside its words


class Conditions(Rows):
    def __init__(self, theme: Theme, when: When, match: str) -> None:
        super().__init__(theme, ("when",), self.tr("Open when"), self.tr("Add a condition"), self.tr("always"))
        self.match = CalmBox()
        self.match.setAccessibleName(self.tr("How many conditions have to hold"))
        self.match.addItem(self.tr("all of these hold"), "all")
        self.match.addItem(self.tr("any of these holds"), "any")
        self.match.setCurrentIndex(self.match.findData(match))
        self.head.insertWidget(1, self.match)
        for asked in asked_in(when):
            self.append(self._row(asked))
        self.match.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.grown.connect(self._show_match)
        self._show_match()

    def parts(self) -> Sequence[Field]:
        return (self, *self.rows)

    def when(self) -> dict[str, Any]:
        return when_of([row.asked() for row in self.rows if isinstance(row, ConditionRow)])

    def empty_row(self) -> Row:
        when = self.when()
        fact = next((fact for fact in CONDITIONS if fact not in when), next(iter(CONDITIONS)))
        return self._row((fact, "is", []))

    def _row(self, asked: Asked) -> Row:
        row = ConditionRow(self.theme, asked)
        row.changed.connect(self.changed)
        return row

    def _show_match(self) -> None:
        """Of a single one there is nothing to say, unless it is said already."""
        self.match.setVisible(len(self.rows) > 1 or (bool(self.rows) and self.match.currentData() == "any"))


class ConditionRow(Row):
    def __init__(self, theme: Theme, asked: Asked) -> None:
        super().__init__(theme, self.tr("Remove this condition"), ("when",))
        fact, operator, self._loaded = asked
        self.fact = CalmBox()
        self.fact.setAccessibleName(self.tr("What is asked"))
        for name in CONDITIONS:
            self.fact.addItem(fact_word(name), name)
        self.fact.setCurrentIndex(self.fact.findData(fact))
        self.operator = CalmBox()
        self.operator.setAccessibleName(self.tr("How it is compared"))
        longest = max(map(operator_word, OPERATORS), key=len)
        self.operator.setMinimumWidth(self.operator.fontMetrics().horizontalAdvance(longest) + _AROUND)
        self.values = ValuesLine()
        self.values.setAccessibleName(self.tr("Answers that let the visitor in, commas between them"))
        self._fill_operators(operator)
        self.values.setText(text_of(self._loaded, operator))
        self.values.setCursorPosition(0)
        self._loaded_text = self.values.text()
        self.line.addWidget(self.fact)
        self.line.addWidget(self.operator)
        self.line.addWidget(self.values, 1)
        self.setFocusProxy(self.values)
        self.fact.currentIndexChanged.connect(lambda _index: self._on_fact())
        self.operator.currentIndexChanged.connect(lambda _index: self._on_operator())
        self.values.textChanged.connect(lambda _text: self.changed.emit())

    def asked(self) -> Asked:
        """What nobody touched stays as it was, letter by letter."""
        operator, text = self.operator.currentData(), self.values.text()
        values = self._loaded if text == self._loaded_text else values_in(text, operator)
        return self.fact.currentData(), operator, list(values)

    def concerns(self, trail: Trail) -> int:
        place = (*self.table, *self.trail, self.fact.currentData())
        if trail[: len(place)] != place:
            return 0
        is_named = trail[len(place) : len(place) + 1] == (self.operator.currentData(),)
        return len(place) + is_named

    def worded(self, _further: Trail, text: str) -> str:
        """The sentence names the value that is wrong."""
        return text

    def show_problem(self, words: str) -> bool:
        self.values.setProperty("problem", bool(words))
        self.values.style().unpolish(self.values)
        self.values.style().polish(self.values)
        return super().show_problem(words)

    def _on_fact(self) -> None:
        self._fill_operators(self.operator.currentData())
        self.changed.emit()

    def _on_operator(self) -> None:
        self._suggest()
        self.changed.emit()

    def _fill_operators(self, chosen: str) -> None:
        self.operator.blockSignals(True)
        self.operator.clear()
        for name in CONDITIONS[self.fact.currentData()]:
            self.operator.addItem(operator_word(name), name)
        self.operator.setCurrentIndex(max(0, self.operator.findData(chosen)))
        self.operator.blockSignals(False)
        self._suggest()

    def _suggest(self) -> None:
        fact, operator = self.fact.currentData(), self.operator.currentData()
        self.values.setPlaceholderText(example(fact, operator))
        self.values.offer(offered(fact) if operator.startswith("is") else ())
