"""Beside the first step: a page registers its visitor by itself, where a redirect is not allowed or no click came."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from server.domain.choosing import Chances
from server.domain.things import Campaign
from server.pipeline import click
from server.pipeline.click import LONGEST_VALUE, Sent, Told, Visit
from server.pipeline.ground import Ground

_PLAIN = re.compile(r"[!-~]+")


def decide(
    visit: Visit,
    campaign: Campaign,
    key: int,
    chances: Chances,
    ground: Ground,
    address: str | None,
    echo: str | None = None,
) -> Sent:
    """As a click that comes by the tracking URL, but the visitor is where he goes: at this address."""
    sent = click.decide(visit, campaign, key, chances, ground, echo)
    stays = {"landing_id": None, "offer_id": None, "network_id": None, "destination": address, "is_direct": True}
    return sent._replace(click=Told({**sent.click, **stays}))


def unpaid(sent: Sent) -> Sent:
    return sent._replace(click=Told({**sent.click, "cost": None, "cost_currency": None, "base_currency": None}))


def plain_address(text: str | None) -> str | None:
    """Where a page is, without what its query says of the visitor; None where this is no address of one."""
    if not text or not _PLAIN.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:LONGEST_VALUE]
