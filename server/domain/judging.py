"""The decision about a postback: from what it says and what is known, to one outcome and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from server.clock import DAY
from server.domain import identity
from server.domain.facts import Facts, Kept, KnownClick, KnownConversion, Step
from server.domain.fold import Entry, Rules, State, fold
from server.domain.money import format_money, share_of
from server.domain.outcome import Outcome, Remark, Warning
from server.domain.said import AmountSaid, Said
from server.domain.status import Status
from server.domain.things import Network, Offer, Payout


class Change(NamedTuple):
    """What becomes of a conversion: a new one where `known` is None."""

    known: KnownConversion | None
    identity: bytes
    txn_id: str | None
    event: str | None
    offer_id: int
    kept: Kept | None
    entry: Entry
    before: State | None
    after: State
    is_test: bool


class Judgement(NamedTuple):
    outcome: Outcome
    details: Mapping[str, str] = MappingProxyType({})
    remarks: tuple[Remark, ...] = ()
    change: Change | None = None
    conversion_id: int | None = None  # of a conversion that stays as it was

    @property
    def warnings(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys([remark.warning.value for remark in self.remarks])) if self.remarks else []


def rules_of(network: Network) -> Rules:
    return Rules(has_time=network.has_time, last_word_wins=network.last_word_wins)


def judge(said: Said, network: Network, facts: Facts) -> Judgement:
    refusal = _unattributed(said, network, facts) or _unmapped(said, network)
    if refusal:
        return refusal._replace(remarks=said.remarks)
    return _attributed(said, network, facts)


def step_of(click: KnownClick, network: Network) -> Step | None:
    """The click's latest step to an offer of this network."""
    for step in reversed(click.steps):
        if step.network_id == network.id:
            return step
    return None


def _unattributed(said: Said, network: Network, facts: Facts) -> Judgement | None:
    if said.unreadable is None and facts.click is not None and step_of(facts.click, network) is not None:
        return None
    at = {"parameter": said.click.parameter, "value": said.click.text, "network": network.key}
    if said.unreadable:
        return Judgement(Outcome.UNREADABLE, {"detail": said.unreadable})
    if said.click.is_macro:
        return Judgement(Outcome.MACRO_NOT_REPLACED, at)
    if not said.click.text:
        return Judgement(Outcome.NO_CLICK_ID, {"looked_in": said.click.parameter})
    if said.click.key is None:
        suggestion = f"; it could have been {facts.suggestion}" if facts.suggestion else ""
        return Judgement(Outcome.CLICK_ID_DAMAGED, {**at, "suggestion": suggestion})
    if facts.click is None:
        return Judgement(Outcome.CLICK_UNKNOWN, at)
    if step_of(facts.click, network) is None:
        return Judgement(Outcome.WRONG_NETWORK, at)
    return None


def _unmapped(said: Said, network: Network) -> Judgement | None:
    if unknown := said.unknown_status:
        details = {"parameter": unknown.parameter, "value": unknown.word, "network": network.key}
        return Judgement(Outcome.UNKNOWN_STATUS, details)
    if unknown := said.unknown_currency:
        return Judgement(Outcome.UNKNOWN_CURRENCY, {"parameter": unknown.parameter, "value": unknown.word})
    return None


