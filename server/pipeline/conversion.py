"""Third on the line: what a receipt changes about its conversion is written, with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from server.domain.facts import KnownConversion
from server.domain.fold import Entry, State, fold
from server.domain.judging import Change, Judgement, rules_of
from server.domain.moment import iso
from server.domain.said import Said
from server.domain.status import Status
from server.domain.things import Setup
from server.pipeline import outbox
from server.pipeline.ground import Ground
from server.pipeline.values import converter
from server.storage.tables import ClickRow, ConversionRow, EntryRow, PostbackRow

WITHDRAWN = "withdrawn"  # its only receipt speaks, after a replay, of another conversion
Arrival = tuple[int, int]  # when a receipt came, and which of that instant it is


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversion as it stands before a replay: what the replay changes is measured against it."""

    state: State | None
    columns: Mapping[str, Any]


def known(
    connection: Connection, which: ColumnElement[bool], ground: Ground, until: Arrival | None = None
) -> Sequence[KnownConversion]:
    """The conversions that match, oldest first, with all that was said about them, or what was until then."""
    rows = connection.execute(select(*ConversionRow.__table__.columns).where(which).order_by(ConversionRow.id)).all()
    return [
        KnownConversion(
            id=row.id,
            click_key=row.click_id,
            click_text=ground.click_text(row.click_id),
            identity=row.identity,
            txn_id=row.txn_id,
            event=row.event,
            kept=None if row.kept == WITHDRAWN else row.kept,
            entries=entries_of(connection, row.id, until),
            offer_id=row.offer_id,
        )
        for row in rows
    ]


def entries_of(connection: Connection, conversion_id: int, until: Arrival | None = None) -> list[Entry]:
    """In the order in which they came, however often they were replayed since; a person's word last of its instant."""
    query = select(*EntryRow.__table__.columns).where(EntryRow.conversion_id == conversion_id)
    if until is not None:
        at, postback_id = until
        by_hand = and_(EntryRow.postback_id.is_(None), EntryRow.arrived_at < at)
        query = query.where(or_(EntryRow.postback_id < postback_id, by_hand))
    rows = connection.execute(query.order_by(EntryRow.arrived_at, EntryRow.postback_id.asc().nulls_last(), EntryRow.id))
    return [_entry(row) for row in rows]


def book(
    connection: Connection,
    change: Change,
    judgement: Judgement,
    heard: Said,
    postback_id: int,
    ground: Ground,
) -> int:
    warnings = [remark.warning.value for remark in judgement.remarks]
    columns: dict[str, Any] = {
        "identity": change.identity,
        "txn_id": change.txn_id,
        "kept": change.kept,
        "updated": ground.now,
        **heard.custom,
    }
    if change.known is None:
        base = ground.setup.owner.base_currency
        columns |= {"warnings": list(dict.fromkeys(warnings)), "base_currency": base}
        columns |= _folded(connection, change.after, change.entry.arrived_at, base)
        conversion_id = _create(connection, change, heard, ground.setup, columns)
    else:
        conversion_id = change.known.id
        row = _row(connection, conversion_id)
        columns["warnings"] = list(dict.fromkeys([*row.warnings, *warnings]))
        columns |= _folded(connection, change.after, row.time, row.base_currency)
        _update(connection, conversion_id, columns)
    _write_entry(connection, conversion_id, postback_id, change.entry, judgement.outcome.value)
    return conversion_id


def of_receipt(connection: Connection, postback_id: int) -> int | None:
    """The conversion to whose history a receipt added."""
    return connection.scalar(select(EntryRow.conversion_id).where(EntryRow.postback_id == postback_id))


def standing(connection: Connection, conversion_id: int, ground: Ground) -> Standing:
    row = _row(connection, conversion_id)
    entries = entries_of(connection, conversion_id)
    is_there = bool(entries) and row.kept != WITHDRAWN
    return Standing(_fold(entries, row, ground.setup) if is_there else None, row._asdict())


def withdraw(connection: Connection, postback_id: int) -> None:
    """Takes a receipt's entry back before it is judged anew."""
    connection.execute(delete(EntryRow).where(EntryRow.postback_id == postback_id))


def refold(
    connection: Connection, conversion_id: int, before: Standing | None, ground: Ground, *, withhold: bool
) -> None:
    """After a replay: the conversion again from the entries that it has now, and what that owes its source."""
    row = _row(connection, conversion_id)
    entries = entries_of(connection, conversion_id)
    first = _first_receipt(connection, conversion_id)
    if first is not None:
        folded = _folded(connection, _fold(entries, row, ground.setup), first, row.base_currency)
        values = {"time": first, "warnings": _warnings_of(connection, conversion_id), **folded}
    else:
        values = {"kept": WITHDRAWN, "net": 0, "net_base": 0}
        outbox.withdraw(connection, conversion_id)
    nothing_moved = before and {**row._asdict(), **values, "updated": before.columns["updated"]} == before.columns
    updated = before.columns["updated"] if before and nothing_moved else ground.now
    _update(connection, conversion_id, {**values, "updated": updated})
    outbox.owe(connection, conversion_id, before.state if before else None, ground, withhold=withhold)


