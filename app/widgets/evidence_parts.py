"""What the evidence of a click is made of on screen: one card for each thing that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.theme import GAP, ICON_OF_TONE, PAD, SMALL, WIDE, Theme, Tone, sized
from app.widgets.empty import plain_label
from app.widgets.evidence_raw import RawBox
from app.widgets.forms.fitted_edit import FittedEdit
from app.widgets.plain import cut, plain_tip

_ICON, _STAGE = 16, 20
_LABEL_WIDTH = 96
_LONG = 24  # characters: such a fact has a line of its own
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and what it means."""

    words: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Raw:
    """A text from outside, and the line for the shell that would send it again."""

    title: str
    text: str
    curl: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that happened within a card, with its raw texts: one attempt of a relay."""

    line: Line
    raws: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that happened; equal cards look the same, so only changed ones are built anew."""

    key: str
    icon: str
    title: str
    state: Line
    time: str = ""
    exact: str = ""
    lines: tuple[Line, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    history: tuple[Line, ...] = ()
    raws: tuple[Raw, ...] = ()
    parts: tuple[Part, ...] = ()


class CardView(QWidget):
    """A card on the rail that leads from the click down to the last attempt."""

    def __init__(self, theme: Theme, card: Card) -> None:
        super().__init__()
        self.card = card
        self._theme = theme
        self._pictures: list[tuple[QLabel, str, Tone, int]] = []
        frame = QFrame()
        frame.setObjectName("card")
        self._inner = QVBoxLayout(frame)
        self._inner.setContentsMargins(PAD, GAP, PAD, PAD)
        self._inner.setSpacing(GAP)
        self._inner.addLayout(self._head())
        self._fill()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(self._rail())
        beside = QVBoxLayout()
        beside.setContentsMargins(0, 0, 0, PAD)
        beside.addWidget(frame)
        layout.addLayout(beside, 1)
        theme.changed.connect(self._paint)
        self._paint()

    def _fill(self) -> None:
        card = self.card
        for line in card.lines:
            self._inner.addWidget(_sentence(line))
        if card.facts:
            self._inner.addLayout(_facts(card.facts))
        if card.history:
            self._inner.addLayout(self._history(card.history))
        for raw in card.raws:
            self._inner.addWidget(RawBox(self._theme, raw.title, raw.text, raw.curl))
        for number, part in enumerate(card.parts, start=1):
            self._inner.addWidget(_PartView(self._theme, part, is_open=number == len(card.parts)))

    def _head(self) -> QHBoxLayout:
        title = plain_label(self.card.title)
        title.setFont(sized(title.font(), 0, is_bold=True))
        time = plain_label(self.card.time)
        time.setObjectName("muted")
        time.setToolTip(plain_tip(self.card.exact) if self.card.exact else "")
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(title)
        if self.card.state.words:
            head.addSpacing(GAP)
            head.addWidget(self._picture(ICON_OF_TONE.get(self.card.state.tone, "circle-dot"), self.card.state.tone))
            head.addWidget(_sentence(self.card.state, wraps=False))
        head.addStretch()
        head.addWidget(time)
        return head

    def _history(self, lines: Sequence[Line]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(SMALL)
        for row, line in enumerate(lines):
            picture = self._picture(ICON_OF_TONE.get(line.tone, "circle-dot"), line.tone)
            grid.addWidget(picture, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_sentence(Line(line.words)), row, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _rail(self) -> QVBoxLayout:
        line = QFrame()
        line.setObjectName("rail")
        line.setFixedWidth(1)
        rail = QVBoxLayout()
        rail.setContentsMargins(0, GAP, 0, 0)
        rail.setSpacing(SMALL)
        tone = self.card.state.tone if self.card.state.tone is not Tone.PLAIN else Tone.MUTED
        rail.addWidget(self._picture(self.card.icon, tone, _STAGE), alignment=Qt.AlignmentFlag.AlignHCenter)
        rail.addWidget(line, 1, Qt.AlignmentFlag.AlignHCenter)
        return rail

    def _picture(self, icon: str, tone: Tone, size: int = _ICON) -> QLabel:
        picture = QLabel()
        picture.setFixedSize(size, size)
        self._pictures.append((picture, icon, tone, size))
        return picture

    def _paint(self) -> None:
        for picture, icon, tone, size in self._pictures:
            picture.setPixmap(self._theme.icon(icon, tone).pixmap(size, size))


class _PartView(QWidget):
    """Folded but for the last one; its raw texts are made when it is opened."""

    def __init__(self, theme: Theme, part: Part, *, is_open: bool) -> None:
        super().__init__()
        self._theme = theme
        self._part = part
        self._fold = QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setCheckable(True)
        self._fold.setAccessibleName(part.line.words)
        self._fold.setToolTip(self.tr("Show what was sent and answered"))
        self._fold.setVisible(bool(part.raws))
        self._fold.toggled.connect(self._turn)
        head = QHBoxLayout()
        head.setSpacing(SMALL)
        head.addWidget(self._fold, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(_sentence(part.line), 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SMALL)
        self._layout.addLayout(head)
        self._texts: QWidget | None = None
        theme.changed.connect(self._paint)
        self._fold.setChecked(is_open)
        self._paint()

    def _turn(self, is_open: bool) -> None:
        if self._texts is None and is_open:
            self._texts = QWidget()
            inner = QVBoxLayout(self._texts)
            inner.setContentsMargins(WIDE + SMALL, 0, 0, 0)
            inner.setSpacing(SMALL)
            for raw in self._part.raws:
                inner.addWidget(RawBox(self._theme, raw.title, raw.text, raw.curl))
            self._layout.addWidget(self._texts)
        if self._texts is not None:
            self._texts.setVisible(is_open)
        self._paint()

    def _paint(self) -> None:
        name = "chevron-down" if self._fold.isChecked() else "chevron-right"
        self._fold.setIcon(self._theme.icon(name, self._part.line.tone))


def _sentence(line: Line, *, wraps: bool = True) -> QLabel:
    label = plain_label(line.words)
    label.setObjectName(line.tone.value)
    label.setWordWrap(wraps)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _facts(facts: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(GAP)
    grid.setVerticalSpacing(SMALL)
    place = 0
    for name, value in facts:
        is_long = len(value) > _LONG
        place += place % 2 if is_long else 0
        row, column = divmod(place, 2)
        label = plain_label(name)
        label.setObjectName("muted")
        label.setFixedWidth(_LABEL_WIDTH)
        side = Qt.AlignmentFlag.AlignTop if is_long else Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(label, row, 2 * column, side)
        grid.addWidget(
            _long_fact(name, value) if is_long else _fact(name, value), row, 2 * column + 1, 1, 3 if is_long else 1
        )
        place += 2 if is_long else 1
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    return grid


def _long_fact(name: str, value: str) -> FittedEdit:
    """As many lines as it takes, up to a few."""
    field = FittedEdit(1, _MOST_LINES, 0)
    field.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    field.setObjectName("fact")
    field.setReadOnly(True)
    field.setPlainText(cut(value))
    field.setAccessibleName(name)
    return field


def _fact(name: str, value: str) -> QLineEdit:
    """One line whatever it holds, to be selected and copied."""
    field = QLineEdit(cut(value))
    field.setObjectName("fact")
    field.setReadOnly(True)
    field.setCursorPosition(0)
    field.setAccessibleName(name)
    field.setToolTip(plain_tip(value))
    return field
