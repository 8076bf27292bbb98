"""The evidence of one click: the chain from the visit to every attempt to tell the source."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from server.api import lists
from server.api.data import Data
from server.api.lists import Filters
from server.domain import click_id as ids
from server.domain.moment import iso
from server.domain.money import format_money
from server.errors import NothingMatched
from server.storage.tables import ClickRow, EntryRow, JudgementRow, StepRow


def evidence(data: Data, text: str) -> dict[str, Any]:
    """By a click id in any case, or by one that lost its tail where what survives names a click."""
    click_id = _whole(data, text.strip())
    filters = Filters(click=click_id)
    click = next(lists.clicks(data, filters), None)
    if click is None:
        raise NothingMatched(f"There is no click {text[:40]}.", remedy="Look for it with `tallyback clicks`.")
    conversions = list(lists.conversions(data, filters))
    for conversion in conversions:
        conversion["history"] = _history(data, conversion["id"])
    postbacks = list(lists.postbacks(data, filters))
    for postback in postbacks:
        postback["judged_before"] = _judged_before(data, postback["id"])
    chain = {
        "click": click,
        "steps": _steps(data, click_id),
        "postbacks": postbacks[::-1],
        "conversions": conversions[::-1],
        "relays": list(lists.relays_list(data, filters))[::-1],
    }
    return chain if text.strip().lower() == click_id else {"asked_for": text.strip(), **chain}


def _whole(data: Data, text: str) -> str:
    secret = data.database.digest_key
    if ids.decode(text, secret) is not None:
        return text.lower()
    key = ids.surviving_key(text)
    if key is not None:
        with data.database.read() as connection:
            is_there = connection.scalar(select(ClickRow.id).where(ClickRow.id == key)) is not None
        click_id = ids.encode(key, secret)
        if is_there and ids.is_suggested_by(text, click_id):
            return click_id
    raise NothingMatched(
        f"{text[:40]} is no click id of this data, nor what is left of one.", remedy="A click id has 23 characters."
    )


def _steps(data: Data, click_id: str) -> list[dict[str, Any]]:
    setup = data.setup()
    key = ids.decode(click_id, data.database.digest_key)
    with data.database.read() as connection:
        rows = connection.execute(
            select(StepRow.time, StepRow.offer_id, StepRow.destination)
            .where(StepRow.click_id == key)
            .order_by(StepRow.id)
        ).all()
    return [
        {"time": iso(row.time), "offer": setup.offer_by_id[row.offer_id].key, "destination": row.destination}
        for row in rows
    ]


def _history(data: Data, conversion_id: int) -> list[dict[str, Any]]:
    with data.database.read() as connection:
        rows = connection.execute(
            select(*EntryRow.__table__.columns)
            .where(EntryRow.conversion_id == conversion_id)
            .order_by(EntryRow.arrived_at, EntryRow.id)
        ).all()
    return [
        {
            "time": iso(row.arrived_at),
            "network_time": iso(row.network_time) if row.network_time is not None else None,
            "status": row.status,
            "amount": format_money(row.amount) if row.amount is not None else None,
            "currency": row.currency,
            "effect": row.effect,
            "postback": row.postback_id,
            "by_hand": row.is_manual,
        }
        for row in rows
    ]


def _judged_before(data: Data, postback_id: int) -> list[dict[str, Any]]:
    with data.database.read() as connection:
        rows = connection.execute(
            select(JudgementRow.time, JudgementRow.outcome, JudgementRow.warnings, JudgementRow.reason)
            .where(JudgementRow.postback_id == postback_id)
            .order_by(JudgementRow.id)
        ).all()
    return [
        {
            "until": iso(row.time),
            "outcome": row.outcome,
            "warnings": [one["warning"] for one in row.warnings],
            "reason": row.reason,
        }
        for row in rows
    ]
