"""Beside the second step: what the database knows that bears on a postback, or knew when it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from server.domain import click_id as ids
from server.domain import identity
from server.domain.facts import Facts, KnownClick, KnownConversion, Step
from server.domain.judging import bare_txn_id
from server.domain.said import Said
from server.domain.things import Network
from server.pipeline import conversion
from server.pipeline.conversion import Arrival
from server.pipeline.ground import Ground
from server.pipeline.values import Convert, Rates
from server.storage.bulk import rows_of
from server.storage.tables import ClickRow, ConversionRow, StepRow


class ClickColumns(NamedTuple):
    """What of a click's row bears on its conversions and relays."""

    id: int
    campaign_id: int
    source_id: int
    offer_id: int | None
    network_id: int | None
    external_id: str | None
    test_echo: str | None
    path: int | None
    is_direct: bool | None


_EVER = ids.MAX_KEY
_CLICKS = select(*(ClickRow.__table__.columns[name] for name in ClickColumns._fields))
_STEPS = select(StepRow.click_id, StepRow.time, StepRow.offer_id, StepRow.network_id).order_by(StepRow.id)
_OF_CLICK = (
    select(ConversionRow.id, ConversionRow.txn_id, ConversionRow.kept)
    .where(ConversionRow.click_id == bindparam("click"), ConversionRow.network_id == bindparam("network"))
    .where(ConversionRow.event_key == bindparam("event"), ConversionRow.kept.is_distinct_from("conflict"))
    .order_by(ConversionRow.id)
)


class FoundClick(NamedTuple):
    """A click as it is written, and as the rules see it."""

    row: ClickColumns
    known: KnownClick


def gather(
    connection: Connection,
    heard: Said,
    network: Network,
    postback_id: int,
    arrived_at: int,
    ground: Ground,
    until: Arrival | None = None,
) -> Facts:
    key = heard.click.key
    if key is None:
        return unknown(postback_id, arrived_at, ground)._replace(suggestion=_suggestion(connection, heard, ground))
    found = clicks(connection, {key: heard.click.text}, ground, until[0] if until else _EVER).get(key)
    if found is None:
        return unknown(postback_id, arrived_at, ground)
    facts = of_new(postback_id, arrived_at, heard, network, found.known, ground, Rates(connection))
    facts = facts._replace(of_click=_of_click(connection, heard, network, ground, until))
    txn_id = bare_txn_id(heard, network)
    if txn_id is None:
        return facts
    same = of_identity(connection, identity.of_transaction(network.id, txn_id, heard.event_key), ground, until)
    if same is None or same.click_key == key:
        return facts._replace(of_transaction=same)
    of_conflict = identity.of_conflict(network.id, txn_id, heard.event_key, key)
    return facts._replace(of_transaction=same, of_conflict=of_identity(connection, of_conflict, ground, until))


def unknown(postback_id: int, arrived_at: int, ground: Ground) -> Facts:
    """Of a postback whose click nobody knows."""
    base = ground.setup.owner.base_currency
    return Facts(postback_id, arrived_at, offers=ground.setup.offer_by_id, base_currency=base)


def of_new(
    postback_id: int, arrived_at: int, heard: Said, network: Network, click: KnownClick, ground: Ground, rates: Rates
) -> Facts:
    """Of a postback about which nothing was said before."""
    return Facts(
        postback_id,
        arrived_at,
        click=click,
        offers=ground.setup.offer_by_id,
        base_currency=ground.setup.owner.base_currency,
        without_rate=_without_rate(heard, network, click, ground, rates.at(arrived_at)),
    )


def clicks(
    connection: Connection, ids_by_key: Mapping[int, str], ground: Ground, until: int = _EVER
) -> dict[int, FoundClick]:
    keys = list(ids_by_key)
    steps: dict[int, list[Step]] = {}
    for click_id, *step in rows_of(connection, _STEPS, StepRow.click_id, keys):
        if step[0] <= until:
            steps.setdefault(click_id, []).append(Step(*step))
    rows = map(ClickColumns._make, rows_of(connection, _CLICKS, ClickRow.id, keys))
    return {
        row.id: FoundClick(row, _known_click(row, ids_by_key[row.id], steps.get(row.id, ()), ground)) for row in rows
    }


def of_identity(connection: Connection, digest: bytes, ground: Ground, until: Arrival | None) -> KnownConversion | None:
    found = next(iter(conversion.known(connection, ConversionRow.identity == digest, ground, until)), None)
    if found and until is not None and not any(entry.txn_id for entry in found.entries):
        return replace(found, txn_id=None)  # this receipt was the first to bring it
    return found


def _known_click(row: ClickColumns, click_id: str, steps: Sequence[Step], ground: Ground) -> KnownClick:
    if row.offer_id is not None and row.network_id is not None:
        steps = [Step(ids.key_time(row.id), row.offer_id, row.network_id), *steps]
    elif row.is_direct:
        steps = [*_offers_at_hand(row, ground), *steps]
    return KnownClick(
        key=row.id,
        text=click_id,
        is_test=row.test_echo is not None,
        source_key=ground.setup.key_of_source.get(row.source_id, "?"),
        has_external_id=row.external_id is not None,
        steps=steps,
    )


def _offers_at_hand(row: ClickColumns, ground: Ground) -> Iterator[Step]:
    """A page that registers its visitors is an offer or links straight to those of its path; the first comes last."""
    setup = ground.setup
    key = setup.key_of_campaign.get(row.campaign_id)
    if key is not None:
        for option in reversed(setup.every_campaign[key].path_of(row.path).offers):
            offer = setup.offers[option.key]
            yield Step(ids.key_time(row.id), offer.id, setup.networks[offer.network].id)


def _of_click(
    connection: Connection, heard: Said, network: Network, ground: Ground, until: Arrival | None
) -> Sequence[KnownConversion]:
    """The same click, network and event; withdrawn ones only where no other is left.

    Of many only those of which a postback can speak: the first, the first without a transaction id, and the last.
    """
    same = {"click": heard.click.key, "network": network.id, "event": heard.event_key}
    rows = connection.execute(_OF_CLICK, same).all()
    rows = [row for row in rows if row.kept != conversion.WITHDRAWN] or rows
    is_latest_of_then = until is not None and network.each_postback_counts  # what a reversal takes back
    if not is_latest_of_then:
        rows = [*rows[:1], *[row for row in rows if row.txn_id is None][:1], *rows[-1:]]
    if not rows:
        return ()
    found = conversion.known(connection, ConversionRow.id.in_({row.id for row in rows}), ground, until)
    return [one for one in found if one.entries] if is_latest_of_then else found


def _without_rate(heard: Said, network: Network, click: KnownClick, ground: Ground, convert: Convert) -> frozenset[str]:
    """The currencies that could be meant and lead to no amount in the base currency."""
    offers, base = ground.setup.offer_by_id, ground.setup.owner.base_currency
    offered = [offers[step.offer_id].currency for step in click.steps if step.offer_id in offers]
    said_in = [said_amount.currency for said_amount in (heard.amount, heard.sale) if said_amount]
    possible = {currency for currency in (*offered, *said_in, network.currency) if currency}
    return frozenset(currency for currency in possible if convert(0, currency, base) is None)


def _suggestion(connection: Connection, heard: Said, ground: Ground) -> str | None:
    """The click that a damaged id could have been."""
    text = heard.click.text
    key = ids.surviving_key(text)
    if key is None or connection.scalar(select(ClickRow.id).where(ClickRow.id == key)) is None:
        return None
    click_id = ground.click_text(key)
    return click_id if ids.is_suggested_by(text, click_id) else None