def set_status(connection: Connection, conversion_id: int, status: Status, ground: Ground) -> None:
    """A person's word: an entry like any other, which only later news can move."""
    row = _row(connection, conversion_id)
    before = standing(connection, conversion_id, ground).state
    entry = Entry(arrived_at=ground.now, status=status, is_manual=True)
    state = _fold([*entries_of(connection, conversion_id), entry], row, ground.setup)
    folded = _folded(connection, state, row.time, row.base_currency)
    _update(connection, conversion_id, {"updated": ground.now, **folded})
    _write_entry(connection, conversion_id, None, entry, "set_by_hand")
    outbox.owe(connection, conversion_id, before, ground)


def accept_late(connection: Connection, conversion_id: int, ground: Ground) -> None:
    late = (ConversionRow.id == conversion_id) & (ConversionRow.kept == "late")
    if connection.execute(update(ConversionRow).where(late).values(kept=None, updated=ground.now)).rowcount:
        outbox.owe(connection, conversion_id, None, ground)


def _update(connection: Connection, conversion_id: int, columns: dict[str, Any]) -> None:
    connection.execute(update(ConversionRow).where(ConversionRow.id == conversion_id).values(**columns))


def _row(connection: Connection, conversion_id: int) -> Row[Any]:
    return connection.execute(select(*ConversionRow.__table__.columns).where(ConversionRow.id == conversion_id)).one()


def _fold(entries: Sequence[Entry], row: Row[Any], setup: Setup) -> State:
    return fold(entries, rules_of(setup.networks[setup.key_of_network[row.network_id]]))


def _create(connection: Connection, change: Change, heard: Said, setup: Setup, columns: dict[str, Any]) -> int:
    click_key = heard.click.key
    click = connection.execute(select(ClickRow.campaign_id, ClickRow.source_id).where(ClickRow.id == click_key)).one()
    offer = setup.offer_by_id[change.offer_id]
    created = {
        "click_id": click_key,
        "campaign_id": click.campaign_id,
        "source_id": click.source_id,
        "network_id": setup.networks[offer.network].id,
        "offer_id": change.offer_id,
        "event": change.event,
        "event_key": heard.event_key,
        "time": change.entry.arrived_at,
        "is_test": change.is_test,
        **columns,
    }
    return int(connection.execute(insert(ConversionRow).returning(ConversionRow.id), created).scalar_one())


def _folded(connection: Connection, state: State, first_at: int, base: str) -> dict[str, Any]:
    """In the base currency by the rate of the conversion's own day, whenever it is folded."""
    convert = converter(connection, iso(first_at)[:10])
    currency = state.currency or base
    return {
        "status": state.status.value,
        "original_status": state.original_status.value,
        "payout": state.payout,
        "currency": state.currency,
        "sale_amount": state.sale_amount,
        "sale_currency": state.sale_currency,
        "reversed": state.reversed,
        "net": state.net,
        "payout_base": convert(state.payout, currency, base) if state.payout is not None else None,
        "net_base": convert(state.net, currency, base),
    }


def _first_receipt(connection: Connection, conversion_id: int) -> int | None:
    """When the first of those came that still speak of it."""
    of_receipts = (EntryRow.conversion_id == conversion_id) & EntryRow.postback_id.is_not(None)
    return connection.scalar(select(EntryRow.arrived_at).where(of_receipts).order_by(EntryRow.postback_id).limit(1))


def _warnings_of(connection: Connection, conversion_id: int) -> list[str]:
    """What stands beside its receipts as they are judged today."""
    query = (
        select(PostbackRow.warnings)
        .join(EntryRow, EntryRow.postback_id == PostbackRow.id)
        .where(EntryRow.conversion_id == conversion_id)
        .order_by(PostbackRow.id)
    )
    return list(dict.fromkeys(one["warning"] for warnings in connection.scalars(query) for one in warnings))


def _write_entry(
    connection: Connection, conversion_id: int, postback_id: int | None, entry: Entry, effect: str
) -> None:
    row = {
        "conversion_id": conversion_id,
        "postback_id": postback_id,
        "arrived_at": entry.arrived_at,
        "status": entry.status.value,
        "amount": entry.amount,
        "currency": entry.currency,
        "is_read": entry.is_read,
        "sale_amount": entry.sale_amount,
        "sale_currency": entry.sale_currency,
        "network_time": entry.network_time,
        "txn_id": entry.txn_id,
        "is_manual": entry.is_manual,
        "effect": effect,
    }
    connection.execute(insert(EntryRow).values(**row))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        arrived_at=row.arrived_at,
        status=Status(row.status),
        amount=row.amount,
        currency=row.currency,
        is_read=row.is_read,
        sale_amount=row.sale_amount,
        sale_currency=row.sale_currency,
        network_time=row.network_time,
        txn_id=row.txn_id,
        is_manual=row.is_manual,
    )
