"""Third on the line: what a receipt changes about its conversion is written, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from server.domain.fold import Entry, State, fold
from server.domain.judging import Change, Judgement, KnownConversion, rules_of
from server.domain.moment import iso
from server.domain.said import Said
from server.domain.status import Status
from server.domain.things import Setup
from server.pipeline import outbox
from server.pipeline.ground import Ground
from server.pipeline.values import converter
from server.storage.tables import ClickRow, ConversionRow, EntryRow

WITHDRAWN = "withdrawn"  # its only receipt speaks, after a replay, of another conversion


def known(connection: Connection, which: ColumnElement[bool], ground: Ground) -> Sequence[KnownConversion]:
    """The conversions that match, oldest first, with all that was ever said about them."""
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
            entries=entries_of(connection, row.id),
            offer_id=row.offer_id,
        )
        for row in rows
    ]


def entries_of(connection: Connection, conversion_id: int) -> list[Entry]:
    rows = connection.execute(
        select(*EntryRow.__table__.columns)
        .where(EntryRow.conversion_id == conversion_id)
        .order_by(EntryRow.arrived_at, EntryRow.id)
    )
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
    columns = {
        "identity": change.identity,
        "txn_id": change.txn_id,
        "kept": change.kept,
        "updated": ground.now,
        **_folded(connection, change.after, change.entry.arrived_at, ground.setup),
        **heard.custom,
    }
    if change.known is None:
        conversion_id = _create(
            connection, change, heard, ground.setup, {**columns, "warnings": list(dict.fromkeys(warnings))}
        )
    else:
        conversion_id = change.known.id
        row = connection.execute(select(ConversionRow.warnings).where(ConversionRow.id == conversion_id)).one()
        columns["warnings"] = list(dict.fromkeys([*row.warnings, *warnings]))
        _update(connection, conversion_id, columns)
    _write_entry(connection, conversion_id, postback_id, change.entry, judgement.outcome.value)
    return conversion_id


def withdraw(connection: Connection, postback_id: int) -> int | None:
    """Takes a receipt's entry back before it is judged anew; the conversion that it spoke of."""
    conversion_id = connection.scalar(select(EntryRow.conversion_id).where(EntryRow.postback_id == postback_id))
    connection.execute(delete(EntryRow).where(EntryRow.postback_id == postback_id))
    return conversion_id


def refold(connection: Connection, conversion_id: int, ground: Ground) -> None:
    """The conversion again from what is left of its entries."""
    row = _row(connection, conversion_id)
    entries = entries_of(connection, conversion_id)
    if entries:
        state = _fold(entries, row, ground.setup)
        values: dict[str, Any] = _folded(connection, state, row.time, ground.setup)
    else:
        values = {"kept": WITHDRAWN, "net": 0, "net_base": 0}
    connection.execute(
        update(ConversionRow).where(ConversionRow.id == conversion_id).values(updated=ground.now, **values)
    )


def set_status(connection: Connection, conversion_id: int, status: Status, ground: Ground) -> None:
    """A person's word: an entry like any other, which only later news can move."""
    row = _row(connection, conversion_id)
    entries = entries_of(connection, conversion_id)
    before = _fold(entries, row, ground.setup)
    entry = Entry(arrived_at=ground.now, status=status, is_manual=True)
    state = _fold([*entries, entry], row, ground.setup)
    values = _folded(connection, state, row.time, ground.setup)
    connection.execute(
        update(ConversionRow).where(ConversionRow.id == conversion_id).values(updated=ground.now, **values)
    )
    _write_entry(connection, conversion_id, None, entry, "set_by_hand")
    outbox.owe(connection, conversion_id, before, ground)


def accept_late(connection: Connection, conversion_id: int, ground: Ground) -> None:
    connection.execute(
        update(ConversionRow)
        .where(ConversionRow.id == conversion_id, ConversionRow.kept == "late")
        .values(kept=None, updated=ground.now)
    )
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
        "base_currency": setup.owner.base_currency,
        **columns,
    }
    return int(connection.execute(insert(ConversionRow).returning(ConversionRow.id), created).scalar_one())


def _folded(connection: Connection, state: State, at: int, setup: Setup) -> dict[str, Any]:
    base = setup.owner.base_currency
    convert = converter(connection, iso(at)[:10])
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
