"""What needs a hand: a row each, which leads to where it is mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from app.desk import Desk
from app.theme import ROW_HEIGHT, Tone
from app.widgets.rows import cut, plain_tip
from server.api.today import Attention

Lead = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Need:
    words: str
    more: str
    tone: Tone
    lead: Lead


class NeedsView(QListWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._needs: Sequence[Need] = ()
        self.setAccessibleName(self.tr("What needs a hand"))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(16, 16))
        self.itemActivated.connect(self._go)
        self.itemClicked.connect(self._go)
        desk.theme.changed.connect(self._paint)

    def show_needs(self, needs: Sequence[Need]) -> None:
        self._needs = needs
        self._paint()

    def _paint(self) -> None:
        self.clear()
        for need in self._needs:
            icon = "triangle-alert" if need.tone is Tone.BAD else "clock"
            item = QListWidgetItem(
                self._desk.theme.icon(icon, need.tone),
                f"{cut(need.words)}\n{cut(need.more)}" if need.more else need.words,
            )
            item.setToolTip(plain_tip(need.more or need.words))
            item.setSizeHint(QSize(0, ROW_HEIGHT + (ROW_HEIGHT // 2 if need.more else 0)))
            item.setData(Qt.ItemDataRole.UserRole, need.lead)
            self.addItem(item)

    def _go(self, item: QListWidgetItem) -> None:
        name, words = item.data(Qt.ItemDataRole.UserRole)
        self._desk.go_to(name, dict(words))


def need_of(one: Attention, tr: Callable[[str], str]) -> Need:
    word = one.word.replace("_", " ")
    match one.page:
        case "postbacks":
            more = f"{one.reason} {one.remedy}".strip()
            return Need(
                tr("{0} × postback {1}").format(one.count, word), more, Tone.BAD, ("postbacks", {"outcome": one.word})
            )
        case "relays":
            tone = Tone.BAD if one.word == "dead" else Tone.WAITING
            more = tr("Gave up; look at the last answer.") if one.word == "dead" else tr("Waits for your word.")
            return Need(tr("{0} × relay {1}").format(one.count, word), more, tone, ("relays", {"state": one.word}))
        case "conversions":
            more = (
                tr("Came after the offer's window; accept it or leave it.")
                if one.word == "late"
                else tr("The same transaction id as that of another click.")
            )
            return Need(
                tr("{0} × conversion {1}").format(one.count, word),
                more,
                Tone.WAITING,
                ("conversions", {"state": one.word}),
            )
        case "networks":
            more = tr("Anyone may send postbacks to this address: give it a token.")
            return Need(tr("Network {0} is open").format(one.word), more, Tone.WAITING, ("networks", {"key": one.word}))
        case "sources":
            more = tr("Relays are skipped until {0} is filled in.").format(one.reason)
            return Need(
                tr("Source {0} hears of no conversion").format(one.word), more, Tone.BAD, ("sources", {"key": one.word})
            )
