"""A person's hand on the relays: sent again or at once, a destination paused or let go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.api import editing
from server.api.data import Data
from server.api.history import DESKTOP
from server.domain.delivery import DEAD, FAILED, HELD, WAITING
from server.errors import NothingMatched
from server.pipeline import outbox, relay
from server.storage.tables import DestinationRow, RelayRow

SENT_AGAIN = (DEAD, HELD, FAILED, WAITING)  # what was delivered is not sent again, what was skipped never was owed
_SOURCE = "source:"


@dataclass(frozen=True, slots=True)
class Paused:
    """A destination that is not spoken to, why, and how many relays wait for it."""

    destination: str
    why: str
    held: int


def send_again(data: Data, relay_ids: Sequence[int]) -> list[int]:
    """Due now, with the same keys and a fresh count; a paused destination of theirs is spoken to again."""

    def job(connection: Connection) -> list[int]:
        query = select(RelayRow.id, RelayRow.destination_id).where(
            RelayRow.id.in_(relay_ids), RelayRow.state.in_(SENT_AGAIN)
        )
        rows = connection.execute(query.order_by(RelayRow.id)).all()
        for destination_id in {row.destination_id for row in rows}:
            relay.resume_destination(connection, destination_id)
        now = data.clock()
        for row in rows:
            relay.send_again(connection, row.id, now)
        return [row.id for row in rows]

    return data.database.write(job)


def paused(data: Data) -> list[Paused]:
    held = (
        select(func.count())
        .where(RelayRow.destination_id == DestinationRow.id, RelayRow.state == HELD)
        .correlate(DestinationRow)
        .scalar_subquery()
    )
    query = select(DestinationRow.key, DestinationRow.paused, held).where(DestinationRow.paused.is_not(None))
    with data.database.read() as connection:
        return [Paused(*row) for row in connection.execute(query.order_by(DestinationRow.key))]


def pause(data: Data, destination: str) -> None:
    """What is due is held, and what comes; a source's setup says so too."""
    _say_in_setup(data, destination, is_paused=True)

    def job(connection: Connection) -> None:
        row = outbox.destination_row(connection, destination)
        if row.paused is None:
            relay.pause(connection, row.id, outbox.PAUSED_BY_SETUP, data.clock())

    data.database.write(job)


def resume(data: Data, destination: str) -> int:
    """How many relays had been held and go now."""

    def job(connection: Connection) -> int:
        row = connection.execute(select(DestinationRow.id).where(DestinationRow.key == destination)).one_or_none()
        if row is None:
            raise NothingMatched(f"There is no destination {destination}.")
        return relay.resume(connection, row.id, data.clock())

    count = data.database.write(job)
    _say_in_setup(data, destination, is_paused=False)
    return count


def _say_in_setup(data: Data, destination: str, *, is_paused: bool) -> None:
    """`relay.paused` of a source is the owner's own hand: the two must not say different things."""
    key = destination.removeprefix(_SOURCE)
    if not destination.startswith(_SOURCE) or key not in data.setup().sources:
        return
    spec = editing.read(data, "source", key)
    if spec.get("relay", {}).get("paused", False) is not is_paused:
        changed = {**spec, "relay": {**spec.get("relay", {}), "paused": is_paused}}
        editing.save(data, "source", key, changed, spec, DESKTOP)
