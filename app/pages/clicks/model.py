"""The columns of the clicks."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.desk import Desk
from app.figures import NONE
from app.theme import Tone
from app.widgets.column import Column
from app.widgets.columns import money_column, time_column, word_column
from server.api.lists import Shown


def _where(row: Shown, _desk: Desk) -> str:
    return row["offer"] or row["landing"] or NONE


COLUMNS: tuple[Column, ...] = (
    time_column(),
    word_column("campaign", QT_TRANSLATE_NOOP("columns", "Campaign"), width=105, grows=2),
    word_column("source", QT_TRANSLATE_NOOP("columns", "Source"), width=95, grows=2),
    Column(
        "where",
        QT_TRANSLATE_NOOP("columns", "Went to"),
        _where,
        lambda row, _desk: row["destination"] or QCoreApplication.translate("clicks", "nowhere"),
        tone=lambda row: Tone.PLAIN if row["destination"] else Tone.BAD,
        width=110,
        grows=2,
    ),
    word_column("external_id", QT_TRANSLATE_NOOP("columns", "External id"), width=140, grows=1),
    money_column("cost", QT_TRANSLATE_NOOP("columns", "Cost"), decimals=4),
    word_column("sub1", QT_TRANSLATE_NOOP("columns", "Sub 1"), width=85, grows=1),
    word_column("sub2", QT_TRANSLATE_NOOP("columns", "Sub 2"), width=85, grows=1),
    word_column("sub3", QT_TRANSLATE_NOOP("columns", "Sub 3"), is_shown=False),
    word_column("country", QT_TRANSLATE_NOOP("columns", "Country"), is_shown=False),
    word_column("device", QT_TRANSLATE_NOOP("columns", "Device"), is_shown=False),
    word_column("ip", QT_TRANSLATE_NOOP("columns", "IP address"), is_shown=False),
    word_column("id", QT_TRANSLATE_NOOP("columns", "Click id"), width=206),
    word_column("os", QT_TRANSLATE_NOOP("columns", "System"), is_shown=False),
    word_column("browser", QT_TRANSLATE_NOOP("columns", "Browser"), is_shown=False),
    word_column("language", QT_TRANSLATE_NOOP("columns", "Language"), is_shown=False),
    word_column("referrer", QT_TRANSLATE_NOOP("columns", "Referrer"), is_shown=False),
    word_column("user_agent", QT_TRANSLATE_NOOP("columns", "Agent"), width=260, is_shown=False),
)