def _attributed(said: Said, network: Network, facts: Facts) -> Judgement:
    click = facts.click
    step = step_of(click, network) if click else None
    if click is None or step is None:
        raise AssertionError("an unattributed postback was refused before")
    txn_id = bare_txn_id(said, network)
    known, kept = _known_conversion(said, network, facts, click, txn_id)
    offer = facts.offers.get(known.offer_id if known else step.offer_id)
    entry, remarks = _entry(said, network, offer, facts, is_first=known is None or not known.entries)
    if known is None and kept is None and offer and _is_late(said, facts, step, offer):
        kept = "late"
    rules = rules_of(network)
    before = fold(known.entries, rules) if known and known.entries else None
    after = fold([*(known.entries if known else ()), entry], rules)
    change = Change(
        known=known,
        identity=_identity(network, facts, click, txn_id, said, known=known, kept=kept),
        txn_id=(known.txn_id if known else None) or txn_id,
        event=known.event if known else said.event,
        offer_id=known.offer_id if known else step.offer_id,
        kept=kept,
        entry=entry,
        before=before,
        after=after,
        is_test=click.is_test,
    )
    remarks = (*said.remarks, *remarks, *_remarks_on(change, click, facts, offer))
    outcome = _outcome(change)
    details = _details(change, facts, step, offer, outcome, txn_id)
    if outcome in (Outcome.DUPLICATE, Outcome.STALE) and known and _is_repeated(change, network):
        return Judgement(outcome, details, remarks, conversion_id=known.id)
    return Judgement(outcome, details, remarks, change)


def bare_txn_id(said: Said, network: Network) -> str | None:
    """What a network puts before the id of a reversal falls away."""
    txn_id, prefix = said.txn_id, network.txn_prefix
    if txn_id and prefix and said.is_reversal and txn_id.casefold().startswith(prefix.casefold()):
        return txn_id[len(prefix) :] or txn_id
    return txn_id


def _known_conversion(
    said: Said, network: Network, facts: Facts, click: KnownClick, txn_id: str | None
) -> tuple[KnownConversion | None, Kept | None]:
    """The conversion of which the postback speaks, and why it is kept apart, if it is."""
    if txn_id is not None:
        known = facts.of_transaction
        if known and known.click_key != click.key:
            return facts.of_conflict, "conflict"
        if known is None and not network.each_postback_counts:
            known = next((one for one in facts.of_click if one.txn_id is None), None)
        return known, known.kept if known else None
    if network.each_postback_counts:
        known = facts.of_click[-1] if said.is_reversal and facts.of_click else None
        return known, known.kept if known else None
    without = [one for one in facts.of_click if one.txn_id is None]
    known = next(iter([*without, *facts.of_click]), None)
    return known, known.kept if known else None


def _identity(
    network: Network,
    facts: Facts,
    click: KnownClick,
    txn_id: str | None,
    said: Said,
    *,
    known: KnownConversion | None,
    kept: Kept | None,
) -> bytes:
    if kept == "conflict":
        return identity.of_conflict(network.id, txn_id or "", said.event_key, click.key)
    if known and (known.txn_id or txn_id is None):
        return known.identity
    if txn_id is not None:
        return identity.of_transaction(network.id, txn_id, said.event_key)
    if network.each_postback_counts:
        return identity.of_postback(facts.postback_id)
    return identity.of_click(click.key, network.id, said.event_key)


def _entry(
    said: Said, network: Network, offer: Offer | None, facts: Facts, *, is_first: bool
) -> tuple[Entry, tuple[Remark, ...]]:
    status = said.status or (Status.REFUNDED if said.is_reversal else network.default_status)
    paid, is_read, remarks = _paid(said, network, offer, facts, status)
    entry = Entry(
        arrived_at=facts.arrived_at,
        status=status,
        amount=paid.micros if paid else None,
        currency=paid.currency if paid else None,
        is_read=is_read,
        sale_amount=said.sale.micros if said.sale else None,
        sale_currency=said.sale.currency if said.sale else None,
        network_time=said.time,
        txn_id=said.txn_id,
    )
    return entry, remarks if is_first else ()


def _paid(
    said: Said, network: Network, offer: Offer | None, facts: Facts, status: Status
) -> tuple[AmountSaid | None, bool, tuple[Remark, ...]]:
    """The amount that counts, whether it stands for one that was read, and what is to be remarked at the first."""
    if status.is_reversal:
        return said.amount, True, ()
    listed = _listed(said, network, offer, facts)
    if said.amount and (network.payout_from == "postback" or listed is None):
        return said.amount, True, ()
    if listed:
        return listed, network.payout_from == "offer", ()
    currency = (offer.currency if offer else None) or network.currency or facts.base_currency
    details = {"offer": offer.key if offer else "?", "value": f"event {said.event}" if said.event else "a conversion"}
    return AmountSaid(0, currency), False, (Remark(Warning.NO_PAYOUT, details),)


