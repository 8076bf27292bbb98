"""One hop of the test as a card: what was sent, what came back, how long it took, and what to mend."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, PAD, SMALL, Theme, Tone, sized
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.rows import cut
from server.api.testing import Hop

_ICON = 20
_LABEL_WIDTH = 56


class HopCard(QFrame):
    mend_asked = Signal(str, str)  # what to open, and its key

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme = theme
        self._icon, self._tone = "circle-dot", Tone.MUTED
        self._picture = QLabel()
        self._picture.setFixedSize(_ICON, _ICON)
        self._title = plain_label(title)
        self._title.setFont(sized(self._title.font(), 0, is_bold=True))
        self._time = plain_label()
        self._time.setObjectName("muted")
        self._says = _words()
        self._remedy = _words()
        self._sent = CopyField(theme, name=self.tr("Sent"))
        self._came = CopyField(theme, name=self.tr("Answer"))
        self._mend = QPushButton(self.tr("Mend it"))
        self._mend.setProperty("primary", True)
        self._mend.clicked.connect(self._ask_to_mend)
        self._hop: Hop | None = None
        self._details = self._grid()
        self._lay_out()
        theme.changed.connect(self._paint)
        self.wait()

    def wait(self) -> None:
        self._show("circle-dot", Tone.MUTED, self.tr("Waiting"))

    def run(self) -> None:
        self._show("clock", Tone.WAITING, self.tr("Under way…"))

    def skip(self, words: str) -> None:
        if self._hop is None:
            self._show("circle-dot", Tone.MUTED, words or self.tr("Not reached"))

    def show_hop(self, hop: Hop) -> None:
        good = hop.is_good
        self._show("circle-check" if good else "circle-x", Tone.GOOD if good else Tone.BAD, hop.says)
        self._hop = hop
        self._time.setText(self.tr("{0} ms").format(hop.milliseconds) if hop.milliseconds else "")
        self._sent.set_text(cut(hop.sent))
        self._came.set_text(cut(hop.answer))
        self._details.setVisible(bool(hop.sent))
        self._remedy.setText(hop.remedy)
        self._remedy.setVisible(bool(hop.remedy))
        self._mend.setVisible(bool(hop.thing))

    def _show(self, icon: str, tone: Tone, says: str) -> None:
        self._hop = None
        self._icon, self._tone = icon, tone
        self._says.setObjectName(tone.value)
        self._says.style().polish(self._says)
        self._says.setText(says)
        self._time.clear()
        for widget in (self._details, self._remedy, self._mend):
            widget.hide()
        self._paint()

    def _grid(self) -> QWidget:
        details = QWidget()
        grid = QGridLayout(details)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SMALL)
        for row, (word, value) in enumerate(((self.tr("Sent"), self._sent), (self.tr("Answer"), self._came))):
            label = plain_label(word)
            label.setObjectName("muted")
            label.setFixedWidth(_LABEL_WIDTH)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(1, 1)
        return details

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._time)
        words = QVBoxLayout()
        words.setSpacing(SMALL)
        words.addLayout(head)
        for widget in (self._says, self._remedy, self._details):
            words.addWidget(widget)
        words.addWidget(self._mend, alignment=Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(PAD)
        layout.addWidget(self._picture, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def _ask_to_mend(self) -> None:
        if self._hop is not None:
            self.mend_asked.emit(self._hop.thing, self._hop.key)

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon, self._tone).pixmap(_ICON, _ICON))


def _words() -> QLabel:
    label = plain_label()
    label.setWordWrap(True)
    return label
