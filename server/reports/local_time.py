"""A moment by the clock of a time zone, as SQL: every database gets the same few offsets, worked out here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, case, literal_column

from server.clock import DAY, MINUTE, SECOND
from server.domain.click_id import first_key, key_time
from server.storage.tables import ClickRow, ConversionRow

_KEYS_A_MILLISECOND = first_key(key_time(0) + 1)


class Offset(NamedTuple):
    """What a zone's clock is ahead of UTC, until the next begins."""

    since: int
    ahead: int


class Moment(NamedTuple):
    """Of a click or a conversion, in milliseconds of the zone's clock."""

    zone: ZoneInfo
    since: int  # all that is asked for lies in here
    until: int

    def of_click(self) -> Any:
        return self._local(ClickRow.id // number(_KEYS_A_MILLISECOND) + number(key_time(0)))

    def of_conversion(self) -> Any:
        return self._local(ConversionRow.time)

    def _local(self, moment: Any) -> Any:
        first, *later = offsets(self.zone, self.since // DAY, self.until // DAY + 1)
        if not later:
            return moment + number(first.ahead)
        branches = [(moment >= number(one.since), number(one.ahead)) for one in reversed(later)]
        return moment + case(*branches, else_=number(first.ahead))


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first_day: int, last_day: int) -> Sequence[Offset]:
    """From the start of the first day to that of the last, in UTC."""
    found = [Offset(first_day * DAY, _ahead(zone, first_day * DAY))]
    for day in range(first_day, last_day):
        ahead = _ahead(zone, (day + 1) * DAY)
        if ahead != found[-1].ahead:
            found.append(Offset(_beginning(zone, day * DAY, (day + 1) * DAY), ahead))
    return tuple(found)


def number(value: int) -> Any:
    """Written out: PostgreSQL takes two equal expressions with values for two."""
    return literal_column(str(value), BigInteger)


def _beginning(zone: ZoneInfo, before: int, after: int) -> int:
    """To the minute: where between the two the clock was put to what it says after."""
    wanted = _ahead(zone, after)
    while after - before > MINUTE:
        middle = (before + after) // 2 // MINUTE * MINUTE
        before, after = (before, middle) if _ahead(zone, middle) == wanted else (middle, after)
    return after


def _ahead(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment // SECOND, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) * SECOND if offset else 0
