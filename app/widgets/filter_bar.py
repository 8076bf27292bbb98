"""The filters of a list, side by side: a text, choices that combine, a span of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.desk import Desk
from app.theme import GAP, WIDE
from app.widgets.countries import countries
from app.widgets.tones import spoken
from server.api.lists import Filters
from server.domain import asking, click_id

_TYPING_MS = 250
_FIND_WIDTH = 140
_SHORTEST = 10  # characters that a box shows at least
_HOUR, _DAY = 3_600_000, 86_400_000  # in the milliseconds of the lists
_SPANS = (
    (QT_TRANSLATE_NOOP("filters", "Any time"), None),
    (QT_TRANSLATE_NOOP("filters", "Last hour"), _HOUR),
    (QT_TRANSLATE_NOOP("filters", "Last 24 hours"), _DAY),
    (QT_TRANSLATE_NOOP("filters", "Last 7 days"), 7 * _DAY),
    (QT_TRANSLATE_NOOP("filters", "Last 30 days"), 30 * _DAY),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with a few answers: the field of Filters that it sets, and how a job finds its answers."""

    field: str
    anything: str
    answers: Callable[[Desk], Sequence[str]]
    say: Callable[[str], str] = spoken  # the owner's own names are shown as they are


def _bots(word: str) -> str:
    translate = QCoreApplication.translate
    return translate("filters", "Bots only") if word == "yes" else translate("filters", "Without bots")


CAMPAIGNS = Choice(
    "campaign", QT_TRANSLATE_NOOP("filters", "All campaigns"), lambda desk: sorted(desk.data.setup().campaigns), str
)
SOURCES = Choice(
    "source", QT_TRANSLATE_NOOP("filters", "All sources"), lambda desk: sorted(desk.data.setup().sources), str
)
NETWORKS = Choice(
    "network", QT_TRANSLATE_NOOP("filters", "All networks"), lambda desk: sorted(desk.data.setup().networks), str
)
COUNTRIES = Choice(
    "country",
    QT_TRANSLATE_NOOP("filters", "All countries"),
    lambda _desk: [code for code, _ in countries()],
    lambda code: dict(countries()).get(code, code),
)
DEVICES = Choice("device", QT_TRANSLATE_NOOP("filters", "All devices"), lambda _desk: asking.DEVICES)
BOTS = Choice("bot", QT_TRANSLATE_NOOP("filters", "Bots too"), lambda _desk: ("no", "yes"), _bots)


class FilterBar(QWidget):
    changed = Signal()

    def __init__(self, desk: Desk, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._desk = desk
        self._choices = choices
        self.text = QLineEdit()
        self.text.setPlaceholderText(self.tr("Find…"))
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(_FIND_WIDTH)
        self.text.setMaximumWidth(2 * _FIND_WIDTH)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.text.textChanged.connect(self._typing.start)
        self.boxes = {choice.field: QComboBox() for choice in choices}
        self.span = QComboBox()
        for choice in choices:
            self.boxes[choice.field].addItem(QCoreApplication.translate("filters", choice.anything), None)
        for words, span in _SPANS:
            self.span.addItem(QCoreApplication.translate("filters", words), span)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.text, 1)
        for box in (*self.boxes.values(), self.span):
            box.setMinimumContentsLength(max(_SHORTEST, len(box.itemText(0))))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.currentIndexChanged.connect(lambda _index: self.changed.emit())
            layout.addWidget(box)
        layout.addStretch(2)
        self.fill()

    def filters(self) -> Filters:
        """As they stand now; a whole click id in the text finds what belongs to that click."""
        found = Filters(**{name: box.currentData() for name, box in self.boxes.items()})
        span = self.span.currentData()
        found = replace(found, since=self._desk.data.clock() - span if span else None)
        text = self.text.text().strip()
        if click_id.decode(text, self._desk.data.database.digest_key) is not None:
            return replace(found, click=text)
        return replace(found, text=text or None)

    def focus_text(self) -> None:
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def fill(self) -> None:
        """The answers as the setup has them now; what was chosen stays chosen."""
        desk, choices = self._desk, self._choices
        work = lambda: {choice.field: choice.answers(desk) for choice in choices}  # noqa: E731
        desk.jobs.run(self, work, self._offer, lambda _words: None)

    def _offer(self, answers: Mapping[str, Sequence[str]]) -> None:
        for choice in self._choices:
            box, found = self.boxes[choice.field], answers[choice.field]
            chosen = box.currentData()
            if [box.itemData(place) for place in range(1, box.count())] == [*found]:
                continue  # also because it may be open
            box.blockSignals(True)
            while box.count() > 1:
                box.removeItem(1)
            for answer in found:
                box.addItem(choice.say(answer), answer)
            box.view().setMinimumWidth(box.view().sizeHintForColumn(0) + WIDE)  # the list may be wider than the box
            _choose(box, choice, chosen)
            box.blockSignals(False)

    def set(self, words: Mapping[str, Any]) -> None:
        """These and no others."""
        self.blockSignals(True)
        self.span.setCurrentIndex(0)
        self.text.setText(str(words.get("text") or words.get("click") or ""))
        for choice in self._choices:
            _choose(self.boxes[choice.field], choice, words.get(choice.field))
        self.blockSignals(False)
        self._typing.stop()
        self.changed.emit()


def _choose(box: QComboBox, choice: Choice, answer: str | None) -> None:
    """An answer that is not among them, or not yet, becomes one."""
    if answer is not None and box.findData(answer) < 0:
        box.addItem(choice.say(answer), answer)
    box.setCurrentIndex(0 if answer is None else box.findData(answer))
