"""What each list asks the database and how it narrows: clicks, conversions, postbacks, relays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, String, cast, func, or_, select

from server.api.orders import OF_CLICKS, OF_CONVERSIONS, OF_POSTBACKS, OF_RELAYS, Orders
from server.api.shapes import attempt_of, click_of, conversion_of, postback_of, relay_of
from server.domain import click_id as ids
from server.domain.costing import holding
from server.errors import BadInput, nearest
from server.pipeline import relay as relays
from server.pipeline.ground import Ground
from server.pipeline.outbox import of_click
from server.storage.corrections import standing
from server.storage.tables import (
    AttemptRow,
    ClickRow,
    ConversionRow,
    DestinationRow,
    PostbackRow,
    RelayRow,
    StepRow,
)

Query = Any  # a Select whose columns differ from list to list
Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; times in milliseconds, keys as the owner named them, ids as they are shown."""

    campaign: str | None = None
    network: str | None = None
    source: str | None = None
    outcome: str | None = None
    status: str | None = None
    state: str | None = None
    click: str | None = None
    country: str | None = None
    device: str | None = None
    bot: str | None = None  # yes or no
    text: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int | None = None
    before: str | int | None = None  # rows older than this one
    after: str | int | None = None  # rows newer than this one


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its rows, their key, which rises with time, how some of them are shown, and what sorts them."""

    key: Any
    query: Callable[[Filters, Ground], Query]
    shape: Callable[[Connection, Sequence[Row[Any]], Ground], list[Shown]]
    orders: Orders


def row_key(shown: str | int, ground: Ground) -> int:
    """The row behind an id as it is shown: a click id, or a number."""
    return shown if isinstance(shown, int) else click_key(shown, ground)


def click_key(text: str, ground: Ground) -> int:
    key = ground.click_key(text.strip())
    if key is None:
        raise BadInput(f"{text[:40]} is no click id of this data.", remedy="A click id has 23 characters.")
    return key


def _clicks(filters: Filters, ground: Ground) -> Query:
    latest = select(func.max(StepRow.id)).where(StepRow.click_id == ClickRow.id).correlate(ClickRow).scalar_subquery()
    query: Query = select(
        *ClickRow.__table__.columns,
        StepRow.offer_id.label("step_offer_id"),
        StepRow.destination.label("step_destination"),
    ).join(StepRow, StepRow.id == latest, isouter=True)
    query = _owned(query, ClickRow, filters, ground)
    if filters.network is not None:
        network_id = _id(ground.setup.networks, filters.network, "network")
        query = query.where(or_(ClickRow.network_id == network_id, StepRow.network_id == network_id))
    if filters.since is not None:
        query = query.where(ClickRow.id >= ids.first_key(filters.since))
    if filters.until is not None:
        query = query.where(ClickRow.id < ids.first_key(filters.until))
    if filters.click is not None:
        query = query.where(ClickRow.id == click_key(filters.click, ground))
    query = _visited_by(query, filters)
    return _holding(query, filters, ClickRow.external_id, ClickRow.ip, ClickRow.sub1, ClickRow.sub2, ClickRow.sub3)


def _conversions(filters: Filters, ground: Ground) -> Query:
    query = _owned(select(*ConversionRow.__table__.columns), ConversionRow, filters, ground)
    query = _timed(query, ConversionRow, filters)
    if filters.network is not None:
        query = query.where(ConversionRow.network_id == _id(ground.setup.networks, filters.network, "network"))
    if filters.status is not None:
        query = query.where(ConversionRow.status == filters.status)
    if filters.state is not None:  # why it does not count: late, conflict
        query = query.where(ConversionRow.kept == filters.state)
    if filters.click is not None:
        query = query.where(ConversionRow.click_id == click_key(filters.click, ground))
    return _holding(query, filters, ConversionRow.txn_id, ConversionRow.event)


def _postbacks(filters: Filters, ground: Ground) -> Query:
    query: Query = _timed(select(*PostbackRow.__table__.columns), PostbackRow, filters)
    if filters.network is not None:
        query = query.where(PostbackRow.address == filters.network)
    if filters.outcome is not None:
        query = query.where(PostbackRow.outcome == filters.outcome)
    if filters.click is not None:
        query = query.where(PostbackRow.click_id == click_key(filters.click, ground))
    if filters.campaign is not None or filters.source is not None:
        query = _owned(query.join(ClickRow, ClickRow.id == PostbackRow.click_id), ClickRow, filters, ground)
    return _holding(query, filters, cast(PostbackRow.query, String), PostbackRow.ip, PostbackRow.reason)


def relays_query(filters: Filters, ground: Ground) -> Query:
    query: Query = select(*RelayRow.__table__.columns, DestinationRow.key.label("destination")).join(
        DestinationRow, DestinationRow.id == RelayRow.destination_id
    )
    query = _timed(_owned(query, RelayRow, filters, ground), RelayRow, filters)
    if filters.network is not None:
        network_id = _id(ground.setup.networks, filters.network, "network")
        query = query.join(ConversionRow, ConversionRow.id == RelayRow.conversion_id)
        query = query.where(ConversionRow.network_id == network_id)
    if filters.status is not None:
        query = query.where(or_(RelayRow.status == filters.status, RelayRow.state == filters.status))
    if filters.state is not None:
        query = query.where(RelayRow.state == filters.state)
    if filters.click is not None:
        query = query.where(of_click(click_key(filters.click, ground)))
    return _holding(query, filters, RelayRow.key, RelayRow.reason, DestinationRow.key)


def _shown_clicks(connection: Connection, rows: Sequence[Row[Any]], ground: Ground) -> list[Shown]:
    corrections = standing(connection)
    return [click_of(row, ground.setup, ground.secret, holding(corrections, row)) for row in rows]


def _shown_conversions(connection: Connection, rows: Sequence[Row[Any]], ground: Ground) -> list[Shown]:
    corrections = standing(connection)
    keys = [row.click_id for row in rows if row.cost is not None] if corrections else []
    clicks = connection.execute(select(*ClickRow.__table__.columns).where(ClickRow.id.in_(keys)))
    covering = {click.id: holding(corrections, click) for click in clicks}
    return [conversion_of(row, ground.setup, ground.secret, covering.get(row.click_id)) for row in rows]


def _shown_relays(connection: Connection, rows: Sequence[Row[Any]], ground: Ground) -> list[Shown]:
    attempts: dict[int, list[Shown]] = {row.id: [] for row in rows}
    query = select(*AttemptRow.__table__.columns).where(AttemptRow.relay_id.in_(list(attempts))).order_by(AttemptRow.id)
    for attempt in connection.execute(query):
        attempts[attempt.relay_id].append(attempt_of(attempt))
    return [
        relay_of(
            row,
            attempts[row.id],
            None if attempts[row.id] else relays.preview(connection, row, row.destination, ground),
            ground,
        )
        for row in rows
    ]


def _owned(query: Query, table: Any, filters: Filters, ground: Ground) -> Query:
    if filters.campaign is not None:
        query = query.where(table.campaign_id == _id(ground.setup.every_campaign, filters.campaign, "campaign"))
    if filters.source is not None:
        query = query.where(table.source_id == _id(ground.setup.sources, filters.source, "source"))
    return query


def _visited_by(query: Query, filters: Filters) -> Query:
    if filters.country is not None:
        query = query.where(ClickRow.country == filters.country.upper())
    if filters.device is not None:
        query = query.where(ClickRow.device == filters.device)
    if filters.bot is not None:
        query = query.where(ClickRow.bot.is_not(None) if filters.bot == "yes" else ClickRow.bot.is_(None))
    return query


def _timed(query: Query, table: Any, filters: Filters) -> Query:
    if filters.since is not None:
        query = query.where(table.time >= filters.since)
    if filters.until is not None:
        query = query.where(table.time < filters.until)
    return query


def _holding(query: Query, filters: Filters, *columns: Any) -> Query:
    """Rows in which one of the columns holds the text, whatever its case."""
    if not filters.text:
        return query
    return query.where(or_(*(column.icontains(filters.text, autoescape=True) for column in columns)))


def _id(things: Mapping[str, Any], key: str, kind: str) -> int:
    if key in things:
        return int(things[key].id)
    near = nearest(key, things)
    raise BadInput(f"There is no {kind} {key}.", remedy=f"Did you mean {near}?" if near else "")


CLICKS = Listing(ClickRow.id, _clicks, _shown_clicks, OF_CLICKS)
CONVERSIONS = Listing(ConversionRow.id, _conversions, _shown_conversions, OF_CONVERSIONS)
POSTBACKS = Listing(
    PostbackRow.id, _postbacks, lambda _c, rows, g: [postback_of(row, g.setup, g.secret) for row in rows], OF_POSTBACKS
)
RELAYS = Listing(RelayRow.id, relays_query, _shown_relays, OF_RELAYS)
