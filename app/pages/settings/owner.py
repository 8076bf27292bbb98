"""The owner's own words: currency, zone, domain, proxies; checked as they are typed, saved together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton

from app.desk import Desk
from app.dialogs.first_run_domain import with_scheme
from app.dialogs.first_run_money import known_zones
from app.pages.settings.card import Card
from app.theme import GAP, PAD
from app.widgets.chooser import Chooser
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled
from server.api.checking import known_currencies, problem_within
from server.api.owner import save_owner

_LISTS = ("currencies", "trusted_proxies")


class OwnerCard(Card):
    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(title)
        self._desk = desk
        self.zone, self.currency = Chooser(known_zones()), Chooser(known_currencies(desk.data))
        self.editors: dict[str, QLineEdit] = {
            name: QLineEdit()
            for name in ("currencies", "domain", "fallback_url", "trusted_proxies", "client_ip_header")
        }
        self.fields = self._fields()
        self._said = plain_label()
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("primary", True)
        self.save_button.clicked.connect(self.save)
        self.revert_button = QPushButton(self.tr("Revert"))
        self.revert_button.clicked.connect(self.load)
        self._lay_out()
        self.zone.editTextChanged.connect(self._changed)
        self.currency.editTextChanged.connect(self._changed)
        for editor in self.editors.values():
            editor.textChanged.connect(self._changed)
        self.load()

    def load(self) -> None:
        """As it is stored; what was typed and not saved goes."""
        owner = self._desk.setup.owner
        self.currency.choose(owner.base_currency)
        self.zone.choose(owner.timezone)
        for name, editor in self.editors.items():
            value = getattr(owner, name)
            editor.setText(", ".join(value) if name in _LISTS else value or "")
        self._changed()

    def load_if_untouched(self) -> None:
        if not self.is_changed:
            self.load()

    @property
    def is_changed(self) -> bool:
        return self.save_button.isEnabled()

    def save(self) -> None:
        if not self._check():
            return
        data, words = self._desk.data, self._words()
        self.save_button.setEnabled(False)

        def work() -> None:
            save_owner(data, words)
            data.setup()

        self._desk.jobs.run(self, work, self._saved, self._refused)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _fields(self) -> dict[str, Labelled]:
        edit = self.editors
        return {
            "base_currency": Labelled(
                self.tr("Base currency"),
                self.currency,
                self.tr("Reports add up in it. What is booked keeps the rate that it was booked with."),
            ),
            "timezone": Labelled(self.tr("Time zone"), self.zone, self.tr("Where your day begins.")),
            "currencies": Labelled(
                self.tr("Further currencies"), edit["currencies"], self.tr("Codes beside ISO 4217: USDT, BTC.")
            ),
            "domain": Labelled(
                self.tr("Domain"), edit["domain"], self.tr("Tracking and postback URLs begin with it; with https.")
            ),
            "fallback_url": Labelled(
                self.tr("Fallback URL"),
                edit["fallback_url"],
                self.tr("Where visitors of unknown campaigns go; without it they find nothing."),
            ),
            "trusted_proxies": Labelled(
                self.tr("Trusted proxies"),
                edit["trusted_proxies"],
                self.tr("Addresses or ranges, such as 127.0.0.1, 10.0.0.0/8; only they may say who the visitor is."),
            ),
            "client_ip_header": Labelled(
                self.tr("Header of the visitor's address"),
                edit["client_ip_header"],
                self.tr("Where a trusted proxy writes it, such as CF-Connecting-IP; else X-Forwarded-For."),
            ),
        }

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(PAD)
        grid.setVerticalSpacing(PAD)
        for place, labelled in enumerate(self.fields.values()):
            grid.addWidget(labelled, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.revert_button)
        buttons.addWidget(self._said)
        buttons.addStretch()
        self.body.addLayout(grid)
        self.body.addLayout(buttons)

    def _words(self) -> dict[str, Any]:
        words: dict[str, Any] = {"base_currency": self.currency.word(), "timezone": self.zone.word()}
        for name, editor in self.editors.items():
            text = editor.text().strip()
            words[name] = _parts(text) if name in _LISTS else text
        words["domain"] = with_scheme(words["domain"])
        return words

    def _changed(self) -> None:
        owner = self._desk.setup.owner
        words = self._words()
        stored = {name: list(getattr(owner, name)) if name in _LISTS else getattr(owner, name) or "" for name in words}
        is_changed = words != stored
        self.save_button.setEnabled(is_changed)
        self.revert_button.setEnabled(is_changed)
        if is_changed:
            self._say("", "muted")
        self._check()

    def _check(self) -> bool:
        words = self._words()
        extra = [code.upper() for code in words["currencies"]]
        problems = {name: problem_within(extra, "owner", name, value) for name, value in words.items()}
        return all([labelled.show_problem(problems[name]) for name, labelled in self.fields.items()])  # noqa: C419 - all of them are shown

    def _saved(self, _nothing: None) -> None:
        self.load()
        self._say(self.tr("✓ Saved"), "good")

    def _refused(self, words: str) -> None:
        self._changed()
        self._say(f"▲ {words}", "bad")

    def _say(self, words: str, tone: str) -> None:
        self._said.setObjectName(tone)
        self._said.setText(words)
        self._said.style().unpolish(self._said)
        self._said.style().polish(self._said)


def _parts(text: str) -> Sequence[str]:
    return [part for part in text.replace(",", " ").split() if part]
