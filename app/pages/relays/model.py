"""The columns of the relays."""

from __future__ import annotations

from app.desk import Desk
from app.figures import NONE, ago, exact, moment_of
from app.widgets.columns import money_column, time_column, word_column
from app.widgets.rows import Column
from app.widgets.tones import spoken, tone_of_state
from server.api.lists import Shown
from server.api.reasons import reason_of


def destination_of(row: Shown) -> str:
    return str(row["destination"]).removeprefix("source:")


def why(row: Shown) -> str:
    reason = reason_of(row["reason"])
    return "\n".join(filter(None, (reason.why, reason.remedy)))


def _tip(row: Shown, _desk: Desk) -> str:
    attempts = row["history"]
    last = attempts[-1] if attempts else None
    answer = f"Last answer: {last['status'] or last['result']} after {last['milliseconds']} ms" if last else ""
    return "\n".join(filter(None, (spoken(row["state"]), why(row), answer)))


def _next(row: Shown, desk: Desk) -> str:
    now = desk.data.clock()
    is_due = row["next_attempt"] is not None and moment_of(row["next_attempt"]).timestamp() * 1000 <= now
    return "due" if is_due else ago(row["next_attempt"], now)


def _request(row: Shown, _desk: Desk) -> str:
    return " ".join(filter(None, (row["method"], row["url"], row["body"]))) or NONE


def _answer(row: Shown, _desk: Desk) -> str:
    if not row["history"]:
        return NONE
    last = row["history"][-1]
    return " ".join(str(part) for part in (last["status"], last["answer"] or last["result"]) if part)


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column("state", "State", lambda row, _desk: row["state"], _tip, lambda row: tone_of_state(row["state"]), width=120),
    Column("destination", "To", lambda row, _desk: destination_of(row), width=130),
    Column("status", "Tells", lambda row, _desk: spoken(row["status"]), width=110),
    money_column("payout", "Payout"),
    Column(
        "reason",
        "Why",
        lambda row, _desk: reason_of(row["reason"]).why or NONE,
        lambda row, _desk: why(row) or NONE,
        width=280,
    ),
    Column("attempts", "Attempts", lambda row, _desk: str(len(row["history"])), is_number=True, width=80),
    Column("next_attempt", "Next", _next, lambda row, desk: exact(row["next_attempt"], desk.zone), width=90),
    Column("answer", "Last answer", _answer, width=180),
    word_column("conversion", "Conversion", width=90),
    Column("request", "Request", _request, width=340),
    word_column("click", "Click id", width=210, is_shown=False),
    word_column("key", "Key", width=220, is_shown=False),
    word_column("id", "Number", is_shown=False, width=80),
)
