"""Which relays a change of a conversion owes its source, and why one is not sent."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

from server.domain.money import share_of
from server.domain.status import Status
from server.domain.things import WHOLE, RelayTemplate

_BUCKETS = 10_000
_BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _BASE_32 for second in _BASE_32]
_SHIFTS = range(120, -1, -10)  # 26 characters, two by two


class Told(NamedTuple):
    """What is known of the conversion when the relay is owed."""

    status: Status
    event: str | None
    payout: int
    currency: str
    has_external_id: bool
    is_test: bool


class Owed(NamedTuple):
    """A relay that is owed; one with a reason is kept as skipped."""

    key: str
    payout: int  # the share that the source is told
    skip: str | None


def relay_key(conversion_id: int, status: Status, revision: int, destination: str) -> str:
    """The relay's own id, the same in every attempt, so that the other side can tell a repetition.

    It begins with the conversion's number: new ones lie side by side in the index, and not all over it.
    """
    number = conversion_id << 64 | _digest(status, revision, destination)
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


@lru_cache(maxsize=256)  # mostly the same few
def _digest(status: Status, revision: int, destination: str) -> int:
    parts = f"{status}:{revision}:{destination}"
    return int.from_bytes(hashlib.blake2b(parts.encode(), digest_size=8).digest())


def owed(template: RelayTemplate, told: Told, key: str, *, sent_today: int) -> Owed:
    payout = share_of(told.payout, template.share)
    return Owed(key, payout, None if told.is_test else _skip(template, told, payout, key, sent_today))


def _skip(template: RelayTemplate, told: Told, payout: int, key: str, sent_today: int) -> str | None:
    """The first reason not to send, None where there is none."""
    if not template.url:
        return "no_relay_url"
    if told.status not in template.statuses:
        return "status_not_relayed"
    if template.folded_events is not None and (told.event or "").casefold() not in template.folded_events:
        return "event_not_relayed"
    if not told.has_external_id and template.tells_external_id:
        return "no_external_id"
    if template.is_to_be_filled_in:
        return "not_filled_in"
    if payout < template.minimum:
        return "below_minimum"
    if not _is_in_sample(key, template.sample):
        return "not_in_sample"
    if template.cap is not None and sent_today >= template.cap:
        return "over_cap"
    return None


def _is_in_sample(key: str, sample: int) -> bool:
    """By the relay's key, so that asking again gives the same answer."""
    if sample >= WHOLE:
        return True
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % _BUCKETS < sample * _BUCKETS // WHOLE
