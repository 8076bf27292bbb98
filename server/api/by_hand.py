"""A person's word on several conversions: what it would change and which relays it would owe, before it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.api.data import Data
from server.api.trying import tried
from server.domain.status import Status
from server.errors import NothingMatched
from server.pipeline import conversion
from server.storage.tables import ConversionRow, DestinationRow, RelayRow


@dataclass(frozen=True, slots=True)
class OwedRelay:
    """A relay that the change owes: `reason` says why one is not to be sent."""

    destination: str
    status: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One conversion before and after a person's word."""

    conversion: int
    before: str
    after: str
    relays: tuple[OwedRelay, ...]


def preview_statuses(data: Data, statuses: Mapping[int, str]) -> list[Spoken]:
    return tried(data, _setting(data, statuses))


def set_statuses(data: Data, statuses: Mapping[int, str]) -> list[Spoken]:
    """All of them or none; each is an entry of its conversion's history."""
    return data.database.write(_setting(data, statuses))


def preview_accepting(data: Data, conversion_ids: Sequence[int]) -> list[Spoken]:
    return tried(data, _accepting(data, conversion_ids))


def accept_all_late(data: Data, conversion_ids: Sequence[int]) -> list[Spoken]:
    return data.database.write(_accepting(data, conversion_ids))


def _setting(data: Data, statuses: Mapping[int, str]) -> Callable[[Connection], list[Spoken]]:
    ground = data.ground()

    def say(connection: Connection, conversion_id: int) -> None:
        conversion.set_status(connection, conversion_id, Status(statuses[conversion_id]), ground)

    return lambda connection: [_spoken(connection, number, say) for number in statuses]


def _accepting(data: Data, conversion_ids: Sequence[int]) -> Callable[[Connection], list[Spoken]]:
    ground = data.ground()

    def say(connection: Connection, conversion_id: int) -> None:
        if _kept(connection, conversion_id) == "late":
            conversion.accept_late(connection, conversion_id, ground)

    return lambda connection: [_spoken(connection, number, say) for number in conversion_ids]


def _spoken(connection: Connection, conversion_id: int, say: Callable[[Connection, int], None]) -> Spoken:
    before, known = _status(connection, conversion_id), _newest_relay(connection, conversion_id)
    say(connection, conversion_id)
    query = (
        select(DestinationRow.key, RelayRow.status, RelayRow.state, RelayRow.reason)
        .join(DestinationRow, DestinationRow.id == RelayRow.destination_id)
        .where(RelayRow.conversion_id == conversion_id, RelayRow.id > known)
        .order_by(RelayRow.id)
    )
    owed = tuple(OwedRelay(*row) for row in connection.execute(query))
    return Spoken(conversion_id, before, _status(connection, conversion_id), owed)


def _status(connection: Connection, conversion_id: int) -> str:
    status = connection.scalar(select(ConversionRow.status).where(ConversionRow.id == conversion_id))
    if status is None:
        raise NothingMatched(f"There is no conversion {conversion_id}.")
    return status


def _kept(connection: Connection, conversion_id: int) -> str | None:
    return connection.scalar(select(ConversionRow.kept).where(ConversionRow.id == conversion_id))


def _newest_relay(connection: Connection, conversion_id: int) -> int:
    query = select(RelayRow.id).where(RelayRow.conversion_id == conversion_id).order_by(RelayRow.id.desc()).limit(1)
    return connection.scalar(query) or 0
