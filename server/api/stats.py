"""`stats`: what the running server has done since its start, and what lies in the data."""

from __future__ import annotations

import json
import threading
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from server.api.looking import Look, looked_at
from server.clock import DAY, SECOND
from server.domain.click_id import first_key
from server.domain.moment import iso
from server.pipeline.due import next_due
from server.storage import dialect
from server.storage.tables import ClickRow, ConversionRow, DestinationRow, DowntimeRow, PostbackRow, RelayRow

PATIENCE_S = 5.0  # for what a large database takes long to count
_FORGETTABLE = ("pid", "started_at", "told_at", "process", "spool")


def stats(folder: str | None, url: str | None) -> dict[str, Any]:
    """`server` and `since_start` are None where no server runs."""
    with looked_at(folder, url) as look:
        told = _told(look)
        since_start = {name: value for name, value in told.items() if name not in _FORGETTABLE} if told else None
        return {"server": _server(look, told), "since_start": since_start, "data": _data(look)}


def _told(look: Look) -> dict[str, Any] | None:
    """The word of the server that runs: of another, or none yet, there is nothing."""
    if look.server is None:
        return None
    try:
        told: dict[str, Any] = json.loads(look.folder.stats_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return told if told.get("pid") == look.server.pid else None


def _server(look: Look, told: dict[str, Any] | None) -> dict[str, Any] | None:
    if look.server is None:
        return None
    host = f"[{look.server.host}]" if ":" in look.server.host else look.server.host
    server: dict[str, Any] = {"pid": look.server.pid, "url": f"http://{host}:{look.server.port}"}
    if told is None:
        return server
    return server | {
        "started": iso(told["started_at"]),
        "uptime_s": max(0, told["told_at"] - told["started_at"]) // SECOND,
        "age_s": max(0, look.clock() - told["told_at"]) // SECOND,
        "memory_bytes": told["process"]["memory"],
        "descriptors": told["process"]["descriptors"],
        "spool": told["spool"],
    }


def _data(look: Look) -> dict[str, Any]:
    now = look.clock()
    with look.read() as connection:
        due = next_due(connection)
        found: dict[str, Any] = {
            "outbox_age_s": max(0, now - due) // SECOND if due is not None else 0,
            "paused": [
                {"destination": row.key, "reason": row.paused}
                for row in connection.execute(
                    select(DestinationRow.key, DestinationRow.paused).where(DestinationRow.paused.is_not(None))
                )
            ],
        }
        database, log = _sizes(look, connection)
    found |= {"database_bytes": database, "wal_bytes": log}
    found["clicks_last_day"] = _counted(look, ClickRow.id >= first_key(now - DAY))
    found["postbacks"] = _by(look, PostbackRow.outcome)
    found["conversions"] = _by(
        look, case((ConversionRow.kept.is_(None), ConversionRow.status), else_=ConversionRow.kept)
    )
    found["relays"] = _by(look, RelayRow.state)
    with look.read() as connection:
        unrecorded = select(func.sum(DowntimeRow.clicks), func.sum(DowntimeRow.postbacks))
        clicks, postbacks = connection.execute(unrecorded).one()
    found["unrecorded"] = {"clicks": clicks or 0, "postbacks": postbacks or 0}
    return found


def _counted(look: Look, which: ColumnElement[bool]) -> int | None:
    rows = _within_patience(look, select(func.count()).select_from(ClickRow).where(which))
    return rows[0][0] if rows else None


def _by(look: Look, word: ColumnElement[str] | Any) -> dict[str, int] | None:
    rows = _within_patience(look, select(word, func.count()).group_by(word).order_by(func.count().desc()))
    return {row[0]: row[1] for row in rows} if rows is not None else None


def _within_patience(look: Look, query: Any) -> list[Any] | None:
    """None where it would take too long."""
    is_over = threading.Event()
    timer = threading.Timer(PATIENCE_S, is_over.set)
    timer.start()
    try:
        with look.read() as connection, dialect.stopped_by(is_over, connection):
            return list(connection.execute(query))
    except SQLAlchemyError:
        if is_over.is_set():
            return None
        raise
    finally:
        timer.cancel()
        timer.join()


def _sizes(look: Look, connection: Connection) -> tuple[int | None, int | None]:
    """Of the database and of the log before it, in bytes."""
    file = look.database_file
    if file is None:
        return connection.scalar(text("SELECT pg_database_size(current_database())")), None
    log = file.with_name(f"{file.name}-wal")
    return file.stat().st_size, log.stat().st_size if log.exists() else 0
