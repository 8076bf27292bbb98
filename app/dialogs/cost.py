"""Correct the cost: a bill that came later is spread over the clicks of its period; looked at first, and undone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desk import Desk
from app.dialogs.cost_bill import BillForm
from app.dialogs.cost_rows import CorrectionRows, span_of
from app.figures import NONE, money, number
from app.jobs import Job
from app.theme import GAP, HAIR, PAD, TITLE, WIDE, sized
from app.widgets.empty import plain_label
from server.api import costs
from server.api.costs import LATE, Bill, Shown
from server.api.data import Data
from server.domain.things import Campaign

_WIDTH, _HEIGHT = 760, 680
_TYPING_MS = 250
_MILLIONTH = Decimal("0.000001")


class CostDialog(QDialog):
    def __init__(self, desk: Desk, campaign: Campaign, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Correct the cost: {0}").format(campaign.name or campaign.key))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._campaign = desk, campaign
        self._job: Job | None = None
        self.form = BillForm(desk, campaign)
        self.rows = CorrectionRows(desk.zone)
        self.rows.undo_asked.connect(self.undo)
        self.message = plain_label()
        self.message.setWordWrap(True)
        self.figures = {name: plain_label(NONE) for name in ("clicks", "before", "after", "each")}
        self.apply_button = QPushButton(self.tr("Apply"))
        self.apply_button.setProperty("primary", True)
        self.apply_button.setEnabled(False)
        self.apply_button.clicked.connect(self.apply)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._look_ahead)
        self.form.changed.connect(self._on_change)
        self._lay_out()
        self._read()
        self.form.total.setFocus()

    def apply(self) -> None:
        bill = self.form.bill()
        if bill is None or not self.apply_button.isEnabled():
            return
        self.apply_button.setEnabled(False)
        data = self._desk.data

        def done(made: Shown) -> None:
            self.form.total.clear()
            amount = money(made["total"], made["currency"])
            words = self.tr("✓ {0} clicks now cost {1}.").format(number(made["clicks"]), amount)
            self._say("good", words)
            self._desk.say(words)
            self._read()

        def refused(words: str) -> None:
            self._refuse(words)
            self.apply_button.setEnabled(True)

        self._desk.jobs.run(self, lambda: costs.apply(data, _so_far(bill, data)), done, refused)

    def undo(self, number_of_it: int) -> None:
        data, key = self._desk.data, self._campaign.key

        def done(undone: Shown) -> None:
            self._say("good", self.tr("✓ Undone: {0} clicks cost what they did.").format(number(undone["clicks"])))
            self._read()
            self._look_ahead()

        self._desk.jobs.run(self, lambda: costs.undo(data, key, number_of_it), done, self._refuse)

    # -- inside: what it looks like ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.resize(_WIDTH, _HEIGHT)
        heading = plain_label(self.tr("Correct the cost"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        about = plain_label(
            self.tr(
                "A bill that came later is spread evenly over the clicks of its period. It takes the place of what "
                "they cost by themselves, which is kept; of several corrections the latest holds."
            )
        )
        about.setObjectName("muted")
        about.setWordWrap(True)
        made = plain_label(self.tr("Corrections of this campaign"))
        made.setFont(sized(made.font(), 0, is_bold=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(PAD)
        for widget in (heading, about, self.form):
            layout.addWidget(widget)
        layout.addLayout(self._preview())
        layout.addWidget(self.message)
        layout.addWidget(made)
        layout.addWidget(self.rows, 1)
        layout.addLayout(self._buttons())

    def _preview(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(WIDE)
        grid.setVerticalSpacing(HAIR)
        heads = (self.tr("Clicks"), self.tr("They cost now"), self.tr("They would cost"), self.tr("Each of them"))
        for column, (words, figure) in enumerate(zip(heads, self.figures.values(), strict=True)):
            head = plain_label(words)
            head.setObjectName("muted")
            figure.setFont(sized(figure.font(), 3, is_bold=True))
            grid.addWidget(head, 0, column)
            grid.addWidget(figure, 1, column)
            grid.setColumnStretch(column, 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.close)
        for button in (close, self.apply_button):
            button.setAutoDefault(False)
        self.apply_button.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addStretch()
        row.addWidget(close)
        row.addWidget(self.apply_button)
        return row

    def _say(self, tone: str, words: str) -> None:
        self.message.setObjectName(tone)
        self.message.style().polish(self.message)
        self.message.setText(words)

    # -- inside: what is asked ----------------------------------------------------------------------------------------

    def _on_change(self) -> None:
        self.apply_button.setEnabled(False)
        self._typing.start()

    def _look_ahead(self) -> None:
        if self._job is not None:
            self._job.cancel()
        for figure in self.figures.values():
            figure.setText(NONE)
        bill = self.form.bill()
        if bill is None:
            if self.message.objectName() != "good":
                self._say("muted", "")
            return
        data = self._desk.data
        work = lambda: costs.preview(data, _so_far(bill, data))  # noqa: E731
        self._job = self._desk.jobs.run(self, work, lambda found: self._show_ahead(found, bill), self._refuse)

    def _show_ahead(self, found: Shown, bill: Bill) -> None:
        each = (Decimal(found["total"]) / found["clicks"]).quantize(_MILLIONTH)
        self.figures["clicks"].setText(number(found["clicks"]))
        self.figures["before"].setText(money(found["cost_before"], found["base_currency"]))
        self.figures["after"].setText(money(found["total"], found["currency"]))
        self.figures["each"].setText(money(f"{each:f}", found["currency"], 4))
        words = self.tr("Clicks of {0}.").format(span_of(found["from"], found["to"], self._desk.zone))
        if found["cost_after"] is None:
            words = self.tr("▲ There is no rate from {0} to {1}: reports count it as without rate.").format(
                found["currency"], found["base_currency"]
            )
        elif bill.until > self._desk.data.clock():
            words = self.tr("▲ The period is not over: only the clicks until now would bear it.")
        self._say("waiting" if words.startswith("▲") else "muted", words)
        self.apply_button.setEnabled(True)

    def _read(self) -> None:
        data, key = self._desk.data, self._campaign.key
        self._desk.jobs.run(self, lambda: costs.listed(data, key), self.rows.show_rows, self._refuse)

    def _refuse(self, words: str) -> None:
        self._say("bad", f"▲ {words}")


def _so_far(bill: Bill, data: Data) -> Bill:
    """What is still to come, or may still be on its way, is no part of a bill."""
    return replace(bill, until=min(bill.until, data.clock() - LATE))
