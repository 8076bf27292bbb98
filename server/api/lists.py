"""The lists: clicks, conversions, postbacks, relays, newest first, streamed in pages and filtered in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, or_, select

from server.api.data import Data
from server.api.shapes import attempt_of, click_of, conversion_of, postback_of, relay_of
from server.domain import click_id as ids
from server.domain.things import Setup
from server.errors import BadInput
from server.pipeline import relay as relays
from server.setup.problem import nearest
from server.storage.tables import (
    AttemptRow,
    ClickRow,
    ConversionRow,
    DestinationRow,
    PostbackRow,
    RelayRow,
    StepRow,
)

_PAGE = 500
Query = Any  # a Select whose columns differ from list to list


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; times in milliseconds, keys as the owner named them."""

    campaign: str | None = None
    network: str | None = None
    source: str | None = None
    outcome: str | None = None
    status: str | None = None
    state: str | None = None
    click: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int | None = None


def clicks(data: Data, filters: Filters) -> Iterator[dict[str, Any]]:
    setup = data.setup()
    latest = select(func.max(StepRow.id)).where(StepRow.click_id == ClickRow.id).correlate(ClickRow).scalar_subquery()
    query: Query = select(
        *ClickRow.__table__.columns,
        StepRow.offer_id.label("step_offer_id"),
        StepRow.destination.label("step_destination"),
    ).join(StepRow, StepRow.id == latest, isouter=True)
    query = _common(query, ClickRow, filters, setup)
    if filters.network is not None:
        network_id = _id(setup.networks, filters.network, "network")
        query = query.where(or_(ClickRow.network_id == network_id, StepRow.network_id == network_id))
    if filters.since is not None:
        query = query.where(ClickRow.id >= ids.first_key(filters.since))
    if filters.until is not None:
        query = query.where(ClickRow.id < ids.first_key(filters.until))
    if filters.click is not None:
        query = query.where(ClickRow.id == _click_key(data, filters.click))
    secret = data.database.digest_key
    return _stream(data, query, ClickRow.id, filters.limit, lambda row: click_of(row, setup, secret))


def conversions(data: Data, filters: Filters) -> Iterator[dict[str, Any]]:
    setup = data.setup()
    query = _timed(
        _common(select(*ConversionRow.__table__.columns), ConversionRow, filters, setup), ConversionRow, filters
    )
    if filters.network is not None:
        query = query.where(ConversionRow.network_id == _id(setup.networks, filters.network, "network"))
    if filters.status is not None:
        query = query.where(ConversionRow.status == filters.status)
    if filters.click is not None:
        query = query.where(ConversionRow.click_id == _click_key(data, filters.click))
    secret = data.database.digest_key
    return _stream(data, query, ConversionRow.id, filters.limit, lambda row: conversion_of(row, setup, secret))


def postbacks(data: Data, filters: Filters) -> Iterator[dict[str, Any]]:
    setup = data.setup()
    query = _timed(select(*PostbackRow.__table__.columns), PostbackRow, filters)
    if filters.network is not None:
        query = query.where(PostbackRow.address == filters.network)
    if filters.outcome is not None:
        query = query.where(PostbackRow.outcome == filters.outcome)
    if filters.click is not None:
        query = query.where(PostbackRow.click_id == _click_key(data, filters.click))
    for name, things in (("campaign", setup.campaigns), ("source", setup.sources)):
        if (key := getattr(filters, name)) is not None:
            column = getattr(ClickRow, f"{name}_id")
            query = query.join(ClickRow, ClickRow.id == PostbackRow.click_id).where(column == _id(things, key, name))
    secret = data.database.digest_key
    return _stream(data, query, PostbackRow.id, filters.limit, lambda row: postback_of(row, setup, secret))


def relay_rows(data: Data, filters: Filters) -> Query:
    setup = data.setup()
    query: Query = select(*RelayRow.__table__.columns, DestinationRow.key.label("destination")).join(
        DestinationRow, DestinationRow.id == RelayRow.destination_id
    )
    query = _timed(_common(query, RelayRow, filters, setup), RelayRow, filters)
    if filters.network is not None:
        network_id = _id(setup.networks, filters.network, "network")
        query = query.join(ConversionRow, ConversionRow.id == RelayRow.conversion_id).where(
            ConversionRow.network_id == network_id
        )
    if filters.status is not None:
        query = query.where(or_(RelayRow.status == filters.status, RelayRow.state == filters.status))
    if filters.state is not None:
        query = query.where(RelayRow.state == filters.state)
    if filters.click is not None:
        query = query.where(RelayRow.click_id == _click_key(data, filters.click))
    return query


def relays_list(data: Data, filters: Filters) -> Iterator[dict[str, Any]]:
    query = relay_rows(data, filters)
    return _stream(data, query, RelayRow.id, filters.limit, lambda row: _relay(data, row))


def _relay(data: Data, row: Row[Any]) -> dict[str, Any]:
    ground = data.ground()
    with data.database.read() as connection:
        attempts = connection.execute(
            select(*AttemptRow.__table__.columns).where(AttemptRow.relay_id == row.id).order_by(AttemptRow.id)
        ).all()
        request = None if attempts else relays.preview(connection, row, row.destination, ground)
    return relay_of(row, [attempt_of(attempt) for attempt in attempts], request, ground)


def _stream(
    data: Data, query: Query, key: Any, limit: int | None, shape: Callable[[Row[Any]], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Page by page from the newest down, so that a long list holds neither memory nor the database."""
    left = limit
    last: int | None = None
    while left is None or left > 0:
        page = query.order_by(key.desc()).limit(_PAGE if left is None else min(_PAGE, left))
        if last is not None:
            page = page.where(key < last)
        with data.database.read() as connection:
            rows = connection.execute(page).all()
        yield from map(shape, rows)
        if len(rows) < (_PAGE if left is None else min(_PAGE, left)):
            return
        last = rows[-1].id
        left = None if left is None else left - len(rows)


def _common(query: Query, table: Any, filters: Filters, setup: Setup) -> Query:
    if filters.campaign is not None:
        query = query.where(table.campaign_id == _id(setup.campaigns, filters.campaign, "campaign"))
    if filters.source is not None:
        query = query.where(table.source_id == _id(setup.sources, filters.source, "source"))
    return query


def _timed(query: Query, table: Any, filters: Filters) -> Query:
    if filters.since is not None:
        query = query.where(table.time >= filters.since)
    if filters.until is not None:
        query = query.where(table.time < filters.until)
    return query


def _id(things: Any, key: str, kind: str) -> int:
    if key in things:
        return int(things[key].id)
    near = nearest(key, things)
    raise BadInput(f"There is no {kind} {key}.", remedy=f"Did you mean {near}?" if near else "")


def _click_key(data: Data, text: str) -> int:
    key = ids.decode(text.strip(), data.database.digest_key)
    if key is None:
        raise BadInput(f"{text[:40]} is no click id of this data.", remedy="A click id has 23 characters.")
    return key
