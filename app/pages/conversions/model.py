"""The columns of the conversions."""

from __future__ import annotations

from app.desk import Desk
from app.figures import NONE
from app.theme import Tone
from app.widgets.columns import money_column, time_column, word_column
from app.widgets.rows import Column
from app.widgets.tones import spoken, tone_of_status
from server.api.lists import Shown

_KEPT = {
    "late": "It came after the attribution window of its offer: kept, not counted. Accept it if the network pays.",
    "conflict": "Its transaction already belongs to another click: kept, not counted. Ask the network which is right.",
    "withdrawn": "Its only postback speaks, after a replay, of another conversion.",
}


def kept_or_status(row: Shown) -> str:
    """What matters most about it: why it does not count, else its status."""
    if row["test"]:
        return "test"
    return spoken(row["kept"] or row["status"])


def tone_of(row: Shown) -> Tone:
    if row["test"] or row["kept"] == "withdrawn":
        return Tone.MUTED
    if row["kept"]:
        return Tone.BAD if row["kept"] == "conflict" else Tone.WAITING
    return tone_of_status(row["status"])


def _tip(row: Shown, _desk: Desk) -> str:
    lines = [f"Status {spoken(row['status'])}"]
    if row["original_status"] != row["status"]:
        lines.append(f"At first {spoken(row['original_status'])}")
    if row["test"]:
        lines.append("Of a test: nothing is booked.")
    elif row["kept"]:
        lines.append(_KEPT.get(row["kept"], "Kept, not counted."))
    return "\n".join([*lines, *(f"Warning: {spoken(word)}" for word in row["warnings"])])


def _counts(row: Shown, _desk: Desk) -> str:
    return "yes" if row["counted"] else "no"


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column("status", "Status", lambda row, _desk: kept_or_status(row), _tip, tone_of, width=130),
    money_column("payout", "Payout"),
    money_column("net", "Net"),
    word_column("offer", "Offer"),
    word_column("event", "Event", width=90),
    word_column("campaign", "Campaign"),
    word_column("source", "Source", width=110),
    word_column("network", "Network", width=110),
    word_column("txn_id", "Transaction", width=130),
    time_column("updated", "Changed"),
    Column(
        "warnings",
        "Warnings",
        lambda row, _desk: ", ".join(map(spoken, row["warnings"])) or NONE,
        tone=lambda row: Tone.WAITING if row["warnings"] else Tone.PLAIN,
        width=160,
    ),
    word_column("click", "Click id", width=210),
    Column("counted", "Counted", _counts, is_shown=False, width=80),
    money_column("payout_base", "In base currency", "base_currency", is_shown=False),
    money_column("sale_amount", "Sale", is_shown=False),
    word_column("id", "Number", is_shown=False, width=80),
    *(word_column(f"custom{number}", f"Custom {number}", is_shown=False) for number in range(1, 6)),
)
