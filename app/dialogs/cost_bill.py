"""A bill as a person types it: which clicks of a campaign, how much, in which currency, and what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, Qt, QTimeZone, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QGridLayout, QLineEdit, QWidget

from app.desk import Desk
from app.theme import PAD
from app.widgets.chooser import Chooser
from app.widgets.labelled import Labelled
from server.api.checking import known_currencies
from server.api.costs import Bill
from server.domain.currency import known
from server.domain.money import read_amount
from server.domain.things import SUBS, Campaign

_LONGEST_NOTE = 500
_LONGEST_WORD = 200


class BillForm(QWidget):
    changed = Signal()

    def __init__(self, desk: Desk, campaign: Campaign) -> None:
        super().__init__()
        self._desk, self._campaign = desk, campaign
        self.preset = QComboBox()
        self.since, self.until = _moment_edit(), _moment_edit()
        self.sub, self.value = QComboBox(), QLineEdit()
        self.total, self.note = QLineEdit(), QLineEdit()
        self.currency = Chooser(known_currencies(desk.data), desk.setup.owner.base_currency)
        self.value.setMaxLength(_LONGEST_WORD)
        self.note.setMaxLength(_LONGEST_NOTE)
        self.note.setPlaceholderText(self.tr("invoice 7"))
        self._fill()
        self.fields = self._fields()
        self._lay_out()
        self.preset.activated.connect(lambda _index: self._take_preset())
        for edit in (self.since, self.until):
            edit.dateTimeChanged.connect(self._by_hand)
        self.sub.currentIndexChanged.connect(self._follow_sub)
        for line in (self.value, self.total):
            line.textChanged.connect(self.changed)
        self.currency.editTextChanged.connect(self.changed)
        self._take_preset()
        self._follow_sub()

    def bill(self) -> Bill | None:
        """None where something is still to be said or mended; what is wrong stands beside its field."""
        said = [self._check_period(), self._check_value(), self._check_total(), self._check_currency()]
        amount = read_amount(self.total.text())
        if not all(said) or amount is None:
            return None
        sub = self.sub.currentData()
        return Bill(
            self._campaign.key,
            *self._period(),
            amount.micros,
            self.currency.word(),
            {sub: self.value.text().strip()} if sub else {},
            self.note.text().strip(),
        )

    # -- inside ------------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for words, first, last in (
            (self.tr("Today"), 0, 1),
            (self.tr("Yesterday"), -1, 0),
            (self.tr("The last 7 days"), -7, 0),
            (self.tr("The last 30 days"), -30, 0),
        ):
            self.preset.addItem(words, (first, last))
        self.preset.addItem(self.tr("Own period"), None)
        self.preset.setCurrentIndex(1)
        self.sub.addItem(self.tr("All clicks"), "")
        source = self._desk.setup.sources.get(self._campaign.source)
        named = {sub: one.name for sub, one in source.subs.items()} if source else {}
        for sub in SUBS:
            self.sub.addItem(f"{sub} · {named[sub]}" if named.get(sub) else sub, sub)

    def _fields(self) -> dict[str, Labelled]:
        zone = self.tr("In {0}.").format(self._desk.setup.owner.timezone)
        return {
            "preset": Labelled(self.tr("Period"), self.preset),
            "since": Labelled(self.tr("From"), self.since, zone),
            "until": Labelled(self.tr("To, not included"), self.until),
            "sub": Labelled(self.tr("Which clicks"), self.sub),
            "value": Labelled(self.tr("Its value"), self.value),
            "total": Labelled(self.tr("What they cost together"), self.total),
            "currency": Labelled(self.tr("Currency"), self.currency),
            "note": Labelled(self.tr("Note, for yourself"), self.note),
        }

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(PAD)
        grid.setVerticalSpacing(PAD)
        rows = (("preset", "since", "until"), ("total", "currency", "note"), ("sub", "value"))
        for row, names in enumerate(rows):
            for column, name in enumerate(names):
                grid.addWidget(self.fields[name], row, column, Qt.AlignmentFlag.AlignTop)
        for column in range(3):
            grid.setColumnStretch(column, 1)

    def _take_preset(self) -> None:
        span = self.preset.currentData()
        if span is None:
            return
        today = datetime.fromtimestamp(self._desk.data.clock() / 1000, self._desk.zone).date()
        for edit, days in zip((self.since, self.until), span, strict=True):
            day = today + timedelta(days=days)
            edit.blockSignals(True)
            edit.setDateTime(QDateTime(day.year, day.month, day.day, 0, 0, 0, 0, QTimeZone.utc()))
            edit.blockSignals(False)
        self.changed.emit()

    def _by_hand(self) -> None:
        self.preset.setCurrentIndex(self.preset.count() - 1)
        self.changed.emit()

    def _follow_sub(self) -> None:
        self.value.setEnabled(bool(self.sub.currentData()))
        self.changed.emit()

    def _period(self) -> tuple[int, int]:
        """In milliseconds; what is typed is the owner's time."""
        since, until = (
            datetime.fromtimestamp(edit.dateTime().toSecsSinceEpoch(), UTC).replace(tzinfo=self._desk.zone)
            for edit in (self.since, self.until)
        )
        return int(since.timestamp() * 1000), int(until.timestamp() * 1000)

    def _check_period(self) -> bool:
        since, until = self._period()
        if since >= self._desk.data.clock():
            return self._refuse("since", self.tr("It has not begun yet."))
        if until <= since:
            return self._refuse("until", self.tr("It ends before it begins."))
        return self._accept("since", "until")

    def _check_value(self) -> bool:
        if self.sub.currentData() and not self.value.text().strip():
            return self.fields["value"].show_problem("") and False
        return self._accept("value")

    def _check_total(self) -> bool:
        text = self.total.text().strip()
        if not text:
            return self.fields["total"].show_problem("") and False
        amount = read_amount(text)
        if amount is None or amount.mark or amount.micros < 0:
            return self._refuse("total", self.tr("Write an amount such as 120.50, without its currency."))
        return self._accept("total")

    def _check_currency(self) -> bool:
        word = self.currency.word()
        if known(word, self._desk.setup.owner.currencies) is None:
            return self._refuse("currency", self.tr("Choose one of the list, such as USD."))
        return self._accept("currency")

    def _refuse(self, name: str, words: str) -> bool:
        return self.fields[name].show_problem(words)

    def _accept(self, *names: str) -> bool:
        return all([self.fields[name].show_problem("") for name in names])  # noqa: C419 - all of them are shown


def _moment_edit() -> QDateTimeEdit:
    """Shows the hands of a clock, of whichever zone; so no hour that this computer skips is missing."""
    edit = QDateTimeEdit()
    edit.setTimeZone(QTimeZone.utc())
    edit.setCalendarPopup(True)
    edit.setDisplayFormat("yyyy-MM-dd HH:mm")
    return edit
