"""The runs of a server on this data: each has a heartbeat, and what one that is gone had under way is taken back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from server.clock import SECOND
from server.domain.click_id import SERVERS
from server.domain.delivery import HELD, SENDING, WAITING
from server.domain.things import Setup
from server.pipeline.outbox import template_of
from server.storage.tables import AttemptRow, BootRow, DestinationRow, RelayRow

HEARTBEAT_MS = 10 * SECOND
GONE_AFTER_MS = 6 * HEARTBEAT_MS
AMBIGUOUS = "ambiguous: the server was stopped before the answer came"
HELD_AS_AMBIGUOUS = "ambiguous_stopped"


@dataclass(frozen=True, slots=True)
class Boot:
    """One run of a server, under a number that no other living one has."""

    id: str
    number: int
    started_at: int
    is_alone: bool  # something else proves that no other server is on this data


def register(connection: Connection, boot_id: str, setup: Setup, now: int, *, is_alone: bool) -> Boot:
    bury(connection, boot_id, setup, now, is_alone=is_alone)
    taken = set(connection.scalars(select(BootRow.number)))
    boot = Boot(boot_id, next(number for number in range(SERVERS) if number not in taken), now, is_alone)
    _insert(connection, boot, now)
    return boot


def beat(connection: Connection, boot: Boot, setup: Setup, now: int) -> None:
    """One that was silent so long that the others took it for gone is back by this."""
    beaten = connection.execute(update(BootRow).where(BootRow.id == boot.id).values(heartbeat_at=now))
    if not beaten.rowcount:
        _insert(connection, boot, now)
    if not boot.is_alone:
        bury(connection, boot.id, setup, now, is_alone=False)


def end(connection: Connection, boot: Boot) -> None:
    connection.execute(delete(BootRow).where(BootRow.id == boot.id))


def bury(connection: Connection, own_id: str, setup: Setup, now: int, *, is_alone: bool) -> int:
    """Forgets the runs that are gone; how many relays they had under way."""
    is_silent = or_(BootRow.heartbeat_at < now - GONE_AFTER_MS, BootRow.heartbeat_at > now + GONE_AFTER_MS)
    is_gone = BootRow.id != own_id if is_alone else and_(BootRow.id != own_id, is_silent)
    connection.execute(delete(BootRow).where(is_gone))
    return take_back(connection, [own_id, *connection.scalars(select(BootRow.id))], setup, now)


def take_back(connection: Connection, living: list[str], setup: Setup, now: int) -> int:
    """What they had begun may have arrived: it is sent again with the same key, or held where the source says so."""
    known = RelayRow.destination_id.in_(select(DestinationRow.id))  # all of them: the index begins with it
    rows = connection.execute(
        select(RelayRow.id, DestinationRow.key, DestinationRow.paused)
        .join(DestinationRow, DestinationRow.id == RelayRow.destination_id)
        .where(known, RelayRow.state == SENDING, RelayRow.lease_owner.not_in(living))
    ).all()
    for row in rows:
        connection.execute(
            update(AttemptRow)
            .where(AttemptRow.relay_id == row.id, AttemptRow.result == SENDING)
            .values(result=AMBIGUOUS)
        )
        template = template_of(row.key, setup)
        is_held = template is not None and template.on_ambiguous == "hold"
        held = row.paused or (HELD_AS_AMBIGUOUS if is_held else None)
        waits = {"state": WAITING} if held is None else {"state": HELD, "reason": held, "held_at": now}
        token = RelayRow.lease_token + 1
        connection.execute(
            update(RelayRow).where(RelayRow.id == row.id).values(next_at=now, delay=0, lease_token=token, **waits)
        )
    return len(rows)


def _insert(connection: Connection, boot: Boot, now: int) -> None:
    values = {"id": boot.id, "number": boot.number, "started_at": boot.started_at, "heartbeat_at": now}
    connection.execute(insert(BootRow).values(**values))