def _listed(said: Said, network: Network, offer: Offer | None, facts: Facts) -> AmountSaid | None:
    """What the offer pays for this event, in its own currency; a share goes with the sale's."""
    payout = _payout_for(offer, said.event_key)
    if offer is None or payout is None:
        return None
    if payout.share is not None:
        return AmountSaid(share_of(said.sale.micros, payout.share), said.sale.currency) if said.sale else None
    if payout.micros is None:
        return None
    return AmountSaid(payout.micros, offer.currency or network.currency or facts.base_currency)


def _payout_for(offer: Offer | None, event_key: str) -> Payout | None:
    if offer is None:
        return None
    if not event_key:
        return offer.payout
    return next((payout for event, payout in offer.events.items() if event.casefold() == event_key), None)


def _is_late(said: Said, facts: Facts, step: Step, offer: Offer) -> bool:
    if offer.window_days is None:
        return False
    return (said.time if said.time is not None else facts.arrived_at) > step.time + offer.window_days * DAY


def _outcome(change: Change) -> Outcome:
    if change.is_test:
        return Outcome.TEST
    if change.kept == "conflict":
        return Outcome.CONFLICT
    if change.kept == "late":
        return Outcome.LATE
    if change.before is None or change.known is None:
        return Outcome.ACCEPTED
    if change.after.differs_from(change.before) or change.txn_id != change.known.txn_id:
        return Outcome.UPDATED
    repeats_status = change.after.let_through and change.entry.status is change.after.status
    return Outcome.DUPLICATE if repeats_status else Outcome.STALE


def _is_repeated(change: Change, network: Network) -> bool:
    """To the word; the same at a later time of the network's is kept, for what may arrive in between."""
    known = change.known.entries if change.known else ()
    return any(change.entry.says_the_same_as(entry) for entry in (known[-1:] if network.last_word_wins else known))


def _remarks_on(change: Change, click: KnownClick, facts: Facts, offer: Offer | None) -> tuple[Remark, ...]:
    remarks = []
    before, after = change.before, change.after
    was_known = before is not None and before.has_sale and before.payout is not None
    if before and was_known and (before.payout, before.currency) != (after.payout, after.currency):
        details = {"before": _price(before), "value": _price(after), "offer": offer.key if offer else "?"}
        remarks.append(Remark(Warning.PAYOUT_CHANGED, details))
    if after.currency in facts.without_rate:
        remarks.append(Remark(Warning.NO_RATE, {"value": after.currency or "?"}))
    if not click.has_external_id and not change.is_test:
        remarks.append(Remark(Warning.NO_EXTERNAL_ID, {"value": click.source_key}))
    return tuple(remarks)


def _price(state: State) -> str:
    return f"{format_money(state.payout)} {state.currency}" if state.payout is not None else "no payout"


def _details(
    change: Change, facts: Facts, step: Step, offer: Offer | None, outcome: Outcome, txn_id: str | None
) -> dict[str, str]:
    details = {"status": change.after.status.replace("_", " "), "detail": _price(change.after)}
    if change.after.status.is_reversal:
        details["detail"] += f", {format_money(change.after.net)} left"
    match outcome:
        case Outcome.STALE:
            details["value"] = change.entry.status.replace("_", " ")
        case Outcome.CONFLICT:
            other = facts.of_transaction.click_text if facts.of_transaction else "?"
            details |= {"value": txn_id or "?", "other": other}
        case Outcome.LATE:
            time = change.entry.network_time or change.entry.arrived_at
            days, window = (time - step.time) // DAY, offer.window_days if offer else None
            details |= {"value": str(days), "offer": offer.key if offer else "?", "window": str(window)}
        case _:
            pass
    return details
