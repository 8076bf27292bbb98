"""What of the outbox is due, asked so that it costs the same however much waits there and was delivered before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from server.domain.delivery import FAILED, WAITING
from server.storage.tables import AttemptRow, DestinationRow, RelayRow

STATES = (WAITING, FAILED)

_FIRST_DUE = (
    select(*RelayRow.__table__.columns)
    .where(
        RelayRow.destination_id == bindparam("destination"),
        RelayRow.state == bindparam("in_state"),
        RelayRow.next_at <= bindparam("now"),
    )
    .order_by(RelayRow.next_at, RelayRow.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Queue:
    """A destination for which something waits."""

    id: int
    key: str
    waits_until: int
    earliest: int  # of its relays


def _earliest(state: str) -> Any:
    mine = (RelayRow.destination_id == DestinationRow.id, RelayRow.state == state)
    return select(func.min(RelayRow.next_at)).where(*mine).scalar_subquery()


_QUEUES = select(
    DestinationRow.id, DestinationRow.key, DestinationRow.waits_until, *(_earliest(state) for state in STATES)
)


def destinations_due(queues: Sequence[Queue], now: int) -> list[Queue]:
    """The destinations that have a relay due and may be spoken to, who has waited longest first."""
    due = [queue for queue in queues if queue.earliest <= now and queue.waits_until <= now]
    return sorted(due, key=lambda queue: queue.earliest)


def next_look(queues: Sequence[Queue], now: int) -> float:
    """When another destination may be spoken to and has a relay due."""
    return min((at for queue in queues if (at := max(queue.earliest, queue.waits_until)) > now), default=math.inf)


def next_due(connection: Connection) -> int | None:
    return min((queue.earliest for queue in queues(connection)), default=None)


def first_due(connection: Connection, destination_id: int, most: int, now: int) -> list[Row[Any]]:
    """A list for each state: the index gives either in order, and both together only after a sort of all."""
    found: list[Row[Any]] = []
    for state in STATES:
        asked = {"destination": destination_id, "in_state": state, "now": now, "most": most}
        found += connection.execute(_FIRST_DUE, asked).all()
    return sorted(found, key=lambda row: (row.next_at, row.id))[:most]


def wait_anew(connection: Connection, now: int) -> None:
    """Once the clock was set back: a wait that began in what is the future now begins again, and lasts no longer."""
    waiting = (RelayRow.destination_id.in_(select(DestinationRow.id)), RelayRow.state.in_(STATES))
    stretched = (RelayRow.next_at > now, RelayRow.next_at > now + RelayRow.delay)
    connection.execute(update(RelayRow).where(*waiting, *stretched).values(next_at=now + RelayRow.delay))
    newest = connection.scalar(select(AttemptRow.time).order_by(AttemptRow.id.desc()).limit(1))
    if newest is not None and newest > now:
        connection.execute(
            update(DestinationRow)
            .where(DestinationRow.waits_until > newest)
            .values(waits_until=DestinationRow.waits_until - newest + now)
        )


def queues(connection: Connection) -> Sequence[Queue]:
    """The destinations for which something waits."""
    found = []
    for id_, key, waits_until, *times in connection.execute(_QUEUES):
        known = [time for time in times if time is not None]
        if known:
            found.append(Queue(id_, key, waits_until, min(known)))
    return found
