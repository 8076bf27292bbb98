"""Corrections of cost: a bill for a period of a campaign, spread over its clicks: preview, apply, undo, list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.api.data import Data
from server.clock import SECOND
from server.domain import currency as currencies
from server.domain.click_id import first_key, key_time
from server.domain.costing import Span
from server.domain.moment import iso
from server.domain.money import format_money
from server.domain.things import SUBS, Setup
from server.errors import BadInput, NothingMatched, nearest
from server.pipeline.values import Rates
from server.reports.query import Question, run
from server.storage import corrections

LATE = 2 * SECOND  # by then a click is recorded, or waits in the spool, from which it takes its part later
_LONGEST_NOTE = 500

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bill:
    """What the clicks of a campaign from `since` to before `until`, with these sub ids, cost together."""

    campaign: str
    since: int
    until: int
    total: int  # millionths
    currency: str | None = None  # the owner's base currency where none is said
    where: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def preview(data: Data, bill: Bill) -> Shown:
    return _shown({**_looked_up(data, bill), "id": None, "time": data.clock(), "undone_at": None}, bill.campaign)


def apply(data: Data, bill: Bill) -> Shown:
    """What is looked up is looked up first: the database is held for one row alone."""
    latest = data.clock() - LATE
    if bill.until > latest:
        raise BadInput(
            f"The period ends at {iso(bill.until)}, and its clicks may still be on their way.",
            remedy=f"Let it end by {iso(latest)}.",
        )
    row = {**_looked_up(data, bill), "time": data.clock(), "undone_at": None}
    number = data.database.write(lambda connection: corrections.add(connection, row))
    return _shown({**row, "id": number}, bill.campaign)


def undo(data: Data, campaign: str, number: int | None = None) -> Shown:
    """The latest that holds, or any by its number: each covers its clicks by itself, whatever order they go in."""
    every = listed(data, campaign)
    holding = [one for one in every if one["undone"] is None]
    if not holding:
        raise NothingMatched(f"No correction of campaign {campaign} is to be undone.")
    found = holding[-1] if number is None else next((one for one in every if one["number"] == number), None)
    if found is None:
        raise BadInput(
            f"Campaign {campaign} has no correction {number}.",
            remedy=f"See them with `tallyback cost {campaign}`.",
        )
    now = data.clock()
    if not data.database.write(lambda connection: corrections.undo(connection, found["number"], now)):
        raise NothingMatched(f"Correction {found['number']} is undone already.")
    return {**found, "undone": iso(now)}


def listed(data: Data, campaign: str) -> list[Shown]:
    """Oldest first, the undone ones too."""
    campaign_id = _campaign_id(campaign, data.setup())
    with data.database.read() as connection:
        return [_shown(row, campaign) for row in corrections.rows_of(connection, campaign_id)]


def _shown(row: Mapping[str, Any], campaign: str) -> Shown:
    return {
        "number": row["id"],
        "time": iso(row["time"]),
        "campaign": campaign,
        "from": iso(key_time(row["first_key"])),
        "to": iso(key_time(row["end_key"])),
        "where": row["where"],
        "clicks": row["clicks"],
        "total": format_money(row["total"]),
        "currency": row["currency"],
        "cost_before": format_money(row["cost_before"]),
        "cost_after": None if row["total_base"] is None else format_money(row["total_base"]),
        "base_currency": row["base_currency"],
        "note": row["note"],
        "undone": None if row["undone_at"] is None else iso(row["undone_at"]),
    }


def _looked_up(data: Data, bill: Bill) -> dict[str, Any]:
    """The correction's columns that a bill leads to."""
    setup = data.setup()
    span, currency, base = _span(bill, setup), _currency(bill, setup), setup.owner.base_currency
    with data.database.read() as connection:
        total_base = Rates(connection).at(bill.until - 1)(bill.total, currency, base)
        spread = corrections.spread(connection, span, bill.total, total_base)
        before = run(connection, Question((), ZoneInfo("UTC"), only=corrections.is_in(span)), setup)
    if spread is None:
        raise NothingMatched(
            f"Campaign {bill.campaign} has no click from {iso(bill.since)} to {iso(bill.until)}{_with(bill.where)}.",
            remedy=f"See where it has some with `tallyback report --by day --where campaign={bill.campaign}`.",
        )
    return {
        "campaign_id": span.campaign_id,
        "first_key": span.first_key,
        "end_key": span.end_key,
        "where": dict(bill.where),
        "total": bill.total,
        "currency": currency,
        "total_base": total_base,  # by the rate of the period's last day
        "base_currency": base,
        "cost_before": before[()].cost,
        "note": bill.note[:_LONGEST_NOTE] or None,
        **spread,
    }


def _span(bill: Bill, setup: Setup) -> Span:
    if bill.until <= bill.since:
        raise BadInput("The end is not after the start.", remedy="Swap them.")
    for name in bill.where:
        if name not in SUBS:
            raise BadInput(f"A bill cannot be narrowed to {name[:40]}.", remedy="It can to sub1 to sub20.")
    return Span(_campaign_id(bill.campaign, setup), first_key(bill.since), first_key(bill.until), bill.where)


def _campaign_id(key: str, setup: Setup) -> int:
    if key in setup.every_campaign:
        return setup.every_campaign[key].id
    near = nearest(key, setup.every_campaign)
    raise BadInput(f"There is no campaign {key[:40]}.", remedy=f"Did you mean {near}?" if near else "")


def _currency(bill: Bill, setup: Setup) -> str:
    if bill.currency is None:
        return setup.owner.base_currency
    known = currencies.known(bill.currency, setup.owner.currencies)
    if known is None:
        raise BadInput(f"{bill.currency[:40]} is no currency.", remedy="Write an ISO code such as USD.")
    return known


def _with(where: Mapping[str, str]) -> str:
    return " with " + " and ".join(f"{name} {value[:40]}" for name, value in where.items()) if where else ""
