"""The columns of the postbacks."""

from __future__ import annotations

from app.desk import Desk
from app.figures import NONE
from app.theme import Tone
from app.widgets.columns import time_column, word_column
from app.widgets.rows import LONGEST_CELL, Column
from app.widgets.tones import spoken, tone_of_outcome
from server.api.lists import Shown


def reason_and_remedy(row: Shown) -> str:
    lines = [row["reason"], row["remedy"]] if row["remedy"] != "Nothing to do." else [row["reason"]]
    lines += [f"Warning: {reason}" for reason in row["warning_reasons"]]
    if row["replayed"]:
        lines.append(f"Replayed {row['replayed']} ×")
    return "\n".join(line for line in lines if line)


def _request(row: Shown, _desk: Desk) -> str:
    """Its beginning: a body of megabytes is not put together for a cell."""
    return " ".join(part[:LONGEST_CELL] for part in (row["method"], row["query"], row["body"]) if part)


def _whole_request(row: Shown, _desk: Desk) -> str:
    return " ".join(part for part in (row["method"], row["query"], row["body"]) if part)


COLUMNS: tuple[Column, ...] = (
    time_column(),
    Column("network", "Network", lambda row, _desk: row["network"] or row["address"], width=110),
    Column(
        "outcome",
        "Outcome",
        lambda row, _desk: spoken(row["outcome"]),
        lambda row, _desk: reason_and_remedy(row),
        lambda row: tone_of_outcome(row["outcome"]),
        width=170,
    ),
    Column(
        "reason",
        "Why",
        lambda row, _desk: row["reason"] or NONE,
        lambda row, _desk: reason_and_remedy(row),
        width=340,
    ),
    Column(
        "warnings",
        "Warnings",
        lambda row, _desk: ", ".join(map(spoken, row["warnings"])) or NONE,
        lambda row, _desk: "\n".join(row["warning_reasons"]) or NONE,
        lambda row: Tone.WAITING if row["warnings"] else Tone.PLAIN,
        width=150,
    ),
    word_column("click", "Click id", width=210),
    word_column("conversion", "Conversion", width=90),
    Column("request", "Request", _request, export=_whole_request, width=320),
    word_column("ip", "Address", is_shown=False),
    word_column("content_type", "Content type", is_shown=False),
    word_column("remedy", "What to do", is_shown=False, width=300),
    word_column("replayed", "Replayed", is_shown=False, width=80),
    word_column("id", "Number", is_shown=False, width=80),
)
