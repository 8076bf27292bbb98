"""Whether the books agree: receipts with conversions, conversions with their history, relays with what is owed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, literal, select

from server.api.finding import Trouble, named
from server.api.looking import Look, digest_key
from server.clock import MINUTE
from server.current import load_setup
from server.domain.click_id import ALPHABET, LENGTH, decode, encode, key_time, surviving_key
from server.domain.delivery import SENDING
from server.domain.fold import State
from server.domain.moment import iso
from server.domain.outcome import Outcome
from server.domain.owing import relay_key
from server.domain.status import Status
from server.pipeline import conversion
from server.pipeline.conversion import WITHDRAWN
from server.pipeline.ground import Ground
from server.storage.tables import (
    BootRow,
    ClickRow,
    ConversionRow,
    DestinationRow,
    EntryRow,
    PostbackRow,
    RelayRow,
    SourceRow,
)

SAMPLE = 1_000  # the newest ones, where not everything is asked for
_PAGE = 200  # in one look, so that a server's log can be emptied in between
_MOST = 20
_ID = re.compile(rf"(?<![0-9A-Za-z])[{ALPHABET}]{{{LENGTH}}}(?![0-9A-Za-z])", re.IGNORECASE)
_REPLAY = "Replay the receipts: tallyback replay postbacks --click ID."
_REPORT = "This should not be possible: keep a copy of the folder, and report it."
_FOLDED = (
    *("payout", "currency", "sale_amount", "sale_currency", "reversed", "net"),
    *("status", "original_status"),
)


def times(look: Look) -> str:
    with look.read() as connection:
        newest = connection.scalar(select(func.max(ClickRow.id)))
        last = connection.scalar(select(func.max(PostbackRow.time)))
    latest = max(key_time(newest) if newest is not None else 0, last or 0)
    if latest > look.clock() + MINUTE:
        raise Trouble(
            f"The newest click or postback is of {iso(latest)}, which is still to come.",
            "The clock of this machine was set back, or was wrong: compare it, and let it be kept by NTP.",
        )
    return f"the newest is of {iso(latest)}" if latest else "there is none yet"


def click_ids(look: Look) -> str:
    """The addresses that visitors were sent to carry the ids that were given out: they must prove themselves today."""
    with look.read() as connection:
        secret = digest_key(connection)
    proven = 0
    sent_on = select(ClickRow.id, ClickRow.destination).where(ClickRow.destination.is_not(None))
    for row in _newest(look, sent_on, ClickRow.id):
        for text in _ID.findall(row.destination):
            if decode(text, secret) == row.id:
                proven += 1
            elif surviving_key(text) == row.id:
                raise Trouble(
                    f"The id {text} that click {encode(row.id, secret)} was given proves itself no more.",
                    "The key of the click ids was changed: restore the data together with its key.",
                )
    return f"{proven} that were given out prove themselves"


def receipts(look: Look) -> str:
    with look.read() as connection:
        entered = exists().where(EntryRow.postback_id == PostbackRow.id)
        counted = PostbackRow.outcome.in_((Outcome.ACCEPTED.value, Outcome.UPDATED.value))
        lost = _ids(connection, PostbackRow.id, counted & ~entered)
        strange = _ids(connection, EntryRow.id, EntryRow.postback_id.is_(None) & EntryRow.is_manual.is_(False))
        told = exists().where(EntryRow.conversion_id == ConversionRow.id)
        unfounded = _ids(connection, ConversionRow.id, ConversionRow.kept.is_distinct_from(WITHDRAWN) & ~told)
        total = connection.scalar(select(func.count()).select_from(EntryRow))
    if lost:
        raise Trouble(f"Postbacks {named(lost)} count, and no conversion knows of them.", _REPLAY)
    if strange:
        raise Trouble(f"Entries {named(strange)} of the history are of no postback and of no person.", _REPORT)
    if unfounded:
        raise Trouble(f"Conversions {named(unfounded)} have no history.", _REPORT)
    return f"{total} entries, each of a receipt or of a person"


def conversions(look: Look) -> str:
    """Each is what its history adds up to."""
    with look.read() as connection:
        ground = Ground(load_setup(connection), digest_key(connection), look.clock())
    checked = 0
    for row in _newest(look, select(ConversionRow.id), ConversionRow.id):
        with look.read() as connection:
            standing = conversion.standing(connection, row.id, ground)
        if wrong := _differences(standing.state, standing.columns):
            raise Trouble(f"Conversion {row.id} is not what its history adds up to: {named(wrong)}.", _REPLAY)
        checked += 1
    return f"{checked} are what their history adds up to"


def relays_owed(look: Look) -> str:
    """Each status of a counted conversion owes its source one relay, once."""
    told = (
        select(RelayRow.id)
        .join(DestinationRow, DestinationRow.id == RelayRow.destination_id)
        .where(RelayRow.conversion_id == ConversionRow.id, RelayRow.status == ConversionRow.status)
        .where(DestinationRow.key == literal("source:") + SourceRow.key)
    )
    counted = ConversionRow.kept.is_(None) & ConversionRow.is_test.is_(False)
    owing = (
        select(ConversionRow.id)
        .join(SourceRow, SourceRow.id == ConversionRow.source_id)
        .where(counted, ~told.exists())
        .limit(_MOST)
    )
    thing = (RelayRow.conversion_id, RelayRow.status, RelayRow.revision, RelayRow.destination_id)
    twice = select(RelayRow.conversion_id).group_by(*thing).having(func.count() > 1).limit(_MOST)
    with look.read() as connection:
        missing, doubled = list(connection.scalars(owing)), list(connection.scalars(twice))
        total = connection.scalar(select(func.count()).select_from(ConversionRow).where(counted))
    if missing:
        raise Trouble(f"Conversions {named(missing)} owe their source a relay, and there is none.", _REPLAY)
    if doubled:
        raise Trouble(f"Conversions {named(doubled)} owe the same relay twice.", _REPORT)
    return f"{total} conversions that count, each with its relay"


def relay_keys(look: Look) -> str:
    """The key that the other side tells a repetition by follows from what the relay is about."""
    checked = 0
    columns = (RelayRow.id, RelayRow.key, RelayRow.conversion_id, RelayRow.status, RelayRow.revision)
    query = select(*columns, DestinationRow.key.label("destination")).join(
        DestinationRow, DestinationRow.id == RelayRow.destination_id
    )
    for row in _newest(look, query, RelayRow.id):
        if row.key != relay_key(row.conversion_id, Status(row.status), row.revision, row.destination):
            raise Trouble(f"The key of relay {row.id} is not the one that it should have.", _REPORT)
        checked += 1
    return f"{checked} follow from what they are about"


def leases(look: Look) -> str:
    with look.read() as connection:
        owned = exists().where(BootRow.id == RelayRow.lease_owner)
        lost = _ids(connection, RelayRow.id, (RelayRow.state == SENDING) & ~owned)
        under_way = connection.scalar(select(func.count()).select_from(RelayRow).where(RelayRow.state == SENDING))
    if lost and look.server is not None:
        raise Trouble(f"Relays {named(lost)} are being sent by a server that is gone.", "Restart the server.")
    return f"{under_way} relays are being sent" + (
        "" if look.server or not under_way else "; the next start takes them up"
    )


def _newest(look: Look, query: Any, number: Any) -> Iterator[Row[Any]]:
    """Page by page from the newest on: a sample, or all."""
    left = None if look.is_deep else SAMPLE
    page = query.order_by(number.desc()).limit(_PAGE)
    while left is None or left > 0:
        with look.read() as connection:
            rows = connection.execute(page).all()
        if not rows:
            return
        yield from rows
        page = query.where(number < rows[-1].id).order_by(number.desc()).limit(_PAGE)
        left = None if left is None else left - len(rows)


def _ids(connection: Connection, number: Any, which: ColumnElement[bool]) -> Sequence[int]:
    return connection.scalars(select(number).where(which).limit(_MOST)).all()


def _differences(state: State | None, columns: Any) -> list[str]:
    if state is None:
        return [] if not columns["net"] else [f"net is {columns['net']}, and nothing speaks of it"]
    said = {name: getattr(state, name) for name in _FOLDED}
    said |= {"status": state.status.value, "original_status": state.original_status.value}
    return [f"{name} is {columns[name]}, not {value}" for name, value in said.items() if columns[name] != value]
