"""First on the line: a visit becomes a click and goes to its landing page or offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from server.clock import DAY
from server.domain import currency as currencies
from server.domain.choosing import choose, choose_path
from server.domain.moment import iso
from server.domain.money import read_amount
from server.domain.template import render
from server.domain.things import SUBS, Campaign, CampaignCost, Offer, Setup, Source
from server.pipeline import values
from server.pipeline.ground import Ground
from server.storage import bulk
from server.storage.dialect import insert_or_ignore
from server.storage.tables import ClickRow, MissedClickRow, StepRow, TestTicketRow

PLATFORM_IDS = ("fbclid", "gclid", "gbraid", "wbraid", "ttclid", "msclkid", "scclid", "epik", "yclid", "twclid")
LONGEST_VALUE = 2048
MOST_MISSED_KEYS = 500  # a day; more are counted together
_SUBS = frozenset(SUBS)
_PLATFORM_IDS = frozenset(PLATFORM_IDS)


class Visit(NamedTuple):
    """What a visitor's request says: each parameter that says something, under its name in lower case."""

    arrived_at: int
    parameters: Mapping[str, str]
    ip: str
    user_agent: str | None = None
    referrer: str | None = None
    language: str | None = None


class Chances(NamedTuple):
    """Three random numbers from 0 up to 1: for the path, the landing page, the offer."""

    path: float
    landing: float
    offer: float


class Told(dict[str, Any]):
    """What is known of a click, by column; what nobody said is None."""

    def __missing__(self, _name: str) -> None:
        return None


class Sent(NamedTuple):
    """The decision: the click as it will be recorded, and where the visitor goes."""

    click: Mapping[str, Any]
    click_id: str
    location: str | None


@dataclass(frozen=True, slots=True)
class Stepped:
    """A visitor leaves a landing page for an offer."""

    step: Mapping[str, Any]
    location: str


def decide(
    visit: Visit, campaign: Campaign, key: int, chances: Chances, ground: Ground, echo: str | None = None
) -> Sent:
    setup = ground.setup
    source = setup.sources[campaign.source]
    click = Told({"id": key, "campaign_id": campaign.id, "source_id": source.id})
    if echo is not None:
        click["test_echo"] = echo
    click |= _told(visit, source, campaign.cost, setup)
    chosen = choose_path(campaign, click, chances.path)
    click |= {"path": chosen.index, "reason": chosen.reason}
    click_id = ground.click_text(key)
    landing_key = choose(chosen.path.landings, chances.landing)
    if campaign.paused and setup.owner.fallback_url:
        click |= {"path": None, "reason": "paused", "destination": setup.owner.fallback_url}
    elif landing_key:
        landing = setup.landings[landing_key]
        click |= {"landing_id": landing.id}
        click |= {"destination": _render(landing.url, click, click_id, setup)}
    elif offer := _offer(campaign, chosen.index, setup, chances.offer):
        click |= {"offer_id": offer.id, "network_id": setup.networks[offer.network].id}
        click |= {"destination": _render(offer.url, click, click_id, setup)}
    return Sent(click, click_id, click["destination"] or setup.owner.fallback_url)


def record(connection: Connection, sent: Sent) -> None:
    connection.execute(insert(ClickRow), dict(sent.click))


def record_many(connection: Connection, sent: Sequence[Sent]) -> None:
    bulk.insert_rows(connection, ClickRow, [one.click for one in sent])


_FOUND = select(*ClickRow.__table__.columns).where(ClickRow.id == bindparam("key"))


