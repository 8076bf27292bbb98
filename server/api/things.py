"""The things of a kind as a list shows them: name, states that want an eye, and what today brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from server.api.data import Data
from server.clock import SECOND
from server.domain.click_id import first_key
from server.domain.things import Setup
from server.setup.specs import KINDS, Spec
from server.storage.specs import load_specs
from server.storage.tables import ClickRow, ConversionRow, DestinationRow, StepRow

_CLICK_COLUMN = {
    "source": ClickRow.source_id,
    "network": ClickRow.network_id,
    "offer": ClickRow.offer_id,
    "landing": ClickRow.landing_id,
    "campaign": ClickRow.campaign_id,
}
_STEP_COLUMN: dict[str, Any] = {"network": StepRow.network_id, "offer": StepRow.offer_id}  # from a landing page on
_CONVERSION_COLUMN = {
    "source": ConversionRow.source_id,
    "network": ConversionRow.network_id,
    "offer": ConversionRow.offer_id,
    "campaign": ConversionRow.campaign_id,
}


@dataclass(frozen=True, slots=True)
class Thing:
    kind: str
    key: str
    name: str
    spec: Spec
    is_archived: bool
    states: tuple[str, ...]  # open, paused, fill_in, no_click_id
    clicks: int  # today
    conversions: int | None  # today; None where conversions do not say


@dataclass(frozen=True, slots=True)
class Name:
    """Just what is needed to find a thing and to go there."""

    kind: str
    key: str
    name: str
    is_archived: bool


def names(data: Data) -> list[Name]:
    """Of every kind, in the order in which they were set up."""
    with data.database.read() as connection:
        stored = load_specs(connection)
    return [
        Name(kind, key, spec.get("name", ""), key in stored.archived[kind])
        for kind in KINDS
        for key, spec in stored.specs[kind].items()
    ]


def things(data: Data, kind: str) -> list[Thing]:
    """All of a kind, archived ones too, in the order in which they were set up."""
    setup = data.setup()
    with data.database.read() as connection:
        stored = load_specs(connection)
        clicks, conversions = _today(connection, kind, _midnight(data.clock(), setup.owner.timezone))
        paused = set(connection.scalars(select(DestinationRow.key).where(DestinationRow.paused.is_not(None))))
    return [
        Thing(
            kind=kind,
            key=key,
            name=spec.get("name", ""),
            spec=spec,
            is_archived=key in stored.archived[kind],
            states=tuple(_states(kind, key, setup, paused)),
            clicks=clicks.get(stored.ids[kind][key], 0),
            conversions=conversions.get(stored.ids[kind][key], 0) if kind in _CONVERSION_COLUMN else None,
        )
        for key, spec in stored.specs[kind].items()
    ]


def _states(kind: str, key: str, setup: Setup, paused: set[str]) -> Iterator[str]:
    if kind == "source":
        relay = setup.sources[key].relay
        yield from ["paused"] * (relay.paused or f"source:{key}" in paused)
        yield from ["fill_in"] * bool(relay.fill_in)
    elif kind == "campaign":
        yield from ["paused"] * setup.every_campaign[key].paused
    elif kind == "network":
        yield from ["open"] * (not setup.networks[key].token)
    else:
        url = setup.offers[key].url if kind == "offer" else setup.landings[key].url
        yield from ["no_click_id"] * ("{click_id" not in url)


def _today(connection: Connection, kind: str, since: int) -> tuple[Mapping[int, int], Mapping[int, int]]:
    of_clicks: Any = _CLICK_COLUMN[kind]
    clicks = connection.execute(
        select(of_clicks, func.count()).where(ClickRow.id >= first_key(since)).group_by(of_clicks)
    )
    by_click = Counter({row[0]: row[1] for row in clicks})
    if of_steps := _STEP_COLUMN.get(kind):
        steps = select(of_steps, func.count()).where(StepRow.click_id >= first_key(since)).group_by(of_steps)
        by_click.update({row[0]: row[1] for row in connection.execute(steps)})
    of_conversions: Any = _CONVERSION_COLUMN.get(kind)
    if of_conversions is None:
        return by_click, {}
    conversions = connection.execute(
        select(of_conversions, func.count())
        .where(ConversionRow.time >= since, ConversionRow.kept.is_(None), ConversionRow.is_test.is_(False))
        .group_by(of_conversions)
    )
    return by_click, {row[0]: row[1] for row in conversions}


def _midnight(now: int, timezone: str) -> int:
    zone = ZoneInfo(timezone)
    today = datetime.fromtimestamp(now / SECOND, zone).date()
    return int(datetime.combine(today, time(), zone).timestamp() * SECOND)
