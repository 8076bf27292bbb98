"""Who came lately, by the clicks: from it a server that starts knows who returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from server.clock import DAY
from server.domain.click_id import MAX_KEY, first_key, key_time
from server.storage.tables import ClickRow


class Came(NamedTuple):
    key: int  # of the click
    time: int
    campaign_id: int
    ip: str
    user_agent: str | None


def visits_before(connection: Connection, key: int, now: int, most: int) -> Sequence[Came]:
    """Those of the last day that came before this click, the newest first; a browser that loads ahead is nobody."""
    rows = connection.execute(
        select(ClickRow.id, ClickRow.campaign_id, ClickRow.ip, ClickRow.user_agent)
        .where(ClickRow.id < key, ClickRow.id >= first_key(now - DAY))
        .where(or_(ClickRow.bot.is_(None), ClickRow.bot != "prefetch"))
        .order_by(ClickRow.id.desc())
        .limit(most)
    )
    return [Came(row.id, key_time(row.id), row.campaign_id, row.ip or "", row.user_agent) for row in rows]


LATEST = MAX_KEY
