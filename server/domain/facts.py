"""What the database knows that bears on one postback: its click, its steps, and what was said about it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from server.domain.fold import Entry
from server.domain.things import Offer

Kept = Literal["conflict", "late"]


class Step(NamedTuple):
    """A click's going to an offer."""

    time: int
    offer_id: int
    network_id: int


class KnownClick(NamedTuple):
    key: int
    text: str
    is_test: bool
    source_key: str
    has_external_id: bool
    steps: Sequence[Step]  # in order of time


@dataclass(frozen=True, slots=True)
class KnownConversion:
    id: int
    click_key: int
    click_text: str
    identity: bytes
    txn_id: str | None
    event: str | None
    kept: Kept | None
    entries: Sequence[Entry]
    offer_id: int


class Facts(NamedTuple):
    """What the database knows that bears on one postback."""

    postback_id: int
    arrived_at: int
    click: KnownClick | None = None
    suggestion: str | None = None  # the click that a damaged id could have been
    of_transaction: KnownConversion | None = None
    of_conflict: KnownConversion | None = None
    of_click: Sequence[KnownConversion] = ()  # same click, network and event, oldest first
    offers: Mapping[int, Offer] = MappingProxyType({})
    base_currency: str = "USD"
    without_rate: frozenset[str] = frozenset()  # currencies that could be meant and lead to no base amount
