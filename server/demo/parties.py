"""Who takes part in the demo: two sources, two networks with words of their own, four offers, two campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from server.domain.status import Status


@dataclass(frozen=True, slots=True)
class Source:
    """An ad network that sells clicks: its macros, and the statuses of which it wants to hear."""

    key: str
    method: str
    external_id: str
    cost: str
    relayed: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Who pays: our fields and statuses in its own words."""

    key: str
    token: str
    has_time: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[Status, str] = field(default_factory=dict)

    def parameter(self, field_name: str) -> str:
        return self.params.get(field_name, field_name)

    def word(self, status: str) -> str:
        return next((word for ours, word in self.words.items() if ours == status), status)


@dataclass(frozen=True, slots=True)
class Offer:
    key: str
    network: str
    price: Decimal
    currency: str
    add_on: Decimal  # what its event `upsell` pays


@dataclass(frozen=True, slots=True)
class Campaign:
    key: str
    source: Source
    network: Network
    cost: Decimal  # of a click whose source does not say


POPWAVE = Source("popwave", "GET", external_id="${SUBID}", cost="{bid}", relayed=(Status.APPROVED,))
SOCIALO = Source(
    key="socialo",
    method="POST",
    external_id="{{click.id}}",
    cost="{{cost}}",
    relayed=(Status.APPROVED, Status.REJECTED, Status.REFUNDED, Status.CHARGED_BACK),
)
SOURCES = (POPWAVE, SOCIALO)

HARBOR = Network(
    key="harbor",
    token="harbor-demo-token",
    params={
        "click_id": "ref",
        "payout": "commission",
        "currency": "ccy",
        "txn_id": "order",
        "status": "state",
        "event": "action",
    },
    words={
        Status.PENDING: "noted",
        Status.APPROVED: "settled",
        Status.REJECTED: "turned down",
        Status.REFUNDED: "sent back",
        Status.CHARGED_BACK: "disputed",
    },
)
PLAINPAY = Network(key="plainpay", token="plainpay-demo-token", has_time=True)
NETWORKS = (HARBOR, PLAINPAY)

OFFERS = {
    offer.key: offer
    for offer in (
        Offer("vpn", "harbor", Decimal("32.00"), "USD", Decimal("12.50")),
        Offer("savings", "harbor", Decimal("7.40"), "USD", Decimal("2.15")),
        Offer("survey", "plainpay", Decimal("3.25"), "USD", Decimal("1.05")),
        Offer("course", "plainpay", Decimal("18.90"), "EUR", Decimal("6.30")),
    )
}

SUMMER = Campaign("summer", POPWAVE, HARBOR, Decimal("0.0110"))
QUIZ = Campaign("quiz", SOCIALO, PLAINPAY, Decimal("0.0240"))
CAMPAIGNS = (SUMMER, QUIZ)


def other_than(network: Network) -> Network:
    return next(one for one in NETWORKS if one is not network)
