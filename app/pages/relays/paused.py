"""Destinations that are not spoken to: why, how many relays wait for each, and the way to let them go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, PAD, SMALL, Theme, Tone
from app.widgets.empty import plain_label
from server.api.reasons import reason_of
from server.api.relaying import Paused

_ICON = 16
_MOST = 4


class PausedStrip(QFrame):
    def __init__(self, theme: Theme, resume: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._resume = resume
        self._shown: list[Paused] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(PAD, GAP, PAD, GAP)
        self._layout.setSpacing(SMALL)
        theme.changed.connect(self._fill)
        self.hide()

    def show_paused(self, paused: Sequence[Paused]) -> None:
        if list(paused) != self._shown:
            self._shown = list(paused)
            self._fill()
        self.setVisible(bool(paused))

    def _fill(self) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for one in self._shown[:_MOST]:
            self._layout.addWidget(self._line(one))
        if len(self._shown) > _MOST:
            self._layout.addWidget(plain_label(self.tr("and {0} more").format(len(self._shown) - _MOST)))

    def _line(self, paused: Paused) -> QWidget:
        line = QWidget()
        picture = QLabel()
        picture.setPixmap(self._theme.icon("circle-pause", Tone.WAITING).pixmap(_ICON, _ICON))
        name = paused.destination.removeprefix("source:")
        said = self.tr("Relays to {0} are paused. {1} Held: {2}.")
        words = plain_label(said.format(name, reason_of(paused.why).why, paused.held))
        words.setToolTip(reason_of(paused.why).remedy)
        words.setWordWrap(True)
        button = QPushButton(self.tr("Resume {0}").format(name))
        button.clicked.connect(lambda: self._resume(paused.destination))
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(picture)
        layout.addWidget(words, 1)
        layout.addWidget(button)
        return line
