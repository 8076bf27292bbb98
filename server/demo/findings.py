"""What Tallyback says in the end, asked the way its commands ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.api import lists
from server.api.data import Data
from server.api.lists import Filters
from server.api.reports import report
from server.demo.ad_network import AdNetwork
from server.demo.ledger import Told
from server.demo.story import Booking
from server.domain.status import Status

OPEN = ("waiting", "sending", "failed")
_EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Heard:
    """What the simulated sources heard, all together."""

    told: Mapping[str, Told]  # by the relay's key
    requests: int
    refused: int
    repeats: int
    unheard: Sequence[str]


@dataclass(frozen=True, slots=True)
class Findings:
    costs: Mapping[str, Decimal]  # by click id
    totals: Mapping[str, Any]  # of `report`
    bookings: Mapping[str, Sequence[Booking]]  # by click id, as `conversions` lists them
    outcomes: Counter[str]
    warnings: Counter[str]
    relays: Counter[str]  # by state
    keys: Sequence[str]  # of the relays that were delivered
    attempts: int
    complaints: Sequence[str]  # of the server about itself


def totals_of(data: Data) -> Mapping[str, Any]:
    return report(data, ["campaign"]).total


def open_relays(data: Data) -> bool:
    return any(next(lists.relays_list(data, Filters(state=state, limit=1)), None) for state in OPEN)


def findings_of(data: Data, complaints: Sequence[str]) -> Findings:
    postbacks = list(lists.postbacks(data, _EVERYTHING))
    relays = list(lists.relays_list(data, _EVERYTHING))
    bookings: dict[str, list[Booking]] = {}
    for row in lists.conversions(data, _EVERYTHING):
        bookings.setdefault(row["click"], []).append(_booking(row))
    return Findings(
        costs={row["id"]: Decimal(row["cost"]) for row in lists.clicks(data, _EVERYTHING)},
        totals=totals_of(data),
        bookings=bookings,
        outcomes=Counter(row["outcome"] for row in postbacks),
        warnings=Counter(warning for row in postbacks for warning in row["warnings"]),
        relays=Counter(row["state"] for row in relays),
        keys=[row["key"] for row in relays if row["state"] == "delivered"],
        attempts=sum(len(row["history"]) for row in relays),
        complaints=complaints,
    )


def heard_by(ad_networks: Sequence[AdNetwork]) -> Heard:
    return Heard(
        told={key: told for one in ad_networks for key, told in one.told.items()},
        requests=sum(one.heard for one in ad_networks),
        refused=sum(len(one.refused) for one in ad_networks),
        repeats=sum(one.repeats for one in ad_networks),
        unheard=[line for one in ad_networks for line in one.unheard],
    )


def _booking(row: Mapping[str, Any]) -> Booking:
    payout = Decimal(row["payout"] or "0")
    return Booking(Status(row["status"]), payout, Decimal(row["net"]), row["currency"], row["kept"])
