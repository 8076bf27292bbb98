"""Many receipts in one transaction: the usual ones are judged and written together, the others one by one as ever.

A receipt is usual where nothing was said before about its click's conversion or its transaction, and nothing else in
the batch speaks of them. What is written is what `attribution.receive` would write, one after the other.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import DBAPIError

from server.domain import identity
from server.domain.browser import PIXEL
from server.domain.judging import Judgement, bare_txn_id, judge
from server.domain.said import Said
from server.domain.things import Network
from server.pipeline import attribution, conversion, gathering, outbox
from server.pipeline.attribution import Received
from server.pipeline.gathering import ClickColumns, FoundClick
from server.pipeline.ground import Ground
from server.pipeline.outbox import Booked, Due
from server.pipeline.receipt import Receipt, plainly_opened, refusal_of, without_token
from server.pipeline.values import Rates
from server.storage import bulk, dialect
from server.storage.tables import ConversionRow, EntryRow, PostbackRow, RelayRow

MOST_TOGETHER = 256

log = logging.getLogger(__name__)

_SAME = (ConversionRow.click_id, ConversionRow.network_id, ConversionRow.event_key, ConversionRow.txn_id.is_(None))
_OF_CLICKS = select(*_SAME, ConversionRow.kept).distinct()
_IDENTITIES = select(ConversionRow.identity)


class _Heard(NamedTuple):
    """A receipt of a network that may speak, understood, its click id proven."""

    receipt: Receipt
    network: Network
    said: Said
    click_key: int
    txn: bytes | None  # the identity that a transaction id gives


class _Usual(NamedTuple):
    heard: _Heard
    click: FoundClick


def receive_many(connection: Connection, receipts: Sequence[Receipt], ground: Ground) -> list[Received | Exception]:
    """As `receive` for each in order, in the caller's transaction; where a fault of ours stops one, the fault."""
    results: list[Received | Exception] = []
    for start in range(0, len(receipts), MOST_TOGETHER):
        results += _receive(connection, receipts[start : start + MOST_TOGETHER], ground)
    return results


def _receive(connection: Connection, receipts: Sequence[Receipt], ground: Ground) -> list[Received | Exception]:
    usual: Mapping[int, _Usual] = {}
    if connection.dialect.name == "sqlite":  # PostgreSQL hands out its numbers itself
        try:
            usual = _usual(connection, receipts, ground)
        except Exception as error:  # noqa: BLE001 - it comes again for those whom it concerns
            _tell(connection, error, len(receipts))
    rates = Rates(connection)
    results: list[Received | Exception] = []
    for are_usual, group in groupby(range(len(receipts)), key=usual.__contains__):
        numbers = list(group)
        together = _together(connection, [usual[number] for number in numbers], ground, rates) if are_usual else None
        results += together or [_alone(connection, receipts[number], ground) for number in numbers]
    return results


def _alone(connection: Connection, receipt: Receipt, ground: Ground) -> Received | Exception:
    try:
        with connection.begin_nested():
            return attribution.receive(connection, receipt, ground)
    except Exception as error:
        if not dialect.is_in_transaction(connection):  # nothing of the batch is left: the caller has to know
            raise
        return error


def _tell(connection: Connection, error: Exception, count: int) -> None:
    if not dialect.is_in_transaction(connection):
        raise error
    why = error.orig if isinstance(error, DBAPIError) else error
    log.warning("%d postbacks could not be taken together, each is taken alone: %s", count, why)


# -- which are usual ---------------------------------------------------------------------------------------------------


def _usual(connection: Connection, receipts: Sequence[Receipt], ground: Ground) -> dict[int, _Usual]:
    heard = {n: one for n, receipt in enumerate(receipts) if (one := _hear(receipt, ground)) is not None}
    clicks_said = Counter(one.click_key for one in heard.values())
    txns_said = Counter(one.txn for one in heard.values() if one.txn)
    single = {
        n: one
        for n, one in heard.items()
        if clicks_said[one.click_key] == 1 and (one.txn is None or txns_said[one.txn] == 1)
    }
    if not single:
        return {}
    keys = [one.click_key for one in single.values()]
    txns = [one.txn for one in single.values() if one.txn]
    clicks = gathering.clicks(connection, {one.click_key: one.said.click.text for one in single.values()}, ground)
    of_clicks = bulk.rows_of(connection, _OF_CLICKS, ConversionRow.click_id, keys)
    said_before = {tuple(same) for *same, kept in of_clicks if kept != "conflict"}
    taken = {txn for (txn,) in bulk.rows_of(connection, _IDENTITIES, ConversionRow.identity, txns)}
    return {
        n: _Usual(one, clicks[one.click_key])
        for n, one in single.items()
        if one.click_key in clicks
        and one.txn not in taken
        and not _is_said_before(one, said_before)
        and not (ground.setup.has_caps and _is_capped(clicks[one.click_key], ground))
    }


