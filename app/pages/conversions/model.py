"""The columns of the conversions."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk
from app.figures import NONE, money
from app.theme import Tone
from app.widgets.column import Column
from app.widgets.columns import money_column, time_column, word_column
from app.widgets.tones import spoken, tone_of_status
from server.api.lists import Shown

_KEPT = {
    "late": QT_TRANSLATE_NOOP(
        "conversions",
        "It came after the attribution window of its offer: kept, not counted. Accept it if the network pays.",
    ),
    "conflict": QT_TRANSLATE_NOOP(
        "conversions",
        "Its transaction already belongs to another click: kept, not counted. Ask the network which is right.",
    ),
    "withdrawn": QT_TRANSLATE_NOOP("conversions", "Its only postback speaks, after a replay, of another conversion."),
}


def kept_or_status(row: Shown) -> str:
    """What matters most about it: why it does not count, else its status."""
    if row["test"]:
        return QCoreApplication.translate("words", "test")
    return spoken(row["kept"] or row["status"])


def tone_of(row: Shown) -> Tone:
    if row["test"] or row["kept"] == "withdrawn":
        return Tone.MUTED
    if row["kept"]:
        return Tone.BAD if row["kept"] == "conflict" else Tone.WAITING
    return tone_of_status(row["status"])


def _tip(row: Shown, _desk: Desk) -> str:
    translate = QCoreApplication.translate
    lines = [translate("conversions", "Status {0}").format(spoken(row["status"]))]
    if row["original_status"] != row["status"]:
        lines.append(translate("conversions", "At first {0}").format(spoken(row["original_status"])))
    if row["test"]:
        lines.append(translate("conversions", "Of a test: nothing is booked."))
    elif row["kept"]:
        lines.append(
            translate("conversions", _KEPT.get(row["kept"], QT_TRANSLATE_NOOP("conversions", "Kept, not counted.")))
        )
    return "\n".join([*lines, *(translate("words", "Warning: {0}").format(spoken(word)) for word in row["warnings"])])


def _counts(row: Shown, _desk: Desk) -> str:
    translate = QCoreApplication.translate
    return translate("words", "yes") if row["counted"] else translate("words", "no")


def _own_cost(row: Shown) -> str | None:
    """Before a correction of its click's cost covered it."""
    return row["cost"] if row["original_cost"] is None else row["original_cost"]


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column(
        "status",
        QT_TRANSLATE_NOOP("columns", "Status"),
        lambda row, _desk: kept_or_status(row),
        _tip,
        tone_of,
        width=125,
    ),
    money_column("payout", QT_TRANSLATE_NOOP("columns", "Payout")),
    money_column("net", QT_TRANSLATE_NOOP("columns", "Net")),
    word_column("offer", QT_TRANSLATE_NOOP("columns", "Offer"), width=105, grows=2),
    word_column("event", QT_TRANSLATE_NOOP("columns", "Event"), width=85, grows=1),
    word_column("campaign", QT_TRANSLATE_NOOP("columns", "Campaign"), width=105, grows=2),
    word_column("source", QT_TRANSLATE_NOOP("columns", "Source"), width=95, grows=1),
    word_column("network", QT_TRANSLATE_NOOP("columns", "Network"), width=95, grows=1),
    word_column("txn_id", QT_TRANSLATE_NOOP("columns", "Transaction"), width=112, grows=1),
    time_column("updated", QT_TRANSLATE_NOOP("columns", "Changed"), is_shown=False),
    Column(
        "warnings",
        QT_TRANSLATE_NOOP("columns", "Warnings"),
        lambda row, _desk: ", ".join(map(spoken, row["warnings"])) or NONE,
        tone=lambda row: Tone.WAITING if row["warnings"] else Tone.PLAIN,
        is_shown=False,
        width=210,
    ),
    word_column("click", QT_TRANSLATE_NOOP("columns", "Click id"), width=206, is_shown=False),
    Column("counted", QT_TRANSLATE_NOOP("columns", "Counted"), _counts, is_shown=False, width=100),
    money_column("payout_base", QT_TRANSLATE_NOOP("columns", "In base currency"), "base_currency", is_shown=False),
    money_column("sale_amount", QT_TRANSLATE_NOOP("columns", "Sale"), is_shown=False),
    Column(
        "own_cost",
        QT_TRANSLATE_NOOP("columns", "Cost by itself"),
        lambda row, _desk: money(_own_cost(row), row["cost_currency"]),
        export=lambda row, _desk: _own_cost(row) or "",
        is_number=True,
        is_shown=False,
        width=115,
    ),
    word_column("id", QT_TRANSLATE_NOOP("columns", "Number"), is_shown=False, width=90),
    word_column("custom1", QT_TRANSLATE_NOOP("columns", "Custom 1"), is_shown=False),
    word_column("custom2", QT_TRANSLATE_NOOP("columns", "Custom 2"), is_shown=False),
    word_column("custom3", QT_TRANSLATE_NOOP("columns", "Custom 3"), is_shown=False),
    word_column("custom4", QT_TRANSLATE_NOOP("columns", "Custom 4"), is_shown=False),
    word_column("custom5", QT_TRANSLATE_NOOP("columns", "Custom 5"), is_shown=False),
)
