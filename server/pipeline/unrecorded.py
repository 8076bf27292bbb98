"""What came and could be recorded nowhere: counted while it lasts, and written down as downtime when it can be."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from server.clock import MINUTE
from server.storage.tables import DowntimeRow

SPOOL_FULL = "spool_full"
NOT_APPLIED = "not_applied"  # it lay in the spool, and the database would not have it
_SAME = MINUTE  # no longer between two of them, and they are one

What = Literal["click", "postback"]


@dataclass(frozen=True, slots=True)
class Downtime:
    why: str
    began_at: int
    ended_at: int
    clicks: int
    postbacks: int

    def and_then(self, other: Downtime) -> Downtime:
        return Downtime(
            self.why,
            min(self.began_at, other.began_at),
            max(self.ended_at, other.ended_at),
            self.clicks + other.clicks,
            self.postbacks + other.postbacks,
        )


def missing(why: str, what: What, number: int, now: int) -> Downtime:
    return Downtime(why, now, now, number if what == "click" else 0, number if what == "postback" else 0)


class Unrecorded:
    """What found no room in the spool since this was last written down. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._downtime: Downtime | None = None

    @property
    def downtime(self) -> Downtime | None:
        return self._downtime

    def add(self, downtime: Downtime) -> None:
        with self._lock:
            self._downtime = self._downtime.and_then(downtime) if self._downtime else downtime

    def take(self) -> Downtime | None:
        """To be written, and to be added again where that fails."""
        with self._lock:
            taken, self._downtime = self._downtime, None
            return taken


def write(connection: Connection, downtime: Downtime) -> None:
    """What goes on soon after the last of its kind has ended is the same downtime."""
    is_same = (
        (DowntimeRow.why == downtime.why)
        & (DowntimeRow.ended_at >= downtime.began_at - _SAME)
        & (DowntimeRow.began_at <= downtime.ended_at + _SAME)
    )
    last = connection.execute(
        select(*DowntimeRow.__table__.columns).where(is_same).order_by(DowntimeRow.id.desc()).limit(1)
    ).one_or_none()
    columns = {"began_at": downtime.began_at, "ended_at": downtime.ended_at}
    columns |= {"clicks": downtime.clicks, "postbacks": downtime.postbacks}
    if last is None:
        connection.execute(insert(DowntimeRow).values(why=downtime.why, **columns))
        return
    columns = {
        "began_at": min(last.began_at, downtime.began_at),
        "ended_at": max(last.ended_at, downtime.ended_at),
        "clicks": (last.clicks or 0) + downtime.clicks,
        "postbacks": (last.postbacks or 0) + downtime.postbacks,
    }
    connection.execute(update(DowntimeRow).where(DowntimeRow.id == last.id).values(**columns))
