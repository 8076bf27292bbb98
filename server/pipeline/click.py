"""First on the line: a visit becomes a click and goes to its landing page or offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from server.clock import DAY
from server.domain.asking import facts_of
from server.domain.choosing import Chances, Way, choose_way, sticky_chances
from server.domain.click_id import key_time
from server.domain.costing import price_of_click
from server.domain.moment import iso
from server.domain.template import render, with_click_id
from server.domain.things import SUBS, Campaign, CampaignCost, Setup, Source
from server.pipeline import values
from server.pipeline.ground import Ground
from server.storage import bulk
from server.storage.dialect import insert_or_ignore
from server.storage.tables import ClickRow, MissedClickRow, TestTicketRow

PLATFORM_IDS = (
    "fbclid",
    "gclid",
    "gbraid",
    "wbraid",
    "ttclid",
    "msclkid",
    "sccid",
    "scclid",
    "epik",
    "yclid",
    "twclid",
)
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
    facts: Mapping[str, str] = {}  # by column: country, device, bot …; what is not known is not there
    is_returning: bool | None = None
    visitor_key: int | None = None  # the same whenever this visitor comes to this campaign


class Told(dict[str, Any]):
    """What is known of a click, by column; what nobody said is None."""

    def __missing__(self, _name: str) -> None:
        return None


class Sent(NamedTuple):
    """The decision: the click as it will be recorded, and where the visitor goes."""

    click: Mapping[str, Any]
    click_id: str
    location: str | None


def decide(
    visit: Visit, campaign: Campaign, key: int, chances: Chances, ground: Ground, echo: str | None = None
) -> Sent:
    click = tell(visit, campaign, key, ground, echo)
    facts = facts_of(campaign.asks, click, visit.arrived_at, ground.setup.owner.timezone)
    if campaign.sticky and visit.visitor_key is not None:
        chances = sticky_chances(campaign, str(visit.visitor_key), ground.secret)
    return send(click, choose_way(campaign, facts, chances, ground.setup, ground.full), ground)


def tell(visit: Visit, campaign: Campaign, key: int, ground: Ground, echo: str | None = None) -> Told:
    """What is known of a click before it is decided where it goes."""
    source = ground.setup.sources[campaign.source]
    click = Told({"id": key, "campaign_id": campaign.id, "source_id": source.id})
    if echo is not None:
        click["test_echo"] = echo
    click |= _told(visit, source, campaign.cost, ground.setup)
    return click


def send(click: Told, way: Way, ground: Ground) -> Sent:
    setup = ground.setup
    click_id = ground.click_text(click["id"])
    click |= {"path": way.path, "reason": way.reason}
    template = way.url
    if way.landing:
        landing = setup.landings[way.landing]
        click["landing_id"], template = landing.id, with_click_id(landing.url)
    elif way.offer:
        offer = setup.offers[way.offer]
        click["offer_id"], click["network_id"], template = offer.id, setup.networks[offer.network].id, offer.url
    if template:
        click["destination"] = render_url(template, click, click_id, setup)
    return Sent(click, click_id, click["destination"] or setup.owner.fallback_url)


def record(connection: Connection, sent: Sent) -> None:
    (click,) = rated(connection, [sent.click])
    connection.execute(insert(ClickRow), dict(click))


def record_many(connection: Connection, sent: Sequence[Sent]) -> None:
    bulk.insert_rows(connection, ClickRow, rated(connection, [one.click for one in sent]))


def rated(connection: Connection, clicks: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """What was paid in another currency than the owner's, with its amount in his by the rate of the click's day."""
    if all(click["base_currency"] is None for click in clicks):
        return clicks
    rates = values.Rates(connection)
    return [_rated(click, rates) if click["base_currency"] else click for click in clicks]


def _rated(click: Mapping[str, Any], rates: values.Rates) -> Mapping[str, Any]:
    convert = rates.at(key_time(click["id"]))
    return {**click, "cost_base": convert(click["cost"], click["cost_currency"], click["base_currency"])}


_FOUND = select(*ClickRow.__table__.columns).where(ClickRow.id == bindparam("key"))


def find(connection: Connection, key: int) -> Mapping[str, Any] | None:
    row = connection.execute(_FOUND, {"key": key}).one_or_none()
    return dict(row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's documented way to a mapping


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
    if price := price_of_click(said.get("cost"), source, cost, setup.owner):
        told["cost"], told["cost_currency"] = price
        if price[1] != setup.owner.base_currency:
            told["base_currency"] = setup.owner.base_currency
    if visit.user_agent:
        told["user_agent"] = visit.user_agent[:LONGEST_VALUE]
    if visit.referrer:
        told["referrer"] = visit.referrer[:LONGEST_VALUE]
    if visit.language:
        told["language"] = visit.language
    told |= visit.facts
    if visit.is_returning is not None:
        told["is_returning"] = visit.is_returning
    if not _PLATFORM_IDS.isdisjoint(said):
        told["platform_ids"] = {name: said[name][:LONGEST_VALUE] for name in PLATFORM_IDS if name in said}
    return told


def render_url(template: str, click: Mapping[str, Any], click_id: str, setup: Setup) -> str:
    return render(template, "url", values.lookup_click(click, click_id, setup))