def find(connection: Connection, key: int) -> Mapping[str, Any] | None:
    row = connection.execute(_FOUND, {"key": key}).one_or_none()
    return dict(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's documented way to a mapping


def decide_step(click: Mapping[str, Any], number: int | None, chance: float, ground: Ground) -> Stepped | None:
    """From a landing page on: the offer that the page names by its number, else one by weight."""
    setup = ground.setup
    campaign = next((one for one in setup.every_campaign.values() if one.id == click["campaign_id"]), None)
    if campaign is None:
        return None
    index = min(click["path"] or 0, len(campaign.paths) - 1)
    offers = campaign.paths[index].offers
    if number is not None and 1 <= number <= len(offers):
        offer: Offer | None = setup.offers[offers[number - 1].key]
    else:
        offer = _offer(campaign, index, setup, chance)
    if offer is None:
        return None
    network_id = setup.networks[offer.network].id
    gone = {**click, "offer_id": offer.id, "network_id": network_id}
    location = _render(offer.url, gone, ground.click_text(click["id"]), setup)
    step = {"click_id": click["id"], "time": ground.now, "offer_id": offer.id, "network_id": network_id}
    return Stepped({**step, "destination": location}, location)


def record_step(connection: Connection, stepped: Stepped) -> None:
    connection.execute(insert(StepRow), dict(stepped.step))


def record_missed(connection: Connection, key: str, now: int) -> None:
    """A visit to an address that is no campaign of ours, counted by day."""
    day = iso(now)[:10]
    key = key.replace("\x00", "%00")[:64]
    known = connection.scalars(select(MissedClickRow.key).where(MissedClickRow.day == day)).all()
    if key not in known and len(known) >= MOST_MISSED_KEYS:
        key = "…"
    if key in known:
        this = (MissedClickRow.day == day) & (MissedClickRow.key == key)
        connection.execute(update(MissedClickRow).where(this).values(count=MissedClickRow.count + 1))
    else:
        insert_row = insert_or_ignore(connection.dialect.name)(MissedClickRow)
        connection.execute(insert_row.values(day=day, key=key, count=1).on_conflict_do_nothing())


def echo_of(connection: Connection, ticket: str, now: int) -> str | None:
    """Where a test's relays go, for a ticket of the owner's own test that is still good."""
    good = (TestTicketRow.ticket == ticket) & (TestTicketRow.expires_at > now)
    return connection.scalar(select(TestTicketRow.echo).where(good))


def new_ticket(connection: Connection, ticket: str, echo: str, now: int) -> None:
    connection.execute(insert(TestTicketRow).values(ticket=ticket, echo=echo, expires_at=now + DAY))


def end_ticket(connection: Connection, ticket: str) -> None:
    connection.execute(delete(TestTicketRow).where(TestTicketRow.ticket == ticket))


def _told(visit: Visit, source: Source, cost: CampaignCost, setup: Setup) -> dict[str, Any]:
    """What the source's parameters and the visitor's headers say."""
    said = visit.parameters
    told: dict[str, Any] = {name: value[:LONGEST_VALUE] for name, value in said.items() if name in _SUBS}
    told["ip"] = visit.ip
    if "ext" in said:
        told["external_id"] = said["ext"][:LONGEST_VALUE]
    if price := _cost(said.get("cost"), source, cost, setup):
        told["cost"], told["cost_currency"] = price
    if visit.user_agent:
        told["user_agent"] = visit.user_agent[:LONGEST_VALUE]
    if visit.referrer:
        told["referrer"] = visit.referrer[:LONGEST_VALUE]
    if visit.language:
        told["language"] = visit.language
    if not _PLATFORM_IDS.isdisjoint(said):
        told["platform_ids"] = {name: said[name][:LONGEST_VALUE] for name in PLATFORM_IDS if name in said}
    return told


def _cost(text: str | None, source: Source, cost: CampaignCost, setup: Setup) -> tuple[int, str] | None:
    """What the source says this click cost, else what the campaign says clicks cost."""
    base = setup.owner.base_currency
    amount = read_amount(text) if text else None
    if amount is not None and amount.micros >= 0:
        marked = currencies.SIGNS.get(amount.mark or "") or currencies.known(amount.mark or "", setup.owner.currencies)
        return amount.micros, marked or source.cost_currency or cost.currency or base
    if cost.micros is None or cost.model not in ("cpc", "cpm"):
        return None
    return cost.micros if cost.model == "cpc" else cost.micros // 1000, cost.currency or base


def _offer(campaign: Campaign, path: int, setup: Setup, chance: float) -> Offer | None:
    key = choose(campaign.paths[path].offers, chance)
    return setup.offers[key] if key else None


def _render(template: str, click: Mapping[str, Any], click_id: str, setup: Setup) -> str:
    return render(template, "url", values.lookup_click(click, click_id, setup))
