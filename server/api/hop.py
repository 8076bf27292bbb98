"""One step of a test of the loop: what was sent, what came back, whether that is right, and what to mend where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.relays.probe import Fetched

MOST_SHOWN = 200


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"  # the loop closes, but somebody should look
    RED = "red"


@dataclass(frozen=True, slots=True)
class Mend:
    """What to do, and what to open for it: campaign, offer, network, source, relays, domain or server."""

    remedy: str = ""
    thing: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One address on the way to the offer's page; status 0 where nothing answered."""

    url: str
    status: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Hop:
    name: str  # click, go, offer, postback, relay
    sent: str
    answer: str
    milliseconds: int | None  # None where nothing was sent
    colour: Colour
    says: str
    mend: Mend = Mend()
    steps: Sequence[Step] = ()

    @property
    def is_good(self) -> bool:
        return self.colour is not Colour.RED


def answer_of(came: Fetched) -> str:
    return f"{came.status} {came.location or came.text[:MOST_SHOWN]}".strip() if came.status else came.text[:MOST_SHOWN]


def red(name: str, sent: str, came: Fetched | None, says: str, mend: Mend) -> Hop:
    if came is None:
        return Hop(name, sent, "", None, Colour.RED, says, mend)
    return Hop(name, sent, answer_of(came), came.milliseconds, Colour.RED, says, mend)


def green(name: str, sent: str, came: Fetched, says: str) -> Hop:
    return Hop(name, sent, answer_of(came), came.milliseconds, Colour.GREEN, says)
