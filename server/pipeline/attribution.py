"""Second on the line: a network's request becomes a receipt, is understood, and finds its click."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from server.domain import said
from server.domain.browser import PIXEL, as_browsers_speak, judge_browser
from server.domain.facts import Facts
from server.domain.judging import Judgement, judge
from server.domain.outcome import Outcome, reason_of, remedy_of
from server.domain.reading import read_request
from server.domain.said import Said
from server.domain.things import Network
from server.pipeline import conversion, outbox
from server.pipeline.conversion import Arrival, Standing
from server.pipeline.gathering import gather, of_identity
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of, without_token
from server.storage.tables import JudgementRow, PostbackRow

MOST_UNAUTHORISED = 1000  # receipts kept of each network; a flood pushes out its own oldest

_STORE = insert(PostbackRow).returning(PostbackRow.id)
_NOTED = ("outcome", "warnings", "reason", "remedy", "click_id", "conversion_id")
_NOTE = (
    update(PostbackRow)
    .where(PostbackRow.id == bindparam("postback"))
    .values({name: bindparam(f"new_{name}") for name in _NOTED})
)


class Received(NamedTuple):
    outcome: Outcome
    conversion_id: int | None
    warnings: tuple[str, ...] = ()


def understand(receipt: Receipt, network: Network, ground: Ground) -> Said:
    if receipt.method == PIXEL:
        network = as_browsers_speak(network)
    reading = read_request(receipt.query, receipt.body, receipt.content_type, said.names_of(network))
    owner = ground.setup.owner
    return said.understand(reading, network, ground.click_key, owner.base_currency, owner.currencies)


def receive(connection: Connection, receipt: Receipt, ground: Ground) -> Received:
    """The whole way of a postback, in the caller's transaction: stored, judged, booked, relays owed."""
    network = ground.setup.networks.get(receipt.address)
    detail = refusal_of(receipt, network)
    receipt = without_token(receipt, network)
    postback_id = _store(connection, receipt, network)
    if detail or network is None:
        details = {"detail": detail or ""}
        _note(connection, postback_id, Judgement(Outcome.UNAUTHORISED, details), None, None)
        _cap(connection, network)
        return Received(Outcome.UNAUTHORISED, None)
    heard = understand(receipt, network, ground)
    facts = gather(connection, heard, network, postback_id, receipt.arrived_at, ground)
    judgement = _judged(receipt, heard, network, facts)
    received = _book(connection, postback_id, heard, judgement, ground)
    if judgement.change and received.conversion_id is not None:
        outbox.owe(connection, received.conversion_id, judgement.change.before, ground)
    return received


def _judged(receipt: Receipt, heard: Said, network: Network, facts: Facts) -> Judgement:
    return (judge_browser if receipt.method == PIXEL else judge)(heard, network, facts)


def keep_unjudged(connection: Connection, receipt: Receipt, ground: Ground) -> Received:
    """Stores a receipt over which our own rules stumbled; a later version can replay it."""
    network = ground.setup.networks.get(receipt.address)
    postback_id = _store(connection, without_token(receipt, network), network)
    _note(connection, postback_id, Judgement(Outcome.UNREADABLE, {"detail": "a fault of Tallyback's"}), None, None)
    return Received(Outcome.UNREADABLE, None)


def replay(connection: Connection, row: Row[Any], ground: Ground, *, withhold: bool = False) -> Received | None:
    """Judges a stored receipt by today's setup, among those that came before it; None where it has no network yet.

    What came after it still counts: its conversion, and one that it leaves, are folded again from all they have.
    """
    network = ground.setup.networks.get(row.address)
    if network is None:
        return None
    receipt = Receipt(row.time, row.address, row.method, row.query, row.body, row.content_type, row.ip, {})
    heard = understand(receipt, network, ground)
    before: dict[int, Standing] = {}
    left = conversion.of_receipt(connection, row.id)
    if left is not None:
        before[left] = conversion.standing(connection, left, ground)
    conversion.withdraw(connection, row.id)
    until = (row.time, row.id)
    facts = gather(connection, heard, network, row.id, row.time, ground, until)
    judgement = _judged(receipt, heard, network, facts)
    judgement = _found_again(connection, judgement, ground, until)
    known = judgement.change.known if judgement.change else None
    if known and known.id not in before:
        before[known.id] = conversion.standing(connection, known.id, ground)
    received = _book(connection, row.id, heard, judgement, ground)
    _keep_both(connection, row, network, ground.now)
    for touched in dict.fromkeys((left, received.conversion_id if judgement.change else None)):
        if touched is not None:
            conversion.refold(connection, touched, before.get(touched), ground, withhold=withhold)
    return received


