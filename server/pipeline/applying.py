"""What lay in the spool comes into the database: in short transactions, once, whatever is killed when."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select, update

from server.domain.outcome import Outcome
from server.pipeline import attribution, click, spooled, unrecorded
from server.pipeline.attribution import Received
from server.pipeline.batch import receive_many
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt
from server.pipeline.spooled import CLICK, MISSED, RECEIPT, STEP, Record
from server.storage import corrections, dialect
from server.storage.dialect import insert_or_ignore
from server.storage.spool import Spool
from server.storage.tables import ClickRow, PostbackRow, SettingRow, StepRow

# What a receipt was judged to be that came into the database before the click or the step of which it speaks.
_TOO_EARLY = (Outcome.CLICK_UNKNOWN.value, Outcome.WRONG_NETWORK.value)
_BY_RATES = ("cost_base", "base_currency", "bases")  # of a click; others may be known since
_OWES = (Outcome.ACCEPTED, Outcome.UPDATED, Outcome.TEST)

_Write = Callable[[Connection, Sequence[Record]], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """Up to which number, how many now and in what time, and whether relays are owed."""

    through: int
    count: int = 0
    seconds: float = 0.0
    owes: bool = False


def applied_through(connection: Connection, spool: Spool) -> int:
    """The number of the last record that was applied: it is written in the transaction that applies it."""
    return connection.scalar(select(SettingRow.value).where(SettingRow.name == _setting(spool))) or 0


def apply_next(connection: Connection, spool: Spool, most: int, ground: Ground) -> Applied:
    """First the clicks, then what speaks of clicks."""
    began = time.monotonic()
    before = applied_through(connection, spool)
    records = [spooled.read(number, raw) for number, raw in spool.read(before, most)]
    if not records:
        return Applied(before)
    of_kind: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_kind[record.kind].append(record)
    for kind, write in _WRITE.items():
        _apply(connection, of_kind[kind], write, ground)
    clicks = {record.values["id"] for record in of_kind[CLICK]}
    steps = {record.values["click_id"] for record in of_kind[STEP]}
    owes = _judge_again(connection, clicks | steps, ground)
    owes |= _receive(connection, of_kind[RECEIPT], ground)
    for record in records:
        if record.kind != RECEIPT and record.kind not in _WRITE:
            _give_up(connection, record, ground, ValueError(f"its kind, {record.kind}, is not known"))
    through = records[-1].number
    _note(connection, spool, through)
    return Applied(through, len(records), time.monotonic() - began, owes)


# -- visits ----------------------------------------------------------------------------------------------------------


def _apply(connection: Connection, records: Sequence[Record], write: _Write, ground: Ground) -> None:
    """All of one kind together; where something does not fit, each for itself."""
    if not records:
        return
    try:
        with connection.begin_nested():
            write(connection, records)
    except Exception as error:  # noqa: BLE001 - it is told on
        _raise_if_lost(connection, error)
        if len(records) > 1:
            for record in records:
                _apply(connection, [record], write, ground)
        else:
            _give_up(connection, records[0], ground, error)


def _write_clicks(connection: Connection, records: Sequence[Record]) -> None:
    rows = {row["id"]: row for row in click.rated(connection, [record.click for record in records])}
    for key in connection.scalars(select(ClickRow.id).where(ClickRow.id.in_(rows))).all():
        found = click.find(connection, key) or {}
        if {**found, **{name: rows[key][name] for name in _BY_RATES}} != rows[key]:
            raise KeyError(f"another click has the key {key}")
    new = insert_or_ignore(connection.dialect.name)(ClickRow).on_conflict_do_nothing()
    connection.execute(new, list(rows.values()))
    corrections.spread_anew(connection, list(rows))


def _write_steps(connection: Connection, records: Sequence[Record]) -> None:
    connection.execute(insert(StepRow), [dict(record.values) for record in records])


def _write_missed(connection: Connection, records: Sequence[Record]) -> None:
    for record in records:
        click.record_missed(connection, record.values["key"], record.values["time"])


_WRITE: dict[str, _Write] = {CLICK: _write_clicks, STEP: _write_steps, MISSED: _write_missed}  # in this order


# -- receipts --------------------------------------------------------------------------------------------------------


def _receive(connection: Connection, records: Sequence[Record], ground: Ground) -> bool:
    owes = False
    for was_refused, its_ground in ((True, ground), (False, _without_asking_again(ground))):
        those = [record for record in records if record.was_refused == was_refused]
        results = _received(connection, [record.receipt for record in those], its_ground)
        for record, result in zip(those, results, strict=True):
            if isinstance(result, Received):
                owes |= result.outcome in _OWES
            else:
                _keep(connection, record, ground, result)
    return owes


def _received(connection: Connection, receipts: Sequence[Receipt], ground: Ground) -> list[Received | Exception]:
    """What became of each, or why it could not be judged."""
    try:
        with connection.begin_nested():
            return receive_many(connection, receipts, ground)
    except Exception as error:
        _raise_if_lost(connection, error)
        if len(receipts) == 1:
            return [error]
        log.exception("%d receipts of the spool cannot be judged together, each is tried alone", len(receipts))
        return [result for receipt in receipts for result in _received(connection, [receipt], ground)]


def _without_asking_again(ground: Ground) -> Ground:
    """Who might speak when it came may: the token that proved it was cut out since."""
    networks = {
        key: replace(network, token="", ips=(), hmac=None, pixel=True) for key, network in ground.setup.networks.items()
    }
    return replace(ground, setup=replace(ground.setup, networks=networks))


def _keep(connection: Connection, record: Record, ground: Ground, why: Exception) -> None:
    """A fault of ours must not cost a receipt: it is kept as it came, to be replayed when we are mended."""
    _raise_if_lost(connection, why)
    log.error("record %d of the spool cannot be judged", record.number, exc_info=why)
    try:
        with connection.begin_nested():
            attribution.keep_unjudged(connection, record.receipt, ground)
    except Exception as error:  # noqa: BLE001 - it is told on
        _give_up(connection, record, ground, error)


def _judge_again(connection: Connection, clicks: Collection[int], ground: Ground) -> bool:
    """The receipts that were quicker than their clicks."""
    is_early = PostbackRow.click_id.in_(clicks) & PostbackRow.outcome.in_(_TOO_EARLY)
    query = select(*PostbackRow.__table__.columns).where(is_early).order_by(PostbackRow.id)
    owes = False
    for row in connection.execute(query).all() if clicks else ():
        try:
            with connection.begin_nested():
                received = attribution.replay(connection, row, ground)
        except Exception as error:
            _raise_if_lost(connection, error)
            log.exception("postback %d cannot be judged again", row.id)
        else:
            owes |= received is not None and received.outcome in _OWES
    return owes


# -- what does not fit -----------------------------------------------------------------------------------------------


def _raise_if_lost(connection: Connection, error: Exception) -> None:
    """Where the database failed, it is no fault of the records: they come when it can be written again."""
    if dialect.cannot_write(error) or not dialect.is_in_transaction(connection):
        raise error


def _give_up(connection: Connection, record: Record, ground: Ground, why: Exception) -> None:
    """It must not keep back those behind it, and is shown as missing."""
    _raise_if_lost(connection, why)
    log.error("record %d of the spool cannot be applied", record.number, exc_info=why)
    what: unrecorded.What = "postback" if record.kind == RECEIPT else "click"
    unrecorded.write(connection, unrecorded.missing(unrecorded.NOT_APPLIED, what, 1, ground.now))


def _setting(spool: Spool) -> str:
    return f"spool.{spool.name}"


def _note(connection: Connection, spool: Spool, through: int) -> None:
    known = update(SettingRow).where(SettingRow.name == _setting(spool)).values(value=through)
    if not connection.execute(known).rowcount:
        connection.execute(insert(SettingRow).values(name=_setting(spool), value=through))
