"""The columns of the relays."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk
from app.figures import NONE, ago, exact, moment_of
from app.widgets.column import Column
from app.widgets.columns import money_column, time_column, word_column
from app.widgets.tones import spoken, tone_of_state
from server.api.lists import Shown
from server.api.reasons import reason_of


def destination_of(row: Shown) -> str:
    return str(row["destination"]).removeprefix("source:")


def why(row: Shown) -> str:
    reason = reason_of(row["reason"])
    return "\n".join(filter(None, (reason.why, reason.remedy)))


def _tip(row: Shown, _desk: Desk) -> str:
    return "\n".join(filter(None, (spoken(row["state"]), why(row), _last_answer(row))))


def _last_answer(row: Shown) -> str:
    if not row["history"]:
        return ""
    last = row["history"][-1]
    words = QCoreApplication.translate("relays", "Last answer: {0} after {1} ms")
    return words.format(last["status"] or last["result"], last["milliseconds"])


def _next(row: Shown, desk: Desk) -> str:
    now = desk.data.clock()
    is_due = row["next_attempt"] is not None and moment_of(row["next_attempt"]).timestamp() * 1000 <= now
    return QCoreApplication.translate("relays", "due") if is_due else ago(row["next_attempt"], now)


def _request(row: Shown, _desk: Desk) -> str:
    return " ".join(filter(None, (row["method"], row["url"], row["body"]))) or NONE


def _answer(row: Shown, _desk: Desk) -> str:
    if not row["history"]:
        return NONE
    last = row["history"][-1]
    return " ".join(str(part) for part in (last["status"], last["answer"] or last["result"]) if part)


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column(
        "state",
        QT_TRANSLATE_NOOP("columns", "State"),
        lambda row, _desk: spoken(row["state"]),
        _tip,
        lambda row: tone_of_state(row["state"]),
        width=112,
    ),
    Column(
        "destination", QT_TRANSLATE_NOOP("columns", "To"), lambda row, _desk: destination_of(row), width=100, grows=1
    ),
    Column("status", QT_TRANSLATE_NOOP("columns", "Tells"), lambda row, _desk: spoken(row["status"]), width=100),
    money_column("payout", QT_TRANSLATE_NOOP("columns", "Payout")),
    Column(
        "reason",
        QT_TRANSLATE_NOOP("columns", "Why"),
        lambda row, _desk: reason_of(row["reason"]).why or NONE,
        lambda row, _desk: why(row) or NONE,
        width=206,
        grows=3,
    ),
    Column(
        "attempts",
        QT_TRANSLATE_NOOP("columns", "Attempts"),
        lambda row, _desk: str(len(row["history"])),
        is_number=True,
        width=92,
    ),
    Column(
        "next_attempt",
        QT_TRANSLATE_NOOP("columns", "Next"),
        _next,
        lambda row, desk: exact(row["next_attempt"], desk.zone),
        width=82,
    ),
    Column("answer", QT_TRANSLATE_NOOP("columns", "Last answer"), _answer, width=136, grows=2),
    word_column("conversion", QT_TRANSLATE_NOOP("columns", "Conversion"), width=110, is_shown=False),
    Column("request", QT_TRANSLATE_NOOP("columns", "Request"), _request, is_shown=False, width=340),
    word_column("click", QT_TRANSLATE_NOOP("columns", "Click id"), width=210, is_shown=False),
    word_column("key", QT_TRANSLATE_NOOP("columns", "Key"), width=220, is_shown=False),
    word_column("id", QT_TRANSLATE_NOOP("columns", "Number"), is_shown=False, width=90),
)