def _found_again(connection: Connection, judgement: Judgement, ground: Ground, until: Arrival) -> Judgement:
    """What would be a new conversion, and is there already from the time before."""
    if judgement.change is None or judgement.change.known is not None:
        return judgement
    known = of_identity(connection, judgement.change.identity, ground, until)
    return judgement._replace(change=judgement.change._replace(known=known))


def _book(connection: Connection, postback_id: int, heard: Said, judgement: Judgement, ground: Ground) -> Received:
    conversion_id = judgement.conversion_id
    if judgement.change:
        conversion_id = conversion.book(connection, judgement.change, judgement, heard, postback_id, ground)
    _note(connection, postback_id, judgement, heard.click.key, conversion_id)
    return received(judgement, conversion_id)


def stored(receipt: Receipt, network: Network | None) -> dict[str, Any]:
    """A receipt's row as it comes, not yet judged."""
    return {
        "time": receipt.arrived_at,
        "network_id": network.id if network else None,
        "address": receipt.address[:255],
        "method": receipt.method,
        "query": receipt.query,
        "body": receipt.body,
        "content_type": receipt.content_type[:255],
        "ip": receipt.ip,
        "outcome": "",
        "warnings": [],
        "reason": "",
        "remedy": "",
        "replayed": 0,
    }


def noted(judgement: Judgement, click_key: int | None, conversion_id: int | None) -> dict[str, Any]:
    """What its judgement adds to it."""
    return {
        "outcome": judgement.outcome.value,
        "warnings": [{"warning": r.warning.value, "reason": r.reason, "remedy": r.remedy} for r in judgement.remarks],
        "reason": reason_of(judgement.outcome, judgement.details),
        "remedy": remedy_of(judgement.outcome, judgement.details),
        "click_id": click_key,
        "conversion_id": conversion_id,
    }


def received(judgement: Judgement, conversion_id: int | None) -> Received:
    return Received(judgement.outcome, conversion_id, tuple(judgement.warnings))


def _store(connection: Connection, receipt: Receipt, network: Network | None) -> int:
    return int(connection.execute(_STORE, stored(receipt, network)).scalar_one())


def _note(
    connection: Connection, postback_id: int, judgement: Judgement, click_key: int | None, conversion_id: int | None
) -> None:
    row = {f"new_{name}": value for name, value in noted(judgement, click_key, conversion_id).items()}
    connection.execute(_NOTE, {"postback": postback_id, **row})


def _keep_both(connection: Connection, before: Row[Any], network: Network, now: int) -> None:
    this = PostbackRow.id == before.id
    counted = {"replayed": PostbackRow.replayed + 1, "network_id": network.id}  # it may have had none until now
    connection.execute(update(PostbackRow).where(this).values(**counted))
    result = (PostbackRow.outcome, PostbackRow.warnings, PostbackRow.reason, PostbackRow.conversion_id)
    if connection.execute(select(*result).where(this)).one() == tuple(getattr(before, one.key) for one in result):
        return
    kept = {
        "postback_id": before.id,
        "time": now,
        "outcome": before.outcome,
        "warnings": before.warnings,
        "reason": before.reason,
        "conversion_id": before.conversion_id,
    }
    connection.execute(insert(JudgementRow).values(**kept))


def _cap(connection: Connection, network: Network | None) -> None:
    is_ours = PostbackRow.network_id == network.id if network else PostbackRow.network_id.is_(None)
    which = is_ours & (PostbackRow.outcome == Outcome.UNAUTHORISED.value)
    newest = select(PostbackRow.id).where(which).order_by(PostbackRow.id.desc()).offset(MOST_UNAUTHORISED).limit(1)
    limit = connection.scalar(newest)
    if limit is not None:
        old = select(PostbackRow.id).where(which & (PostbackRow.id <= limit))
        connection.execute(delete(JudgementRow).where(JudgementRow.postback_id.in_(old)))
        connection.execute(delete(PostbackRow).where(which & (PostbackRow.id <= limit)))
