"""Second on the line: a network's request becomes a receipt, is understood, and finds its click."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes

from sqlalchemy import Connection, Row, delete, insert, select, update

from server.domain import click_id as ids
from server.domain import identity, said
from server.domain.judging import Facts, Judgement, KnownClick, Step, bare_txn_id, judge
from server.domain.moment import iso
from server.domain.outcome import Outcome, reason_of, remedy_of
from server.domain.reading import read_request
from server.domain.said import TOKEN, Said
from server.domain.things import Network, Signature
from server.pipeline import conversion, outbox
from server.pipeline.ground import Ground
from server.pipeline.values import converter
from server.storage.tables import ClickRow, ConversionRow, JudgementRow, PostbackRow, StepRow

MOST_UNAUTHORISED = 1000  # receipts kept of each network; a flood pushes out its own oldest
_MASK = b"***"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One request to a `/p/`, as it came; our own token is cut out before it is stored."""

    arrived_at: int
    address: str
    method: str
    query: bytes
    body: bytes
    content_type: str
    ip: str
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True)
class Received:
    outcome: Outcome
    conversion_id: int | None
    warnings: tuple[str, ...] = ()


def refusal_of(receipt: Receipt, network: Network | None) -> str | None:
    """Why a request may not speak for the network, None where it may."""
    if network is None:
        return f"There is no network behind the address /p/{receipt.address}."
    if network.ips and not _is_listed(receipt.ip, network):
        return f"The address {receipt.ip} is not among those of network {network.key}."
    if network.hmac and not _is_signed(receipt, network.hmac):
        return f"The signature in {network.hmac.header} is missing or wrong."
    if network.token:
        tokens = _tokens(receipt)
        if not tokens:
            return f"The request carries no token, and network {network.key} has one."
        if not any(_same(token, network.token.encode()) for token in tokens):
            return f"The token is not that of network {network.key}."
    return None


def understand(receipt: Receipt, network: Network, ground: Ground) -> Said:
    reading = read_request(receipt.query, receipt.body, receipt.content_type, said.names_of(network))
    owner = ground.setup.owner
    return said.understand(reading, network, ground.click_key, owner.base_currency, owner.currencies)


def receive(connection: Connection, receipt: Receipt, ground: Ground) -> Received:
    """The whole way of a postback, in the caller's transaction: stored, judged, booked, relays owed."""
    network = ground.setup.networks.get(receipt.address)
    detail = refusal_of(receipt, network)
    receipt = _without_token(receipt, network)
    postback_id = _store(connection, receipt, network)
    if detail or network is None:
        details = {"detail": detail or ""}
        _note(connection, postback_id, Judgement(Outcome.UNAUTHORISED, details), None, None)
        _cap(connection, network)
        return Received(Outcome.UNAUTHORISED, None)
    heard = understand(receipt, network, ground)
    judgement = judge(heard, network, gather(connection, heard, network, postback_id, receipt.arrived_at, ground))
    return _book(connection, postback_id, heard, judgement, ground)


def keep_unjudged(connection: Connection, receipt: Receipt, ground: Ground) -> Received:
    """Stores a receipt over which our own rules stumbled; a later version can replay it."""
    network = ground.setup.networks.get(receipt.address)
    postback_id = _store(connection, _without_token(receipt, network), network)
    _note(connection, postback_id, Judgement(Outcome.UNREADABLE, {"detail": "a fault of Tallyback's"}), None, None)
    return Received(Outcome.UNREADABLE, None)


def replay(connection: Connection, row: Row[Any], ground: Ground, *, withhold: bool = False) -> Received | None:
    """Judges a stored receipt by today's setup; None where it still has no network."""
    network = ground.setup.networks.get(row.address)
    if network is None:
        return None
    receipt = Receipt(row.time, row.address, row.method, row.query, row.body, row.content_type, row.ip, {})
    heard = understand(receipt, network, ground)
    left = conversion.withdraw(connection, row.id)
    judgement = judge(heard, network, gather(connection, heard, network, row.id, row.time, ground))
    received = _book(connection, row.id, heard, judgement, ground, withhold=withhold)
    if left is not None and left != received.conversion_id:
        conversion.refold(connection, left, ground)
    _keep_both(connection, row, received, ground.now)
    return received


def gather(
    connection: Connection, heard: Said, network: Network, postback_id: int, arrived_at: int, ground: Ground
) -> Facts:
    """What the database knows that bears on this postback."""
    base = ground.setup.owner.base_currency
    facts = Facts(postback_id, arrived_at, offers=ground.setup.offer_by_id, base_currency=base)
    key = heard.click.key
    if key is None:
        return replace(facts, suggestion=_suggestion(connection, heard.click.text, ground))
    click = known_click(connection, key, ground)
    if click is None:
        return facts
    facts = replace(facts, click=click, without_rate=_without_rate(connection, heard, network, facts, click))
    same_click = (
        (ConversionRow.click_id == key)
        & (ConversionRow.network_id == network.id)
        & (ConversionRow.event_key == heard.event_key)
        & (ConversionRow.kept.is_distinct_from("conflict"))
    )
    facts = replace(facts, of_click=conversion.known(connection, same_click, ground))
    txn_id = bare_txn_id(heard, network)
    if txn_id is None:
        return facts
    of_transaction = ConversionRow.identity == identity.of_transaction(network.id, txn_id, heard.event_key)
    of_conflict = ConversionRow.identity == identity.of_conflict(network.id, txn_id, heard.event_key, key)
    return replace(
        facts,
        of_transaction=next(iter(conversion.known(connection, of_transaction, ground)), None),
        of_conflict=next(iter(conversion.known(connection, of_conflict, ground)), None),
    )


