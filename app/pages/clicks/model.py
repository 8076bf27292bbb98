"""The columns of the clicks."""

from __future__ import annotations

from app.desk import Desk
from app.figures import NONE
from app.theme import Tone
from app.widgets.columns import money_column, time_column, word_column
from app.widgets.rows import Column
from server.api.lists import Shown


def _where(row: Shown, _desk: Desk) -> str:
    return row["offer"] or row["landing"] or NONE


COLUMNS: tuple[Column, ...] = (
    time_column(),
    word_column("campaign", "Campaign"),
    word_column("source", "Source"),
    Column(
        "where",
        "Went to",
        _where,
        lambda row, _desk: row["destination"] or "nowhere",
        tone=lambda row: Tone.PLAIN if row["destination"] else Tone.BAD,
        width=140,
    ),
    word_column("external_id", "External id", width=130),
    money_column("cost", "Cost"),
    word_column("sub1", "Sub1"),
    word_column("sub2", "Sub2"),
    word_column("sub3", "Sub3"),
    word_column("country", "Country"),
    word_column("device", "Device"),
    word_column("ip", "Address"),
    word_column("id", "Click id", width=210),
    *(word_column(name, name.capitalize(), is_shown=False) for name in ("os", "browser", "language", "referrer")),
    word_column("user_agent", "Agent", width=260, is_shown=False),
)
