"""What a campaign does with the made-up visitor: each path with its odds, or what shuts it, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.pages.campaigns.words import fact_word
from app.theme import GAP, PAD, SMALL, WIDE, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.forms.clearing import clear
from app.widgets.plain import breakable
from app.widgets.share_bar import ShareBar
from server.api.explaining import Option, Simulated, SimulatedPath, percent

_BEFORE_ANY_PATH = ("paused", "bot")


class Answer(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.simulated: Simulated | None = None
        self.problem = ""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, PAD, 0)
        self._layout.setSpacing(GAP)

    def show_problem(self, words: str) -> None:
        if words == self.problem:
            return
        self.simulated, self.problem = None, words
        clear(self._layout)
        self._layout.addWidget(_label(f"▲ {words}", "bad"))
        self._layout.addStretch()

    def show_simulated(self, simulated: Simulated) -> None:
        if simulated == self.simulated:
            return
        self.simulated, self.problem = simulated, ""
        clear(self._layout)
        self._layout.addWidget(_label(self._known(simulated), "muted"))
        if simulated.why:
            self._layout.addWidget(_label(" ".join((simulated.why, simulated.url or "")), "waiting"))
        for path in simulated.paths:
            self._layout.addWidget(_PathAnswer(self._theme, path, self._state(path, simulated.reason)))
        for note in simulated.notes:
            self._layout.addWidget(_label(note, "muted"))
        self._layout.addStretch()

    def _state(self, path: SimulatedPath, ended: str) -> str:
        """Its odds, or why there are none, in two words."""
        if path.odds:
            return percent(path.odds)
        if ended in _BEFORE_ANY_PATH:
            return self.tr("not asked")
        return self.tr("passed over") if path.is_open else self.tr("shut")

    def _known(self, simulated: Simulated) -> str:
        told = [f"{fact_word(fact)} {value}" for fact, value in simulated.facts.items() if value]
        return self.tr("Known of the visitor: {0}").format("; ".join(told))


class _PathAnswer(QFrame):
    def __init__(self, theme: Theme, path: SimulatedPath, state: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(PAD, GAP, PAD, GAP)
        self._inside.setSpacing(SMALL)
        name = _label(" · ".join(filter(None, (str(path.number), path.name))), "")
        name.setFont(sized(name.font(), 0, is_bold=True))
        is_taken = bool(path.odds)
        self._line(name, state, is_strong=is_taken)
        if is_taken:
            self._bar(float(path.odds))
        for words in (path.why, *path.shut_by):
            if words:
                self._inside.addWidget(_label(f"{words[:1].upper()}{words[1:]}", "muted"))
        if is_taken:
            self._options(self.tr("Landing pages"), path.landings)
            self._options(self.tr("Offers"), path.offers)

    def _options(self, heading: str, options: Sequence[Option]) -> None:
        if not options:
            return
        title = plain_label(heading)
        title.setFont(sized(title.font(), 0, is_bold=True))
        self._inside.addWidget(title)
        for option in options:
            self._option(option)

    def _option(self, option: Option) -> None:
        self._line(_label(option.name or option.key, ""), percent(option.odds))
        self._bar(float(option.odds))
        if option.note:
            self._inside.addWidget(_label(f"{option.note[:1].upper()}{option.note[1:]}", "muted"))

    def _line(self, name: QLabel, odds: str, *, is_strong: bool = False) -> None:
        told = plain_label(odds)
        told.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        if is_strong:
            told.setFont(sized(told.font(), 0, is_bold=True))
        line = QHBoxLayout()
        line.setSpacing(WIDE)
        line.addWidget(name, 1)
        line.addWidget(told, 0, Qt.AlignmentFlag.AlignTop)
        self._inside.addLayout(line)

    def _bar(self, share: float) -> None:
        bar = ShareBar(self._theme, is_fixed=True)
        bar.show_share(share)
        self._inside.addWidget(bar)


def _label(words: str, tone: str) -> QLabel:
    label = plain_label(breakable(words))
    label.setObjectName(tone)
    label.setWordWrap(True)
    return label
