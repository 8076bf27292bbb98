"""A visitor who is only thought of: what one says of him, or the address and agent that tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.pages.campaigns.rows import Row, Rows
from app.pages.campaigns.values_line import ValuesLine
from app.pages.campaigns.words import example, fact_word, offered
from app.theme import GAP, PAD, Theme
from app.widgets.forms.choice_fields import CalmBox
from app.widgets.labelled import Labelled
from server.api.editing import CONDITIONS
from server.api.explaining import MadeUp
from server.domain.asking import DEVICES, WEEKDAYS
from server.domain.conditions import HOURS

_WRITTEN = ("country", "os", "browser", "language", "referrer")
_CHOSEN = ("device", "hour", "weekday", "bot", "returning")
_FIRST = ("country", "device", "os", "browser", "language", "referrer", "hour", "weekday", "bot", "returning")
_FURTHER = tuple(fact for fact in CONDITIONS if fact not in _FIRST)
_AGENT = "Mozilla/5.0 (iPhone …"  # as every browser begins, in any language
_LEAST_LETTERS = 6
_LONGEST = 2000


class VisitorFields(QWidget):
    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.lines = {fact: self._line(fact) for fact in _WRITTEN}
        self.boxes = {fact: self._box(fact) for fact in _CHOSEN}
        self.address, self.agent = QLineEdit(), QLineEdit()
        self.address.setPlaceholderText("81.2.69.142")
        self.agent.setPlaceholderText(_AGENT)
        for line in (self.address, self.agent):
            line.setMaxLength(_LONGEST)
            line.textChanged.connect(lambda _text: self.changed.emit())
        self.further = _FurtherFacts(theme)
        self.further.changed.connect(self.changed)
        self._fields = {fact: Labelled(fact_word(fact), {**self.lines, **self.boxes}[fact]) for fact in _FIRST}
        self._lay_out()

    def made_up(self) -> MadeUp:
        said = {fact: line.text().strip() for fact, line in self.lines.items()}
        said |= {fact: box.currentData() for fact, box in self.boxes.items()}
        said |= self.further.said()
        facts = {fact: said[fact] for fact in CONDITIONS if said.get(fact)}
        return MadeUp(facts, self.address.text().strip(), self.agent.text().strip())

    def clear(self) -> None:
        for line in (*self.lines.values(), self.address, self.agent):
            line.clear()
        for box in self.boxes.values():
            box.setCurrentIndex(0)
        for row in list(self.further.rows):
            row.away.click()
        self.lines["country"].setFocus(Qt.FocusReason.OtherFocusReason)

    def show_misread(self, problems: Mapping[str, str]) -> None:
        for fact, field in self._fields.items():
            if field.problem.removeprefix("▲ ") != problems.get(fact, ""):
                field.show_problem(problems.get(fact, ""))
        self.further.show_misread(problems)

    def _line(self, fact: str) -> QLineEdit:
        line = ValuesLine()
        line.setPlaceholderText(example(fact, "is").partition(",")[0])
        line.offer(offered(fact))
        line.textChanged.connect(lambda _text: self.changed.emit())
        return line

    def _box(self, fact: str) -> QComboBox:
        yes_and_no = [("yes", self.tr("yes")), ("no", self.tr("no"))]
        by_itself, answers = {
            "device": (self.tr("not known"), [(word, word) for word in DEVICES]),
            "hour": (self.tr("now"), [(hour, f"{int(hour):02}:00") for hour in HOURS]),
            "weekday": (self.tr("today"), [(word, word) for word in WEEKDAYS]),
            "bot": (self.tr("not known"), yes_and_no),
            "returning": (self.tr("not known"), yes_and_no),
        }[fact]
        box = CalmBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(_LEAST_LETTERS)
        box.addItem(by_itself, "")
        for value, words in answers:
            box.addItem(words, value)
        box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return box

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(PAD)
        grid.setVerticalSpacing(GAP)
        for place, field in enumerate(self._fields.values()):
            inside = QVBoxLayout()  # at the top: its neighbour may be higher by a problem
            inside.addWidget(field)
            inside.addStretch()
            grid.addLayout(inside, place // 2, place % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        agent_hint = self.tr("Address and agent tell what is not said above.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, PAD, 0)
        layout.setSpacing(GAP)
        layout.addLayout(grid)
        layout.addWidget(self.further)
        layout.addWidget(Labelled(self.tr("Address"), self.address))
        layout.addWidget(Labelled(self.tr("Agent"), self.agent, agent_hint))


class _FurtherFacts(Rows):
    """Sub ids, and what is seldom asked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, (), self.tr("Sub ids and more"), self.tr("Add"), "")

    def said(self) -> dict[str, str]:
        return {row.fact.currentData(): row.value.text().strip() for row in self._facts()}

    def show_misread(self, problems: Mapping[str, str]) -> None:
        for row in self._facts():
            row.show_problem(problems.get(row.fact.currentData(), ""))

    def empty_row(self) -> Row:
        said = self.said()
        first = [*(fact for fact in _FURTHER if fact.startswith("sub")), *_FURTHER]
        row = _FurtherFact(self.theme, next((fact for fact in first if fact not in said), first[0]))
        row.changed.connect(self.changed)
        return row

    def _facts(self) -> Sequence[_FurtherFact]:
        return [row for row in self.rows if isinstance(row, _FurtherFact)]


class _FurtherFact(Row):
    def __init__(self, theme: Theme, fact: str) -> None:
        super().__init__(theme, self.tr("Remove"), ())
        self.fact = CalmBox()
        self.fact.setAccessibleName(self.tr("What is said of the visitor"))
        for name in _FURTHER:
            self.fact.addItem(fact_word(name), name)
        self.fact.setCurrentIndex(self.fact.findData(fact))
        self.value = QLineEdit()
        self.value.setAccessibleName(self.tr("Its value"))
        self.line.addWidget(self.fact)
        self.line.addWidget(self.value, 1)
        self.setFocusProxy(self.value)
        self.fact.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.value.textChanged.connect(lambda _text: self.changed.emit())
