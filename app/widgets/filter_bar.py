"""The filters of a list, side by side: a text, choices that combine, a span of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.desk import Desk
from app.theme import GAP
from server.api.lists import Filters
from server.domain import click_id

_TYPING_MS = 250
_FIND_WIDTH = 140
_HOUR, _DAY = 3_600_000, 86_400_000  # in the milliseconds of the lists
_SPANS = (
    ("Any time", None),
    ("Last hour", _HOUR),
    ("Last 24 hours", _DAY),
    ("Last 7 days", 7 * _DAY),
    ("Last 30 days", 30 * _DAY),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with a few answers: the field of Filters that it sets, and where its answers come from."""

    field: str
    anything: str
    answers: Callable[[Desk], Sequence[str]]


CAMPAIGNS = Choice("campaign", "All campaigns", lambda desk: sorted(desk.data.current.get().campaigns))
SOURCES = Choice("source", "All sources", lambda desk: sorted(desk.data.current.get().sources))
NETWORKS = Choice("network", "All networks", lambda desk: sorted(desk.data.current.get().networks))


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
        typing = QTimer(self)
        typing.setSingleShot(True)
        typing.setInterval(_TYPING_MS)
        typing.timeout.connect(self.changed)
        self.text.textChanged.connect(typing.start)
        self.boxes = {choice.field: QComboBox() for choice in choices}
        self.span = QComboBox()
        for words, span in _SPANS:
            self.span.addItem(words, span)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.text, 1)
        for box in (*self.boxes.values(), self.span):
            box.setMinimumContentsLength(10)
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
        for choice in self._choices:
            box = self.boxes[choice.field]
            chosen = box.currentData()
            box.blockSignals(True)
            box.clear()
            box.addItem(choice.anything, None)
            for answer in choice.answers(self._desk):
                box.addItem(answer.replace("_", " "), answer)
            box.setCurrentIndex(max(0, box.findData(chosen)))
            box.blockSignals(False)

    def set(self, words: Mapping[str, Any]) -> None:
        """These and no others."""
        self.blockSignals(True)
        for box in (*self.boxes.values(), self.span):
            box.setCurrentIndex(0)
        self.text.setText(str(words.get("text") or words.get("click") or ""))
        for name in words.keys() & self.boxes.keys():
            self.boxes[name].setCurrentIndex(max(0, self.boxes[name].findData(words[name])))
        self.blockSignals(False)
        self.changed.emit()
