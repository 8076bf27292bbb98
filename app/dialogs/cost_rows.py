"""The corrections of a campaign's cost, the newest on top, each with the way to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.figures import exact, moment_of, money, number
from app.theme import GAP, HAIR, PAD, SMALL, sized
from app.widgets.empty import plain_label
from app.widgets.forms.clearing import clear
from app.widgets.plain import cut
from server.api.costs import Shown


class CorrectionRows(QScrollArea):
    undo_asked = Signal(int)

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SMALL)
        column.addLayout(self._rows)
        column.addStretch()
        self.setWidget(inside)
        self.buttons: dict[int, QPushButton] = {}

    def show_rows(self, corrections: Sequence[Shown]) -> None:
        clear(self._rows)
        self.buttons = {}
        for correction in reversed(corrections):
            self._rows.addWidget(self._row(correction))
        if not corrections:
            nothing = plain_label(self.tr("None yet: the clicks cost what they cost by themselves."))
            nothing.setObjectName("muted")
            self._rows.addWidget(nothing)

    def _row(self, correction: Shown) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        amount = money(correction["total"], correction["currency"])
        head = plain_label(self.tr("{0} for {1} clicks").format(amount, number(correction["clicks"])))
        head.setFont(sized(head.font(), 0, is_bold=True))
        below = plain_label(self._about(correction))
        below.setObjectName("muted")
        below.setWordWrap(True)
        said = QVBoxLayout()
        said.setSpacing(HAIR)
        said.addWidget(head)
        said.addWidget(below)
        row = QHBoxLayout(frame)
        row.setContentsMargins(PAD, GAP, GAP, GAP)
        row.addLayout(said, 1)
        if correction["undone"]:
            gone = plain_label(self.tr("undone"))
            gone.setObjectName("muted")
            gone.setContentsMargins(PAD, 0, GAP, 0)
            row.addWidget(gone)
        else:
            button = QPushButton(self.tr("Undo"))
            button.setAccessibleName(self.tr("Undo the correction over {0}").format(amount))
            button.clicked.connect(lambda: self.undo_asked.emit(correction["number"]))
            self.buttons[correction["number"]] = button
            row.addWidget(button)
        return frame

    def _about(self, correction: Shown) -> str:
        where = [f"{name} = {cut(value)}" for name, value in correction["where"].items()]
        before = self.tr("before {0}").format(money(correction["cost_before"], correction["base_currency"]))
        note = [cut(correction["note"])] if correction["note"] else []
        return " · ".join([span_of(correction["from"], correction["to"], self._zone), *where, before, *note])


def span_of(since: str, until: str, zone: ZoneInfo) -> str:
    """Whole days are named by the first and the last."""
    first, end = (moment_of(text).astimezone(zone) for text in (since, until))
    if any(moment.time() != datetime.min.time() for moment in (first, end)):
        return f"{exact(since, zone)} – {exact(until, zone)}"
    days = (first.date(), end.date() - timedelta(days=1))
    return " – ".join(dict.fromkeys(QLocale().toString(day, QLocale.FormatType.ShortFormat) for day in days))