def _hear(receipt: Receipt, ground: Ground) -> _Heard | None:
    """None where it is not usual, or where our rules stumble: `receive` then says how."""
    network = ground.setup.networks.get(receipt.address)
    try:
        if network is None or receipt.method == PIXEL:
            return None
        opened = plainly_opened(receipt, network)
        if opened is None and refusal_of(receipt, network):
            return None
        receipt = opened or without_token(receipt, network)
        said = attribution.understand(receipt, network, ground)
        if said.click.key is None:
            return None
        txn_id = bare_txn_id(said, network)
        txn = None if txn_id is None else identity.of_transaction(network.id, txn_id, said.event_key)
        return _Heard(receipt, network, said, said.click.key, txn)
    except Exception:  # noqa: BLE001 - it comes again, and is told then
        return None


def _is_said_before(one: _Heard, said_before: set[tuple[Any, ...]]) -> bool:
    """Whether there is a conversion of its click, network and event of which it can speak."""
    same = (one.click_key, one.network.id, one.said.event_key)
    return (*same, True) in said_before or (one.txn is None and (*same, False) in said_before)


def _is_capped(click: FoundClick, ground: Ground) -> bool:
    """Whether what it owes depends on what was sent today."""
    return any(template.cap is not None for _, template in outbox.destinations(click.row, ground.setup))


# -- written together --------------------------------------------------------------------------------------------------


def _together(
    connection: Connection, usual: Sequence[_Usual], ground: Ground, rates: Rates
) -> list[Received | Exception] | None:
    """None where something went wrong and nothing is written: each is then tried alone."""
    try:
        with bulk.savepoint(connection):
            pages = _Pages(connection, ground, rates)
            results: list[Received | Exception] = [pages.add(one) for one in usual]
            pages.write()
            return results
    except Exception as error:  # noqa: BLE001 - it comes again for those whom it concerns
        _tell(connection, error, len(usual))
        return None


class _Pages:
    """The rows of many receipts, before they are written."""

    def __init__(self, connection: Connection, ground: Ground, rates: Rates) -> None:
        self._connection = connection
        self._ground = ground
        self._rates = rates
        last = bulk.last_numbers(connection, PostbackRow, ConversionRow, EntryRow, RelayRow)
        self._postback_id, self._conversion_id, self._entry_id, self._relay_id = last
        self._destinations: dict[str, Row[Any]] = {}
        self._postbacks: list[dict[str, Any]] = []
        self._conversions: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []
        self._relays: list[dict[str, Any]] = []

    def add(self, usual: _Usual) -> Received:
        heard, click, ground = usual.heard, usual.click, self._ground
        self._postback_id += 1
        at = heard.receipt.arrived_at
        facts = gathering.of_new(self._postback_id, at, heard.said, heard.network, click.known, ground, self._rates)
        judgement = judge(heard.said, heard.network, facts)
        conversion_id = self._convert(judgement, heard.said, click) if judgement.change else None
        row = attribution.stored(heard.receipt, heard.network)
        row |= attribution.noted(judgement, heard.click_key, conversion_id)
        row["id"] = self._postback_id
        self._postbacks.append(row)
        return attribution.received(judgement, conversion_id)

    def write(self) -> None:
        """In the order of what refers to what."""
        bulk.insert_rows(self._connection, ConversionRow, self._conversions)
        bulk.insert_rows(self._connection, PostbackRow, self._postbacks)
        bulk.insert_rows(self._connection, EntryRow, self._entries)
        bulk.insert_rows(self._connection, RelayRow, self._relays)

    def _convert(self, judgement: Judgement, said: Said, click: FoundClick) -> int:
        change, row = judgement.change, click.row
        if change is None or change.known is not None:
            raise AssertionError("a usual postback speaks of no known conversion")
        self._conversion_id += 1
        number = self._conversion_id
        created = conversion.created(change, judgement, said, row, self._ground, self._rates)
        created["id"] = number
        self._conversions.append(created)
        self._entry_id += 1
        entered = conversion.entered(number, self._postback_id, change.entry, judgement.outcome.value)
        entered["id"] = self._entry_id
        self._entries.append(entered)
        if change.kept is None:
            self._owe(number, created, row)
        return number

    def _owe(self, conversion_id: int, created: Mapping[str, Any], row: ClickColumns) -> None:
        booked = Booked._make((conversion_id, *_booked(created), row.external_id, row.test_echo))
        for name, template in outbox.destinations(booked, self._ground.setup):
            if name not in self._destinations:
                self._destinations[name] = outbox.destination_row(self._connection, name)
            due = Due(name, template, revision=0, is_withheld=False)
            self._relay_id += 1
            owed = outbox.relay_row(due, booked, self._destinations[name], 0, self._ground)
            owed["id"] = self._relay_id
            self._relays.append(owed)


_booked = itemgetter(*Booked._fields[1:-2])
