"""What statuses and the fields of a postback are called on screen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.widgets.tones import spoken
from server.domain.status import Status
from server.domain.things import FIELDS


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)


def statuses() -> list[tuple[str, str]]:
    return [(status.value, spoken(status.value)) for status in Status]


def fields_of_a_postback() -> list[tuple[str, str]]:
    names = {
        "click_id": _tr("click id"),
        "payout": _tr("payout"),
        "sale_amount": _tr("sale amount"),
        "currency": _tr("currency"),
        "status": _tr("status"),
        "event": _tr("event"),
        "txn_id": _tr("transaction id"),
        "time": _tr("time"),
    }
    return [(name, names.get(name, name)) for name in FIELDS]
