"""Fourth question: the offer's URL as the network gave it; the click id goes in by itself, before your eyes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.desk import Desk
from app.dialogs.first_run_step import Step, all_good
from app.theme import GAP, PAD, Tone
from app.widgets.chooser import Chooser
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from app.widgets.marked_text import MarkedText
from server.api.beginning import Placed, place_click_id
from server.api.checking import known_currencies, problem_with

_LONGEST_URL = 4096


class OfferStep(Step):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            self.tr("Offer"),
            self.tr("What is the offer's URL?"),
            self.tr(
                "As the network gave it to you. The click id goes in by itself, so that each sale finds its click."
            ),
        )
        self.url = QLineEdit()
        self.url.setMaxLength(_LONGEST_URL)
        self.url.setPlaceholderText("https://")
        self.parameter = QLineEdit()
        self.payout = QLineEdit()
        self.currency = Chooser(known_currencies(desk.data))
        self._url = Labelled(self.tr("Offer URL"), self.url)
        self._parameter = Labelled(
            self.tr("Parameter that carries the click id"),
            self.parameter,
            self.tr("The one whose value the network puts into its postback."),
        )
        self._payout = Labelled(
            self.tr("Payout"), self.payout, self.tr("Counts where a postback brings no amount. May stay empty.")
        )
        self._currency = Labelled(self.tr("Currency of the payout"), self.currency)
        self._known_parameter: str | None = None
        self._known_currency: str | None = None
        self._before = MarkedText(desk.theme, self.tr("As the network gave it"), Tone.MUTED, 3)
        self._after = MarkedText(desk.theme, self.tr("As visitors are sent"), Tone.ACCENT, 3)
        self._said = plain_label()
        self._said.setWordWrap(True)
        self._shown = QWidget()
        self._lay_out()
        self.url.textChanged.connect(self._show)
        self.parameter.textChanged.connect(self._show)
        self._show()

    def expect(self, parameter: str, currency: str) -> None:
        """What the chosen network's template knows; what was typed by hand stays while the network does."""
        if parameter != self._known_parameter:
            self._known_parameter = parameter
            self.parameter.setText(parameter)
        if currency != self._known_currency:
            self._known_currency = currency
            self.currency.choose(currency)

    def placed(self) -> Placed:
        return place_click_id(self.url.text().strip(), self.parameter.text().strip())

    def enter(self) -> None:
        self.url.setFocus()

    def check(self) -> bool:
        data, payout = self.desk.data, self.payout.text().strip()
        url = self.url.text().strip()
        return all_good(
            [
                (self._url, problem_with(data, "offer", "url", self.placed().after) if url else self._no_url()),
                (self._payout, problem_with(data, "offer", "payout", payout) if payout else ""),
                (
                    self._currency,
                    problem_with(data, "offer", "currency", self.currency.word()) if payout else "",
                ),
            ]
        )

    def _no_url(self) -> str:
        return self.tr("Paste the link that the network shows for this offer.")

    def _lay_out(self) -> None:
        shown = Labelled(self.tr("As visitors are sent"), self._after)
        before = Labelled(self.tr("As the network gave it"), self._before)
        pair = QHBoxLayout(self._shown)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(PAD)
        for labelled in (before, shown):
            pair.addWidget(labelled, 1, Qt.AlignmentFlag.AlignTop)
        money = QHBoxLayout()
        money.setSpacing(PAD)
        for labelled in (self._payout, self._currency):
            money.addWidget(labelled, 1, Qt.AlignmentFlag.AlignTop)
        for widget in (self._url, self._parameter, self._shown, self._said):
            self.body.addWidget(widget)
        self.body.addSpacing(GAP)
        self.body.addLayout(money)
        self.body.addStretch()

    def _show(self) -> None:
        has_url = bool(self.url.text().strip())
        placed = self.placed()
        self._shown.setVisible(has_url)
        self._said.setVisible(has_url)
        self._url.show_problem("")
        self._before.show_marked(placed.before, placed.old_start, placed.old_end)
        self._after.show_marked(placed.after, placed.start, placed.end)
        if not placed.parameter:
            words, tone = self.tr("✓ It carries {click_id} already; nothing was changed."), "good"
        elif placed.old_start < placed.old_end:
            words = self.tr("✓ “{0}” now carries the click id in place of what stood there.").format(placed.parameter)
            tone = "good"
        else:
            words, tone = self.tr("✓ “{0}” was added to carry the click id.").format(placed.parameter), "good"
        self._said.setObjectName(tone)
        self._said.setText(words)
        self._said.style().polish(self._said)
