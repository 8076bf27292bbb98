"""The columns of the postbacks."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk
from app.figures import NONE
from app.theme import Tone
from app.widgets.column import Column
from app.widgets.columns import time_column, word_column
from app.widgets.plain import LONGEST_CELL
from app.widgets.tones import spoken, tone_of_outcome
from server.api.lists import Shown


def reason_and_remedy(row: Shown) -> str:
    translate = QCoreApplication.translate
    lines = [row["reason"], row["remedy"]] if row["remedy"] != "Nothing to do." else [row["reason"]]
    lines += [translate("words", "Warning: {0}").format(reason) for reason in row["warning_reasons"]]
    if row["replayed"]:
        lines.append(translate("postbacks", "Replayed {0} ×").format(row["replayed"]))
    return "\n".join(line for line in lines if line)


def _request(row: Shown, _desk: Desk) -> str:
    """Its beginning: a body of megabytes is not put together for a cell."""
    return " ".join(part[:LONGEST_CELL] for part in (row["method"], row["query"], row["body"]) if part)


def _whole_request(row: Shown, _desk: Desk) -> str:
    return " ".join(part for part in (row["method"], row["query"], row["body"]) if part)


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column(
        "network",
        QT_TRANSLATE_NOOP("columns", "Network"),
        lambda row, _desk: row["network"] or row["address"],
        width=96,
    ),
    Column(
        "outcome",
        QT_TRANSLATE_NOOP("columns", "Outcome"),
        lambda row, _desk: spoken(row["outcome"]),
        lambda row, _desk: reason_and_remedy(row),
        lambda row: tone_of_outcome(row["outcome"]),
        width=165,
    ),
    Column(
        "reason",
        QT_TRANSLATE_NOOP("columns", "Why"),
        lambda row, _desk: row["reason"] or NONE,
        lambda row, _desk: reason_and_remedy(row),
        width=286,
        grows=3,
    ),
    Column(
        "warnings",
        QT_TRANSLATE_NOOP("columns", "Warnings"),
        lambda row, _desk: ", ".join(map(spoken, row["warnings"])) or NONE,
        lambda row, _desk: "\n".join(row["warning_reasons"]) or NONE,
        lambda row: Tone.WAITING if row["warnings"] else Tone.PLAIN,
        width=170,
        grows=1,
    ),
    word_column("click", QT_TRANSLATE_NOOP("columns", "Click id"), width=206),
    word_column("conversion", QT_TRANSLATE_NOOP("columns", "Conversion"), width=110, is_shown=False),
    Column(
        "request", QT_TRANSLATE_NOOP("columns", "Request"), _request, export=_whole_request, is_shown=False, width=320
    ),
    word_column("ip", QT_TRANSLATE_NOOP("columns", "IP address"), is_shown=False),
    word_column("content_type", QT_TRANSLATE_NOOP("columns", "Content type"), is_shown=False),
    word_column("remedy", QT_TRANSLATE_NOOP("columns", "What to do"), is_shown=False, width=300),
    word_column("replayed", QT_TRANSLATE_NOOP("columns", "Replayed"), is_shown=False, width=100),
    word_column("id", QT_TRANSLATE_NOOP("columns", "Number"), is_shown=False, width=90),
)
