"""What the owner sets up: sources, networks, offers, landing pages and campaigns, as the rules see them.

Built from the setup file and the catalog by server.setup; `id` is the row's, 0 where a thing is not stored yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from server.domain.money import MICRO, NumberStyle
from server.domain.paths import Path
from server.domain.status import Status

WHOLE = MICRO  # a share of 100 %
FIELDS = (
    *("click_id", "payout", "sale_amount", "currency", "status", "event", "txn_id", "time"),
    *("custom1", "custom2", "custom3", "custom4", "custom5"),
)
TOKEN = "token"  # noqa: S105 - the parameter's name
ALIASES: Mapping[str, tuple[str, ...]] = {
    "click_id": ("click_id", "clickid", "cid", "subid", "sub_id", "s2", "hit", "aff_sub"),
    "payout": ("payout", "revenue", "amount", "sum"),
    "sale_amount": ("sale_amount",),
    "txn_id": ("txn_id", "txid", "tid", "transaction_id", "order_id"),
    "event": ("event", "goal", "et", "type"),
    "status": ("status",),
    "currency": ("currency", "cur"),
    "time": ("time",),
    **{name: (name,) for name in FIELDS if name.startswith("custom")},
}
_FILL_IN = re.compile(r"\bYOUR_[A-Z0-9_]+")
SUBS = tuple(f"sub{number}" for number in range(1, 21))


@dataclass(frozen=True, slots=True)
class Sub:
    """A sub id: the source's name for it and the macro that fills it."""

    name: str = ""
    token: str = ""


