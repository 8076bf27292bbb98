"""What is going on right now, in a few numbers, and how many things on each page need a hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from server.api.data import Data
from server.clock import DAY, MINUTE
from server.domain.click_id import first_key
from server.domain.outcome import Outcome
from server.storage.tables import ClickRow, ConversionRow, PostbackRow, RelayRow

UNATTRIBUTED = [
    outcome.value
    for outcome in Outcome
    if outcome not in (Outcome.ACCEPTED, Outcome.UPDATED, Outcome.DUPLICATE, Outcome.STALE, Outcome.TEST)
]


@dataclass(frozen=True, slots=True)
class Status:
    clicks_last_minute: int
    relays_waiting: int
    needs_attention: Mapping[str, int]  # by page


def status(data: Data) -> Status:
    now = data.clock()
    with data.database.read() as connection:

        def count(table: type, *conditions: object) -> int:
            return int(connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0)  # type: ignore[arg-type]

        return Status(
            clicks_last_minute=count(ClickRow, ClickRow.id >= first_key(now - MINUTE), ClickRow.test_echo.is_(None)),
            relays_waiting=count(RelayRow, RelayRow.state.in_(("waiting", "sending", "failed"))),
            needs_attention={
                "postbacks": count(PostbackRow, PostbackRow.time >= now - DAY, PostbackRow.outcome.in_(UNATTRIBUTED)),
                "relays": count(RelayRow, RelayRow.state.in_(("held", "dead"))),
                "conversions": count(ConversionRow, ConversionRow.kept.in_(("late", "conflict"))),
            },
        )
