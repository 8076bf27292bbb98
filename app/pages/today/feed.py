"""The live feed: the last things that came in, in a line each; a double click opens the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.desk import Desk
from app.figures import ago, exact, money
from app.theme import ROW_HEIGHT, Tone
from app.widgets.plain import cut, plain_tip
from app.widgets.tones import spoken
from server.api.today import Event

_TIME_WIDTH = 92
_GOOD = frozenset({"approved", "delivered"})
_BAD = frozenset({"dead", "rejected", "refunded", "charged_back", "conflict", "late"})


class FeedView(QTableWidget):
    opened = Signal(str)  # a click id

    def __init__(self, desk: Desk) -> None:
        super().__init__(0, 2)
        self._desk = desk
        self._events: Sequence[Event] = ()
        self.setAccessibleName(self.tr("What came in last"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(0, _TIME_WIDTH)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setTabKeyNavigation(False)
        self.cellActivated.connect(lambda row, _column: self._open(row))
        desk.theme.changed.connect(self._paint)

    def show_events(self, events: Sequence[Event]) -> None:
        self._events = events
        self._paint()

    def words(self) -> list[str]:
        return [self._told(event)[2] for event in self._events]

    def _paint(self) -> None:
        chosen, at = self.currentRow(), self.verticalScrollBar().value()
        self.setRowCount(len(self._events))
        now = self._desk.data.clock()
        for row, event in enumerate(self._events):
            icon, tone, words = self._told(event)
            time = QTableWidgetItem(ago(event.time, now))
            time.setToolTip(plain_tip(exact(event.time, self._desk.zone)))
            time.setForeground(self._desk.theme.colour(Tone.MUTED))
            what = QTableWidgetItem(self._desk.theme.icon(icon, tone), cut(words))
            what.setToolTip(plain_tip(words))
            self.setItem(row, 0, time)
            self.setItem(row, 1, what)
        if 0 <= chosen < len(self._events):
            self.setCurrentCell(chosen, 1)
        self.verticalScrollBar().setValue(at)

    def _told(self, event: Event) -> tuple[str, Tone, str]:
        row = event.row
        match event.kind:
            case "click":
                words = self.tr("Click on {0}, sent to {1}").format(
                    row["campaign"], row["offer"] or row["landing"] or self.tr("nowhere")
                )
                return "mouse-pointer-click", Tone.MUTED if row["destination"] else Tone.BAD, words
            case "clicks":
                return "mouse-pointer-click", Tone.MUTED, self.tr("{0} clicks in the last minute").format(event.count)
            case "conversion":
                status = spoken(row["kept"] or row["status"])
                amount = money(row["net"] if row["status"] == "approved" else row["payout"], row["currency"])
                words = self.tr("Conversion {0}, {1}, {2}").format(status, amount, row["campaign"])
                return "badge-dollar-sign", _tone(row["kept"] or row["status"]), words
            case "postback":
                words = self.tr("Postback {0}: {1}").format(spoken(row["outcome"]), row["reason"])
                return "inbox", Tone.BAD, words
            case "relay":
                said = f", {row['reason']}" if row["reason"] else ""
                words = self.tr("Relay to {0} {1}{2}").format(
                    row["source"] or row["destination"], spoken(row["state"]), said
                )
                return "send", _tone(row["state"]), words

    def _open(self, row: int) -> None:
        event = self._events[row]
        click = event.row["id"] if event.kind == "click" else event.row.get("click")
        if click:
            self.opened.emit(str(click))


def _tone(word: str) -> Tone:
    return Tone.GOOD if word in _GOOD else Tone.BAD if word in _BAD else Tone.WAITING
