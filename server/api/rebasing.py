"""The base currency changed: amounts in the new one are put beside the old ones, then one word turns all reports."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from server.api import rates as rates_api
from server.api.data import Data
from server.api.mending import Lacking, rate_all, would_rate
from server.api.setup import save_changes, stored_specs
from server.current import FRESH_FOR_MS, load_setup, templates
from server.domain.rates import Rate, led_on
from server.domain.things import Setup
from server.errors import BadInput
from server.pipeline import rating
from server.pipeline.rating import Wish
from server.setup.build import build
from server.setup.specs import Specs
from server.storage import rates
from server.storage.tables import ClickRow, ConversionRow

WHO = "rates rebase"
_MOST_AT_THE_TURN = 300
_LEFT_BEHIND_S = 3 * FRESH_FOR_MS / 1000  # until no server decides by the old setup any more


@dataclass(frozen=True, slots=True)
class Rebased:
    """What a change of the base currency does, or did."""

    before: str
    base_currency: str
    conversions: int
    clicks: int
    corrections: int
    rates: int  # led on into the new currency
    lacking: Sequence[Lacking]  # will count without an amount until a rate is known
    named: Sequence[str]  # things that meant the old base currency without a word, and say so from now on
    is_finishing: bool = False  # of one that was begun before and had turned the reports already


def preview(data: Data, currency: str) -> Rebased:
    base, setup = rates_api.currency_of(data, currency), data.setup()
    before = setup.owner.base_currency
    if base == before:
        return Rebased(before, base, 0, 0, 0, 0, (), ())
    more = list(_led_on(data, before, base))
    found = would_rate(data, Wish(base, is_home=False), more)
    counts = (found.conversions, found.clicks, found.corrections)
    return Rebased(before, base, *counts, len(more), found.lacking, [name for name, _, _ in _silent(setup)])


def rebase(data: Data, currency: str, *, even_without: bool = False) -> Rebased:
    """Refused where a rate is missing, unless the owner knows; killed at any moment, the same words finish it."""
    planned = preview(data, currency)
    base, before = planned.base_currency, planned.before
    if base == before:
        done = rate_all(data, Wish(base))
        return replace(
            planned, conversions=done.conversions, clicks=done.clicks, corrections=done.corrections, is_finishing=True
        )
    if planned.lacking and not even_without:
        raise BadInput(
            f"{told(planned.lacking)} would have no amount in {base}.",
            remedy="Enter or fetch those rates first; with --even-without they count without until a rate is known.",
        )
    rates_api.put(data, list(_led_on(data, before, base)))
    conversions = clicks = corrections = 0
    while True:
        done = rate_all(data, Wish(base, is_home=False))
        conversions, clicks = conversions + done.conversions, clicks + done.clicks
        corrections += done.corrections
        seen = (done.last_conversion, done.last_click)
        if data.database.write(partial(_turn, data=data, base=base, seen=seen)):
            break
    if data.server() is not None or data.database.writing.dialect.name != "sqlite":
        time.sleep(_LEFT_BEHIND_S)
    rate_all(data, Wish(base))
    return replace(planned, conversions=conversions, clicks=clicks, corrections=corrections)


def told(lacking: Sequence[Lacking]) -> str:
    """In one line: how many, and of which days."""
    conversions, clicks = sum(one.conversions for one in lacking), sum(one.clicks for one in lacking)
    codes = ", ".join(sorted({one.currency or "?" for one in lacking}))
    days = sorted({one.day for one in lacking})
    when = f"on {days[0]}" if len(days) == 1 else f"on {len(days)} days from {days[0]} to {days[-1]}"
    return f"{conversions} conversions and {clicks} clicks in {codes} {when}"


def _turn(connection: Connection, data: Data, base: str, seen: tuple[int, int]) -> bool:
    """What came since the pass, and then the word; False where that is too much for one transaction."""
    wish = Wish(base, is_home=False)
    of_conversions = (ConversionRow.id > seen[0]) & rating.conversions_for(wish)
    of_clicks = (ClickRow.id > seen[1]) & rating.clicks_for(wish)
    late = list(connection.scalars(select(ConversionRow.id).where(of_conversions).limit(_MOST_AT_THE_TURN)))
    late_clicks = list(connection.scalars(select(ClickRow.id).where(of_clicks).limit(_MOST_AT_THE_TURN)))
    rating.write_conversions(connection, rating.rate_conversions(connection, late, wish), data.clock())
    rating.write_clicks(connection, rating.rate_clicks(connection, late_clicks, wish))
    if _MOST_AT_THE_TURN in (len(late), len(late_clicks)):
        return False
    before, setup = stored_specs(connection), load_setup(connection)
    after = _named(before, setup, base)
    build(after, templates())
    save_changes(connection, before, after, WHO, data.clock())
    return True


def _led_on(data: Data, before: str, base: str) -> Iterator[Rate]:
    """The rates into the old base currency, led on into the new one where it has none of that day."""
    with data.database.read() as connection:
        found = list(led_on(rates.into(connection, before), before, base))
        known = rates.known(connection, found)
    yield from (one for one in found if rates.key_of(one) not in known)


def _silent(setup: Setup) -> Iterator[tuple[str, str, str]]:
    """What means the base currency without naming it: its name in words, its kind and its key."""
    for key, network in setup.networks.items():
        if network.currency is None:
            yield f"network {key}", "network", key
    for key, campaign in setup.every_campaign.items():
        source = setup.sources[campaign.source]
        is_said = campaign.cost.micros is not None or source.cost_currency is None
        if campaign.cost.currency is None and campaign.cost.model != "share" and is_said:
            yield f"campaign {key}", "campaign", key


def _named(specs: Specs, setup: Setup, base: str) -> Specs:
    """The setup with the new base currency, and the old one named wherever it was meant: nothing changes its price."""
    old = setup.owner.base_currency
    changed: dict[str, dict[str, Any]] = {"network": {**specs.network}, "campaign": {**specs.campaign}}
    for _, kind, key in _silent(setup):
        spec: Mapping[str, Any] = changed[kind][key]
        if kind == "network":
            changed[kind][key] = {**spec, "currency": old}
        else:
            changed[kind][key] = {**spec, "cost": {**spec.get("cost", {"model": "none"}), "currency": old}}
    return replace(specs, owner={**specs.owner, "base_currency": base}, **changed)
