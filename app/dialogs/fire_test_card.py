"""One hop of the test as a card: what was sent, what came back, how long it took, and what to mend."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, ICON_OF_TONE, PAD, SMALL, Theme, Tone, sized
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.forms.clearing import clear
from app.widgets.plain import cut
from server.api.testing import Colour, Hop, Mend

_ICON = 20
_LABEL_WIDTH = 96
_TONES = {Colour.GREEN: Tone.GOOD, Colour.AMBER: Tone.WAITING, Colour.RED: Tone.BAD}
_ICONS = {Colour.GREEN: "circle-check", Colour.AMBER: "triangle-alert", Colour.RED: "circle-x"}


class HopCard(QFrame):
    mend_asked = Signal(object)  # a Mend

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
        self._details = QWidget()
        self._rows = QGridLayout(self._details)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SMALL)
        self._rows.setColumnStretch(1, 1)
        self.mend_button = QPushButton()
        self.mend_button.setProperty("primary", True)
        self.mend_button.clicked.connect(self._ask_to_mend)
        self._hop: Hop | None = None
        self._lay_out()
        theme.changed.connect(self._paint)
        self.wait()

    @property
    def is_to_mend(self) -> bool:
        return self._hop is not None and bool(self._hop.mend.thing)

    def wait(self) -> None:
        self._show("circle-dot", Tone.MUTED, self.tr("Waiting"))

    def run(self) -> None:
        self._show(ICON_OF_TONE[Tone.WAITING], Tone.MUTED, self.tr("Under way…"))

    def skip(self, words: str) -> None:
        if self._hop is None:
            self._show("circle-dot", Tone.MUTED, words or self.tr("Not reached"))

    def show_hop(self, hop: Hop) -> None:
        self._show(_ICONS[hop.colour], _TONES[hop.colour], cut(hop.says))
        self._hop = hop
        self._time.setText(self._duration(hop.milliseconds))
        self._show_details(hop)
        self._remedy.setText(cut(hop.mend.remedy))
        self._remedy.setVisible(bool(hop.mend.remedy))
        self.mend_button.setText(self._mend_words(hop.mend))
        self.mend_button.setVisible(bool(hop.mend.thing))

    def _show(self, icon: str, tone: Tone, says: str) -> None:
        self._hop = None
        self._icon, self._tone = icon, tone
        self._says.setObjectName(tone.value)
        self._says.style().polish(self._says)
        self._says.setText(says)
        self._time.clear()
        for widget in (self._details, self._remedy, self.mend_button):
            widget.hide()
        self._paint()

    def _show_details(self, hop: Hop) -> None:
        clear(self._rows)
        shown = [(self.tr("Sent"), hop.sent), (self.tr("Answer"), hop.answer)]
        if hop.steps:
            shown = [(f"{step.status or '–'} · {self._duration(step.milliseconds)}", step.url) for step in hop.steps]
        for row, (word, value) in enumerate(shown):
            label = plain_label(word)
            label.setObjectName("muted")
            label.setMinimumWidth(_LABEL_WIDTH)
            self._rows.addWidget(label, row, 0)
            self._rows.addWidget(CopyField(self._theme, cut(value), name=word), row, 1)
        self._details.setVisible(bool(hop.sent))

    def _duration(self, milliseconds: int | None) -> str:
        if milliseconds is None:
            return ""
        return self.tr("{0} ms").format(milliseconds) if milliseconds else self.tr("under 1 ms")

    def _mend_words(self, mend: Mend) -> str:
        named = {
            "campaign": self.tr("Open campaign {0}"),
            "offer": self.tr("Open offer {0}"),
            "network": self.tr("Open network {0}"),
            "source": self.tr("Open source {0}"),
            "relays": self.tr("See the relays to {0}"),
            "domain": self.tr("Open the settings"),
            "server": self.tr("Start the server"),
            "port": self.tr("Open the settings"),
        }
        return named.get(mend.thing, "").format(cut(mend.key))

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
        words.addWidget(self.mend_button, alignment=Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(PAD)
        layout.addWidget(self._picture, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def _ask_to_mend(self) -> None:
        if self._hop is not None:
            self.mend_asked.emit(self._hop.mend)

    def _paint(self) -> None:
        self._picture.setPixmap(self._theme.icon(self._icon, self._tone).pixmap(_ICON, _ICON))


def _words() -> QLabel:
    label = plain_label()
    label.setWordWrap(True)
    return label
