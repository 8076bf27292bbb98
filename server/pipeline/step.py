"""Beside the first step: a visitor leaves a landing page for an offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert

from server.domain.choosing import choose, offer_of_step, sticky_chances
from server.domain.things import Campaign, Offer, Setup
from server.pipeline.click import LONGEST_VALUE, Told, render_url
from server.pipeline.ground import Ground
from server.pipeline.page import plain_address
from server.storage.tables import StepRow


@dataclass(frozen=True, slots=True)
class Stepped:
    """A visitor leaves a landing page for an offer."""

    step: Mapping[str, Any]  # empty where every offer is full and another place is named: no step is taken
    location: str
    is_test: bool = False


def decide_step(click: Mapping[str, Any], number: int | None, chance: float, ground: Ground) -> Stepped | None:
    """From a landing page on: the offer that the page names by its number, else one by weight."""
    setup = ground.setup
    campaign = _campaign_of(click, setup)
    if campaign is None:
        return None
    path = campaign.path_of(click["path"])
    click_id = ground.click_text(click["id"])
    if campaign.sticky:
        chance = sticky_chances(campaign, f"{click['ip']} {click['user_agent']}", ground.secret).offer
    key = offer_of_step(path, number, setup.offers, ground.full, chance)
    instead = campaign.otherwise or setup.owner.fallback_url
    if key is None and instead:
        return Stepped({}, render_url(instead, click, click_id, setup))
    offer = setup.offers[key or choose(path.offers, chance) or path.offers[0].key]
    gone = Told({**click, "offer_id": offer.id, "network_id": setup.networks[offer.network].id})
    return _stepped(click, offer, render_url(offer.url, gone, click_id, setup), ground)


def decide_direct(click: Mapping[str, Any], number: int | None, link: str, ground: Ground) -> Stepped | None:
    """By a link of the page's own straight to an offer: the one that it names by its number, else one on its host."""
    setup = ground.setup
    campaign, address = _campaign_of(click, setup), plain_address(link)
    if campaign is None or address is None:
        return None
    offers = [setup.offers[option.key] for option in campaign.path_of(click["path"]).offers]
    if number is not None and 1 <= number <= len(offers):
        offers = [offers[number - 1]]
    elif len(offers) > 1:
        host = urlsplit(address).hostname
        offers = [offer for offer in offers if urlsplit(offer.url).hostname == host]
    return _stepped(click, offers[0], link[:LONGEST_VALUE], ground) if offers else None


def _campaign_of(click: Mapping[str, Any], setup: Setup) -> Campaign | None:
    key = setup.key_of_campaign.get(click["campaign_id"])
    return setup.every_campaign[key] if key is not None else None


def _stepped(click: Mapping[str, Any], offer: Offer, location: str, ground: Ground) -> Stepped:
    network_id = ground.setup.networks[offer.network].id
    step = {"click_id": click["id"], "time": ground.now, "offer_id": offer.id, "network_id": network_id}
    return Stepped({**step, "destination": location}, location, click["test_echo"] is not None)


def record_step(connection: Connection, stepped: Stepped) -> None:
    if stepped.step:
        connection.execute(insert(StepRow), dict(stepped.step))