def known_click(connection: Connection, key: int, ground: Ground) -> KnownClick | None:
    columns = (ClickRow.source_id, ClickRow.offer_id, ClickRow.network_id, ClickRow.external_id, ClickRow.test_echo)
    click = connection.execute(select(*columns).where(ClickRow.id == key)).one_or_none()
    if click is None:
        return None
    steps = []
    if click.offer_id is not None:
        steps.append(Step(ids.key_time(key), click.offer_id, click.network_id))
    later = select(StepRow.time, StepRow.offer_id, StepRow.network_id).where(StepRow.click_id == key)
    steps += [Step(*row) for row in connection.execute(later.order_by(StepRow.id))]
    return KnownClick(
        key=key,
        text=ground.click_text(key),
        is_test=click.test_echo is not None,
        source_key=ground.setup.key_of_source.get(click.source_id, "?"),
        has_external_id=click.external_id is not None,
        steps=steps,
    )


def _without_rate(
    connection: Connection, heard: Said, network: Network, facts: Facts, click: KnownClick
) -> frozenset[str]:
    offered = [facts.offers[step.offer_id].currency for step in click.steps if step.offer_id in facts.offers]
    said_in = [said_amount.currency for said_amount in (heard.amount, heard.sale) if said_amount]
    possible = {currency for currency in (*offered, *said_in, network.currency) if currency}
    convert = converter(connection, iso(facts.arrived_at)[:10])
    return frozenset(currency for currency in possible if convert(0, currency, facts.base_currency) is None)


def _book(
    connection: Connection,
    postback_id: int,
    heard: Said,
    judgement: Judgement,
    ground: Ground,
    *,
    withhold: bool = False,
) -> Received:
    conversion_id = judgement.conversion_id
    if judgement.change:
        conversion_id = conversion.book(connection, judgement.change, judgement, heard, postback_id, ground)
        if judgement.outcome in (Outcome.ACCEPTED, Outcome.UPDATED, Outcome.TEST):
            outbox.owe(connection, conversion_id, judgement.change.before, ground, withhold=withhold)
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


def _keep_both(connection: Connection, before: Row[Any], after: Received, now: int) -> None:
    connection.execute(update(PostbackRow).where(PostbackRow.id == before.id).values(replayed=PostbackRow.replayed + 1))
    words = [warning["warning"] for warning in before.warnings]
    if (before.outcome, before.conversion_id, tuple(dict.fromkeys(words))) == (
        after.outcome,
        after.conversion_id,
        after.warnings,
    ):
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


def _is_listed(ip: str, network: Network) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address  # what a socket of both kinds makes of IPv4
    return any(address in ipaddress.ip_network(listed, strict=False) for listed in network.ips)


def _is_signed(receipt: Receipt, signature: Signature) -> bool:
    signed = receipt.body if signature.over == "body" else receipt.query
    digest = hmac.new(signature.secret.encode(), signed, hashlib.sha256).digest()
    given = receipt.headers.get(signature.header.lower(), "").strip().removeprefix("sha256=").encode()
    return _same(given.lower(), digest.hex().encode()) or _same(given, base64.b64encode(digest))


def _same(one: bytes, other: bytes) -> bool:
    """In the same time wherever they differ, and whatever bytes they hold."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


# Up to the next parameter, which a second question mark can introduce as well.
_TOKEN_PAIR = re.compile(
    rb"(?P<name>(?:^|[?&]|&amp;)\s*" + TOKEN.encode() + rb"\s*=)(?P<value>(?:(?!\?[\w.\-\[\]%]+=)[^&])*)", re.IGNORECASE
)
_TOKEN_JSON = re.compile(rb'(?P<name>"' + TOKEN.encode() + rb'"\s*:\s*)"(?P<value>(?:[^"\\]|\\.)*)"', re.IGNORECASE)


def _tokens(receipt: Receipt) -> list[bytes]:
    pairs = [match["value"] for raw in (receipt.query, receipt.body) for match in _TOKEN_PAIR.finditer(raw)]
    values = [unquote_to_bytes(value.replace(b"+", b" ")).strip(b" \t\r\n\"'/") for value in pairs]
    return [value for value in values if value] + [match["value"] for match in _TOKEN_JSON.finditer(receipt.body)]


def _without_token(receipt: Receipt, network: Network | None) -> Receipt:
    """As it is kept, and as it is judged: so nothing that is made of it holds our token either."""
    return replace(receipt, query=_masked(receipt.query, network), body=_masked(receipt.body, network))


def _masked(raw: bytes, network: Network | None) -> bytes:
    """The parameter goes, and our token wherever else it stands."""
    raw = _TOKEN_PAIR.sub(lambda match: match["name"] + _MASK, raw)
    raw = _TOKEN_JSON.sub(lambda match: match["name"] + b'"' + _MASK + b'"', raw)
    return raw.replace(network.token.encode(), _MASK) if network and len(network.token) >= 8 else raw
