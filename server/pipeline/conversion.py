"""Third on the line: what a receipt changes about its conversion is written, with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, or_, select, update

from server.domain.costing import ConversionPrice, price_of_conversion
from server.domain.facts import KnownConversion
from server.domain.fold import Entry, State, fold
from server.domain.freezing import Own, freeze, in_every_base, is_without_rate, with_remark
from server.domain.judging import Change, Judgement, rules_of
from server.domain.rates import RateOf
from server.domain.said import Said
from server.domain.status import Status
from server.domain.things import Setup
from server.pipeline import outbox
from server.pipeline.ground import Ground
from server.pipeline.values import Rates
from server.storage.tables import ClickRow, ConversionRow, EntryRow, PostbackRow

WITHDRAWN = "withdrawn"  # its only receipt speaks, after a replay, of another conversion
Arrival = tuple[int, int]  # when a receipt came, and which of that instant it is

_ROWS = select(*ConversionRow.__table__.columns)
_ROW = _ROWS.where(ConversionRow.id == bindparam("conversion"))
_ENTRIES = (
    select(*EntryRow.__table__.columns)
    .where(EntryRow.conversion_id == bindparam("conversion"))
    .order_by(EntryRow.arrived_at, EntryRow.postback_id.asc().nulls_last(), EntryRow.id)
)
_CLICK = select(ClickRow.campaign_id, ClickRow.source_id).where(ClickRow.id == bindparam("click"))
_CREATE = insert(ConversionRow).returning(ConversionRow.id)
_ENTER = insert(EntryRow)


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversion as it stands before a replay: what the replay changes is measured against it."""

    state: State | None
    columns: Mapping[str, Any]


def known(
    connection: Connection, which: ColumnElement[bool], ground: Ground, until: Arrival | None = None
) -> Sequence[KnownConversion]:
    """The conversions that match, oldest first, with all that was said about them, or what was until then."""
    rows = connection.execute(_ROWS.where(which).order_by(ConversionRow.id)).all()
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
    query = _ENTRIES
    if until is not None:
        at, postback_id = until
        by_hand = and_(EntryRow.postback_id.is_(None), EntryRow.arrived_at < at)
        query = query.where(or_(EntryRow.postback_id < postback_id, by_hand))
    return [_entry(row) for row in connection.execute(query, {"conversion": conversion_id})]


def book(
    connection: Connection,
    change: Change,
    judgement: Judgement,
    heard: Said,
    postback_id: int,
    ground: Ground,
) -> int:
    if change.known is None:
        click: Any = connection.execute(_CLICK, {"click": heard.click.key}).one()
        columns = created(change, judgement, heard, click, ground, Rates(connection))
        conversion_id = int(connection.execute(_CREATE, columns).scalar_one())
    else:
        conversion_id = change.known.id
        row = _row(connection, conversion_id)
        columns = _booked(change, heard, ground)
        columns |= _folded_anew(change.after, row, Rates(connection).of(row.time), judgement.warnings)
        _update(connection, conversion_id, columns)
    connection.execute(_ENTER, entered(conversion_id, postback_id, change.entry, judgement.outcome.value))
    return conversion_id


def created(
    change: Change, judgement: Judgement, heard: Said, click: outbox.Bought, ground: Ground, rates: Rates
) -> dict[str, Any]:
    """A new conversion's row, all but its number."""
    setup, base = ground.setup, ground.setup.owner.base_currency
    price = _price_now(click.campaign_id, setup)
    return {
        "click_id": heard.click.key,
        "campaign_id": click.campaign_id,
        "source_id": click.source_id,
        "network_id": setup.networks[setup.offer_by_id[change.offer_id].network].id,
        "offer_id": change.offer_id,
        "event": change.event,
        "event_key": heard.event_key,
        "time": change.entry.arrived_at,
        "is_test": change.is_test,
        "base_currency": base,
        "warnings": judgement.warnings,
        **_booked(change, heard, ground),
        **_priced(price),
        **_folded(change.after, price, base),
        **freeze(_own(change.after, price, base), base, rates.of(change.entry.arrived_at))._asdict(),
    }


