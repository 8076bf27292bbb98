"""The columns of the clicks."""

from __future__ import annotations

from app.desk import Desk
from app.figures import NONE, ago, exact, money
from app.theme import Tone
from app.widgets.rows import Column
from server.api.lists import Shown


def _text(name: str) -> Column:
    heading = name.replace("_", " ").capitalize()
    return Column(name, heading, lambda row, _desk: str(row[name]) if row[name] is not None else NONE)


def _time(row: Shown, desk: Desk) -> str:
    return ago(row["time"], desk.data.clock())


def _where(row: Shown, _desk: Desk) -> str:
    return row["offer"] or row["landing"] or NONE


COLUMNS: tuple[Column, ...] = (
    Column("time", "Time", _time, lambda row, desk: exact(row["time"], desk.zone), width=90),
    Column("campaign", "Campaign", lambda row, _desk: row["campaign"] or NONE),
    Column("source", "Source", lambda row, _desk: row["source"] or NONE),
    Column(
        "where",
        "Went to",
        _where,
        lambda row, _desk: row["destination"] or "nowhere",
        tone=lambda row: Tone.PLAIN if row["destination"] else Tone.BAD,
        width=140,
    ),
    Column("external_id", "External id", lambda row, _desk: row["external_id"] or NONE, width=130),
    Column("cost", "Cost", lambda row, _desk: money(row["cost"], row["currency"]), is_number=True, width=100),
    _text("sub1"),
    _text("sub2"),
    _text("sub3"),
    _text("country"),
    _text("device"),
    Column("ip", "Address", lambda row, _desk: row["ip"] or NONE),
    Column("id", "Click id", lambda row, _desk: row["id"], width=210),
    *(Column(c.name, c.heading, c.text, is_shown=False) for c in map(_text, ("os", "browser", "language", "referrer"))),
    Column("user_agent", "Agent", lambda row, _desk: row["user_agent"] or NONE, is_shown=False, width=260),
)