@dataclass(frozen=True)
class RelayTemplate:
    """What a source is told, and when; what follows from its fields is found once, not with every relay."""

    url: str = ""
    method: Literal["GET", "POST", "PUT"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    statuses: Sequence[Status] = (Status.APPROVED,)
    events: Sequence[str] | None = None
    share: int = WHOLE
    minimum: int = 0
    delay: int = 0  # seconds
    sample: int = WHOLE
    cap: int | None = None
    success: str | None = None
    on_payout_change: bool = False
    on_ambiguous: Literal["retry", "hold"] = "retry"
    allow: Sequence[str] = ()
    paused: bool = False
    fill_in: Sequence[str] = ()  # words of a catalog URL that the owner has to replace

    @cached_property
    def folded_events(self) -> frozenset[str] | None:
        return None if self.events is None else frozenset(event.casefold() for event in self.events)

    @cached_property
    def tells_external_id(self) -> bool:
        return "{external_id" in self._whole

    @cached_property
    def is_to_be_filled_in(self) -> bool:
        return _FILL_IN.search(self._whole) is not None

    @property
    def _whole(self) -> str:
        return self.url + self.body + "".join(self.headers.values())


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    id: int = 0
    name: str = ""
    template: str = ""
    external_id: str | None = None
    cost: str | None = None
    cost_currency: str | None = None
    number_style: NumberStyle | None = None  # of the cost
    subs: Mapping[str, Sub] = field(default_factory=dict)
    relay: RelayTemplate = RelayTemplate()


@dataclass(frozen=True, slots=True)
class Signature:
    """A network's HMAC-SHA256 over what it signs, in a header."""

    header: str
    secret: str
    over: Literal["body", "query"] = "body"


@dataclass(frozen=True)
class Network:
    """Who pays for conversions; what follows from its fields is found once, not with every postback."""

    key: str
    id: int = 0
    name: str = ""
    template: str = ""
    token: str = ""
    ips: Sequence[str] = ()
    hmac: Signature | None = None
    currency: str | None = None
    time_zone: str = "UTC"
    number_style: NumberStyle | None = None
    default_status: Status = Status.APPROVED
    payout_from: Literal["postback", "offer"] = "postback"
    last_word_wins: bool = False
    each_postback_counts: bool = False
    txn_prefix: str | None = None
    strict: bool = False
    pixel: bool = False  # a browser may speak for it, and anybody can be one
    macros: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    status_words: Mapping[Status, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def has_time(self) -> bool:
        return "time" in self.params or "time" in self.macros

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """The network's own name for a field where it has one, else the aliases that it uses for nothing else."""
        own = {field_name: (name.casefold(),) for field_name, name in self.params.items() if name}
        taken = {name.casefold() for name in self.params.values()}
        left = {name: tuple(alias for alias in aliases if alias not in taken) for name, aliases in ALIASES.items()}
        return {**left, **own}

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Every parameter name that means something to this network."""
        return frozenset(name for names in self.names.values() for name in names) | {TOKEN}

    @cached_property
    def fields_of(self) -> Mapping[str, Sequence[str]]:
        """The fields that a parameter of this name can fill."""
        return {known: [one for one, names in self.names.items() if known in names] for known in self.known_names}

    @cached_property
    def maps_amount(self) -> bool:
        """Whether `amount` has a meaning of the network's own."""
        return "amount" in (name.casefold() for name in self.params.values())

    @cached_property
    def click_names(self) -> tuple[str, ...]:
        """Where its click id is expected, in this order."""
        return tuple(dict.fromkeys((*self.names["click_id"], *ALIASES["click_id"])))


@dataclass(frozen=True, slots=True)
class Payout:
    """What an offer pays: an amount, or a share of the sale (one of the two)."""

    micros: int | None = None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    alternative: str
    conversions: int | None = None
    clicks: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    key: str
    network: str
    url: str
    id: int = 0
    name: str = ""
    payout: Payout | None = None
    currency: str | None = None
    events: Mapping[str, Payout] = field(default_factory=dict)
    window_days: int | None = None
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class Landing:
    key: str
    url: str
    id: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class CampaignCost:
    model: Literal["cpc", "cpm", "cpa", "share", "none"] = "none"
    micros: int | None = None
    share: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Campaign:
    """One source's traffic; what its paths ask is gathered once, not with every click."""

    key: str
    source: str
    paths: Sequence[Path]
    id: int = 0
    name: str = ""
    cost: CampaignCost = CampaignCost()
    paused: bool = False
    domain: str | None = None
    destinations: Sequence[RelayTemplate] = ()
    bots: str | None = None  # where bots go
    otherwise: str | None = None  # where the others go while it is paused, and where no path or offer is open
    sticky: bool = False

    def path_of(self, index: int | None) -> Path:
        """The path that a click once took; the setup may have changed since."""
        return self.paths[min(index or 0, len(self.paths) - 1)]

    @cached_property
    def asks(self) -> frozenset[str]:
        """The facts about a visitor that decide where he goes."""
        return frozenset(["bot"] if self.bots else []).union(*(path.asks for path in self.paths))


@dataclass(frozen=True, slots=True)
class Owner:
    """The top of the setup file."""

    base_currency: str = "USD"
    timezone: str = "UTC"
    domain: str | None = None
    fallback_url: str | None = None
    currencies: Sequence[str] = ()
    trusted_proxies: Sequence[str] = ()
    client_ip_header: str | None = None


@dataclass(frozen=True)
class Setup:
    """Everything that is set up, by key."""

    owner: Owner = Owner()
    sources: Mapping[str, Source] = field(default_factory=dict)
    networks: Mapping[str, Network] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    landings: Mapping[str, Landing] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    archived_campaigns: Mapping[str, Campaign] = field(default_factory=dict)  # take no visit; their clicks go on

    @cached_property
    def key_of_source(self) -> Mapping[int, str]:
        return {source.id: key for key, source in self.sources.items()}

    @cached_property
    def key_of_network(self) -> Mapping[int, str]:
        return {network.id: key for key, network in self.networks.items()}

    @cached_property
    def key_of_landing(self) -> Mapping[int, str]:
        return {landing.id: key for key, landing in self.landings.items()}

    @cached_property
    def key_of_campaign(self) -> Mapping[int, str]:
        return {campaign.id: key for key, campaign in self.every_campaign.items()}

    @cached_property
    def has_caps(self) -> bool:
        """Whether there is a limit to the relays of a day anywhere."""
        relays = [source.relay for source in self.sources.values()]
        further = [template for campaign in self.every_campaign.values() for template in campaign.destinations]
        return any(template.cap is not None for template in (*relays, *further))

    @cached_property
    def every_campaign(self) -> Mapping[str, Campaign]:
        return {**self.archived_campaigns, **self.campaigns}

    @cached_property
    def offer_by_id(self) -> Mapping[int, Offer]:
        return {offer.id: offer for offer in self.offers.values()}
