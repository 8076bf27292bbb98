"""Replays: stored receipts judged again by today's setup, relays sent again; always with a preview first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, select

from server.api import lists
from server.api.data import Data
from server.api.listings import Filters, relays_query
from server.api.trying import tried
from server.domain.outcome import Outcome
from server.pipeline import attribution, relay
from server.pipeline.attribution import Received
from server.pipeline.ground import Ground
from server.pipeline.outbox import of_click
from server.storage.tables import ConversionRow, PostbackRow, RelayRow

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """One receipt before and after, and the relays that its conversion came to owe by it."""

    postback: int
    before: str
    after: str
    conversion: int | None
    relays: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.before != self.after or bool(self.relays)


def replay_postbacks(
    data: Data, filters: Filters, *, is_preview: bool = False, withhold: bool = False
) -> Iterator[Replayed]:
    """Oldest first, as they arrived; a preview does the same and takes it all back.

    What came without the right token may be forged: it is judged again only where that outcome is asked for by name.
    """
    is_vouched_for = filters.outcome == Outcome.UNAUTHORISED
    found = lists.postbacks(data, filters)
    ids = [row["id"] for row in found if is_vouched_for or row["outcome"] != Outcome.UNAUTHORISED]
    yield from replay_receipts(data, ids, is_preview=is_preview, withhold=withhold)


def replay_receipts(
    data: Data, postback_ids: Sequence[int], *, is_preview: bool = False, withhold: bool = False
) -> Iterator[Replayed]:
    ids = sorted(postback_ids)
    ground = data.ground()

    def job(connection: Connection, page: list[int]) -> list[Replayed]:
        query = select(*PostbackRow.__table__.columns).where(PostbackRow.id.in_(page)).order_by(PostbackRow.id)
        rows = connection.execute(query).all()
        return [replayed for row in rows if (replayed := _replay(connection, row, ground, withhold=withhold))]

    if is_preview:
        yield from tried(data, partial(job, page=ids))
        return
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        yield from data.database.write(partial(job, page=page))


def replay_relays(data: Data, filters: Filters) -> list[int]:
    """What is dead, held or waiting to be tried again is due now; what was delivered is not sent again."""
    query = relays_query(filters, data.ground()).where(RelayRow.state.in_(("dead", "held", "failed")))

    def job(connection: Connection) -> list[int]:
        rows = connection.execute(query.order_by(RelayRow.id).limit(filters.limit)).all()
        now = data.clock()
        for destination_id in {row.destination_id for row in rows}:
            relay.resume_destination(connection, destination_id)
        for row in rows:
            relay.send_again(connection, row.id, now)
        return [row.id for row in rows]

    return data.database.write(job)


def _replay(connection: Connection, row: Row[Any], ground: Ground, *, withhold: bool) -> Replayed | None:
    before = set(connection.scalars(_owed(row.click_id)).all()) if row.click_id is not None else set()
    received = attribution.replay(connection, row, ground, withhold=withhold)
    if received is None:
        return None
    after = set(connection.scalars(_owed(_click_of(connection, received, row))).all())
    return Replayed(row.id, row.outcome, received.outcome.value, received.conversion_id, tuple(sorted(after - before)))


def _click_of(connection: Connection, received: Received, row: Row[Any]) -> int | None:
    if received.conversion_id is None:
        return row.click_id if row.click_id is None else int(row.click_id)
    return connection.scalar(select(ConversionRow.click_id).where(ConversionRow.id == received.conversion_id))


def _owed(click_id: int | None) -> Any:
    """The relays of a click that will leave the machine."""
    return select(RelayRow.key).where(of_click(click_id), RelayRow.state != "skipped")
