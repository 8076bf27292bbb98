"""First question: the currency in which reports add up, and where your day begins."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QTimeZone

from app.desk import Desk
from app.dialogs.first_run_step import Step, all_good
from app.widgets.chooser import Chooser
from app.widgets.labelled import Labelled
from server.api.checking import known_currencies, problem_with


class MoneyStep(Step):
    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            self.tr("Money and time"),
            self.tr("What are your currency and your time zone?"),
            self.tr("Reports add everything up in one currency, and a day of yours begins at your midnight."),
        )
        owner = desk.setup.owner
        is_new = not desk.setup.campaigns
        self.currency = Chooser(
            known_currencies(desk.data),
            self._accepted("base_currency", guessed_currency(), "USD") if is_new else owner.base_currency,
        )
        self.zone = Chooser(
            known_zones(), self._accepted("timezone", guessed_zone(), "UTC") if is_new else owner.timezone
        )
        self._currency = Labelled(
            self.tr("Base currency"), self.currency, self.tr("Guessed from this computer; three letters, such as USD.")
        )
        self._zone = Labelled(self.tr("Time zone"), self.zone, self.tr("Type a city to find it."))
        self.body.addWidget(self._currency)
        self.body.addWidget(self._zone)
        self.body.addStretch()

    def enter(self) -> None:
        self.currency.setFocus()

    def check(self) -> bool:
        data = self.desk.data
        return all_good(
            [
                (self._currency, problem_with(data, "owner", "base_currency", self.currency.word())),
                (self._zone, problem_with(data, "owner", "timezone", self.zone.word())),
            ]
        )

    def _accepted(self, field: str, guess: str, otherwise: str) -> str:
        return otherwise if problem_with(self.desk.data, "owner", field, guess) else guess


def guessed_currency() -> str:
    return QLocale.system().currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)


def guessed_zone() -> str:
    return bytes(QTimeZone.systemTimeZoneId().data()).decode()


def known_zones() -> list[str]:
    names = [bytes(name.data()).decode() for name in QTimeZone.availableTimeZoneIds()]
    return ["UTC", *sorted(name for name in names if "/" in name)]