def entered(conversion_id: int, postback_id: int | None, entry: Entry, effect: str) -> dict[str, Any]:
    """The row of the history that says what a receipt, or a person, said."""
    return {
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
        state, rate_of = _fold(entries, row, ground.setup), Rates(connection).of(first)
        row_anew = _folded_anew(state, row, rate_of, _warnings_of(connection, conversion_id), is_afresh=True)
        values = {"time": first, **row_anew}
    else:
        nothing = Own(row.payout, 0, row.currency, 0 if _price_of(row) else None, row.cost_currency)
        in_bases = in_every_base(nothing, row, Rates(connection).of(row.time))
        values = {"kept": WITHDRAWN, "net": 0, "cost": nothing.cost, **in_bases}
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
    folded = _folded_anew(state, row, Rates(connection).of(row.time), ())
    _update(connection, conversion_id, {"updated": ground.now, **folded})
    connection.execute(_ENTER, entered(conversion_id, None, entry, "set_by_hand"))
    outbox.owe(connection, conversion_id, before, ground)


def accept_late(connection: Connection, conversion_id: int, ground: Ground) -> None:
    late = (ConversionRow.id == conversion_id) & (ConversionRow.kept == "late")
    if connection.execute(update(ConversionRow).where(late).values(kept=None, updated=ground.now)).rowcount:
        outbox.owe(connection, conversion_id, None, ground)


def _update(connection: Connection, conversion_id: int, columns: dict[str, Any]) -> None:
    connection.execute(update(ConversionRow).where(ConversionRow.id == conversion_id).values(**columns))


def _row(connection: Connection, conversion_id: int) -> Row[Any]:
    return connection.execute(_ROW, {"conversion": conversion_id}).one()


def _fold(entries: Sequence[Entry], row: Row[Any], setup: Setup) -> State:
    return fold(entries, rules_of(setup.networks[setup.key_of_network[row.network_id]]))


def _booked(change: Change, heard: Said, ground: Ground) -> dict[str, Any]:
    identified = {"identity": change.identity, "txn_id": change.txn_id, "kept": change.kept}
    return {**identified, "updated": ground.now, **heard.custom}


def _folded(state: State, price: ConversionPrice | None, base: str) -> dict[str, Any]:
    own = _own(state, price, base)
    return {
        "status": state.status.value,
        "original_status": state.original_status.value,
        "payout": state.payout,
        "currency": state.currency,
        "sale_amount": state.sale_amount,
        "sale_currency": state.sale_currency,
        "reversed": state.reversed,
        "net": state.net,
        **({"cost": own.cost, "cost_currency": own.cost_currency} if price else {}),
    }


def _folded_anew(
    state: State, row: Row[Any], rate_of: RateOf, warnings: Sequence[str], *, is_afresh: bool = False
) -> dict[str, Any]:
    """By the rate that was frozen, else by that of the conversion's own day, whenever it is folded."""
    price, base = _price_of(row), row.base_currency
    own = _own(state, price, base)
    columns = {**_folded(state, price, base), **in_every_base(own, row, rate_of)}
    every = list(dict.fromkeys([*(() if is_afresh else row.warnings), *warnings]))
    lacks = is_without_rate(own, base, columns["rate"])
    return {**columns, "warnings": with_remark(every, is_without_rate=lacks)}


def _own(state: State, price: ConversionPrice | None, base: str) -> Own:
    cost = (price.cost_of(state), price.currency or state.currency or base) if price else (None, None)
    return Own(state.payout, state.net, state.currency, *cost)


def _price_now(campaign_id: int, setup: Setup) -> ConversionPrice | None:
    """As its campaign is set up: the price stands with the conversion, whatever changes later."""
    key = setup.key_of_campaign.get(campaign_id)
    return price_of_conversion(setup.every_campaign[key].cost, setup.owner) if key is not None else None


def _priced(price: ConversionPrice | None) -> dict[str, Any]:
    if price is None:
        return {}
    return {"cost_share": price.share} if price.share is not None else {"cost_price": price.micros}


def _price_of(row: Row[Any]) -> ConversionPrice | None:
    if row.cost_share is not None:
        return ConversionPrice(share=row.cost_share)
    return None if row.cost_price is None else ConversionPrice(row.cost_price, row.cost_currency)


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
