"""Second on the line: a network's request becomes a receipt, is understood, and finds its click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from server.domain import click_id as ids
from server.domain import identity, said
from server.domain.facts import Facts, KnownClick, KnownConversion, Step
from server.domain.judging import Judgement, bare_txn_id, judge
from server.domain.moment import iso
from server.domain.outcome import Outcome, reason_of, remedy_of
from server.domain.reading import read_request
from server.domain.said import Said
from server.domain.things import Network
from server.pipeline import conversion, outbox
from server.pipeline.conversion import Arrival, Standing
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt, refusal_of, without_token
from server.pipeline.values import converter
from server.storage.tables import ClickRow, ConversionRow, JudgementRow, PostbackRow, StepRow

MOST_UNAUTHORISED = 1000  # receipts kept of each network; a flood pushes out its own oldest


@dataclass(frozen=True, slots=True)
class Received:
    outcome: Outcome
    conversion_id: int | None
    warnings: tuple[str, ...] = ()


def understand(receipt: Receipt, network: Network, ground: Ground) -> Said:
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
    judgement = judge(heard, network, gather(connection, heard, network, postback_id, receipt.arrived_at, ground))
    received = _book(connection, postback_id, heard, judgement, ground)
    if judgement.change and received.conversion_id is not None:
        outbox.owe(connection, received.conversion_id, judgement.change.before, ground)
    return received


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
    judgement = judge(heard, network, gather(connection, heard, network, row.id, row.time, ground, until))
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


def gather(
    connection: Connection,
    heard: Said,
    network: Network,
    postback_id: int,
    arrived_at: int,
    ground: Ground,
    until: Arrival | None = None,
) -> Facts:
    """What the database knows that bears on this postback, or knew when it came."""
    base = ground.setup.owner.base_currency
    facts = Facts(postback_id, arrived_at, offers=ground.setup.offer_by_id, base_currency=base)
    key = heard.click.key
    if key is None:
        return replace(facts, suggestion=_suggestion(connection, heard.click.text, ground))
    click = known_click(connection, key, ground, until)
    if click is None:
        return facts
    facts = replace(
        facts,
        click=click,
        without_rate=_without_rate(connection, heard, network, facts, click),
        of_click=_of_click(connection, heard, network, ground, until),
    )
    txn_id = bare_txn_id(heard, network)
    if txn_id is None:
        return facts
    of_transaction = identity.of_transaction(network.id, txn_id, heard.event_key)
    of_conflict = identity.of_conflict(network.id, txn_id, heard.event_key, key)
    return replace(
        facts,
        of_transaction=_of_identity(connection, of_transaction, ground, until),
        of_conflict=_of_identity(connection, of_conflict, ground, until),
    )


def known_click(connection: Connection, key: int, ground: Ground, until: Arrival | None = None) -> KnownClick | None:
    columns = (ClickRow.source_id, ClickRow.offer_id, ClickRow.network_id, ClickRow.external_id, ClickRow.test_echo)
    click = connection.execute(select(*columns).where(ClickRow.id == key)).one_or_none()
    if click is None:
        return None
    steps = []
    if click.offer_id is not None:
        steps.append(Step(ids.key_time(key), click.offer_id, click.network_id))
    later = select(StepRow.time, StepRow.offer_id, StepRow.network_id).where(StepRow.click_id == key)
    if until is not None:
        later = later.where(StepRow.time <= until[0])
    steps += [Step(*row) for row in connection.execute(later.order_by(StepRow.id))]
    return KnownClick(
        key=key,
        text=ground.click_text(key),
        is_test=click.test_echo is not None,
        source_key=ground.setup.key_of_source.get(click.source_id, "?"),
        has_external_id=click.external_id is not None,
        steps=steps,
    )


def _of_click(
    connection: Connection, heard: Said, network: Network, ground: Ground, until: Arrival | None
) -> Sequence[KnownConversion]:
    """The same click, network and event; withdrawn ones only where no other is left."""
    same = (
        (ConversionRow.click_id == heard.click.key)
        & (ConversionRow.network_id == network.id)
        & (ConversionRow.event_key == heard.event_key)
        & (ConversionRow.kept.is_distinct_from("conflict"))
    )
    alive = same & ConversionRow.kept.is_distinct_from(conversion.WITHDRAWN)
    found = conversion.known(connection, alive, ground, until) or conversion.known(connection, same, ground, until)
    if until is None or not network.each_postback_counts:
        return found
    return [one for one in found if one.entries]  # a reversal takes back the latest of those that were there


def _of_identity(
    connection: Connection, digest: bytes, ground: Ground, until: Arrival | None
) -> KnownConversion | None:
    found = next(iter(conversion.known(connection, ConversionRow.identity == digest, ground, until)), None)
    if found and until is not None and not any(entry.txn_id for entry in found.entries):
        return replace(found, txn_id=None)  # this receipt was the first to bring it
    return found


def _found_again(connection: Connection, judgement: Judgement, ground: Ground, until: Arrival) -> Judgement:
    """What would be a new conversion, and is there already from the time before."""
    if judgement.change is None or judgement.change.known is not None:
        return judgement
    known = _of_identity(connection, judgement.change.identity, ground, until)
    return replace(judgement, change=replace(judgement.change, known=known))


def _without_rate(
    connection: Connection, heard: Said, network: Network, facts: Facts, click: KnownClick
) -> frozenset[str]:
    offered = [facts.offers[step.offer_id].currency for step in click.steps if step.offer_id in facts.offers]
    said_in = [said_amount.currency for said_amount in (heard.amount, heard.sale) if said_amount]
    possible = {currency for currency in (*offered, *said_in, network.currency) if currency}
    convert = converter(connection, iso(facts.arrived_at)[:10])
    return frozenset(currency for currency in possible if convert(0, currency, facts.base_currency) is None)


def _book(connection: Connection, postback_id: int, heard: Said, judgement: Judgement, ground: Ground) -> Received:
    conversion_id = judgement.conversion_id
    if judgement.change:
        conversion_id = conversion.book(connection, judgement.change, judgement, heard, postback_id, ground)
    _note(connection, postback_id, judgement, heard.click.key, conversion_id)
    warnings = tuple(dict.fromkeys(remark.warning.value for remark in judgement.remarks))
    return Received(judgement.outcome, conversion_id, warnings)


def _store(connection: Connection, receipt: Receipt, network: Network | None) -> int:
    row: dict[str, Any] = {
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
    return int(connection.execute(insert(PostbackRow).returning(PostbackRow.id), row).scalar_one())


def _note(
    connection: Connection, postback_id: int, judgement: Judgement, click_key: int | None, conversion_id: int | None
) -> None:
    warnings = [{"warning": r.warning.value, "reason": r.reason, "remedy": r.remedy} for r in judgement.remarks]
    noted = {
        "outcome": judgement.outcome.value,
        "warnings": warnings,
        "reason": reason_of(judgement.outcome, judgement.details),
        "remedy": remedy_of(judgement.outcome, judgement.details),
        "click_id": click_key,
        "conversion_id": conversion_id,
    }
    connection.execute(update(PostbackRow).where(PostbackRow.id == postback_id).values(**noted))


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


def _suggestion(connection: Connection, text: str, ground: Ground) -> str | None:
    key = ids.surviving_key(text)
    if key is None or connection.scalar(select(ClickRow.id).where(ClickRow.id == key)) is None:
        return None
    click_id = ground.click_text(key)
    return click_id if ids.is_suggested_by(text, click_id) else None
