"""A conversion is what its receipts add up to: one fold over all of them; old news cannot undo later truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from server.domain.status import Status


class Rules(NamedTuple):
    """How a network's receipts are ordered."""

    has_time: bool = False
    last_word_wins: bool = False


class Entry(NamedTuple):
    """What one receipt, or a person, says about a conversion."""

    arrived_at: int
    status: Status
    amount: int | None = None  # the payout, or for a reversal what it takes back; None where nothing was said
    currency: str | None = None
    is_read: bool = True  # False where the amount is the offer's because the postback had none
    sale_amount: int | None = None
    sale_currency: str | None = None
    network_time: int | None = None
    txn_id: str | None = None  # as it was sent: distinct reversals differ in it
    is_manual: bool = False

    def says_the_same_as(self, other: Entry) -> bool:
        return bool(_words(self) == _words(other))


_words = attrgetter(*(name for name in Entry._fields if name != "arrived_at"))


class State(NamedTuple):
    status: Status
    original_status: Status
    payout: int | None
    currency: str | None
    sale_amount: int | None
    sale_currency: str | None
    reversed: int | None  # the sum of the reversals; None: all of it
    net: int
    has_sale: bool
    let_through: bool  # whether the last entry moved or repeated the status

    def differs_from(self, other: State) -> bool:
        return (self.status, self.payout, self.currency, self.net, self.sale_amount, self.reversed) != (
            other.status,
            other.payout,
            other.currency,
            other.net,
            other.sale_amount,
            other.reversed,
        )


def fold(entries: Iterable[Entry], rules: Rules) -> State:
    """The state after all entries; the status is the same in whichever order they arrived."""
    arrived = sorted(entries, key=attrgetter("arrived_at"))
    if len(arrived) == 1:
        return _first(arrived[0])
    ordered = _without_repetitions(arrived, rules)
    position = _Position(ordered[0], rules)
    payout = _Payout()
    let_through = True
    for index, entry in enumerate(ordered):
        let_through = index == 0 or position.admits(entry)
        if let_through:
            position.move_to(entry)
        payout.take(entry, let_through=let_through, time=_time(entry, rules))
    if arrived[-1] is not ordered[-1]:
        let_through = position.admits(arrived[-1])
    reversed_sum = _reversed([entry for entry in ordered if entry.status.is_reversal], payout.currency)
    has_sale = any(not entry.status.is_reversal for entry in ordered)
    return State(
        status=position.status,
        original_status=ordered[0].status,
        payout=payout.micros,
        currency=payout.currency,
        sale_amount=payout.sale_amount,
        sale_currency=payout.sale_currency,
        reversed=reversed_sum,
        net=_net(position.status, payout.micros, reversed_sum, has_sale=has_sale),
        has_sale=has_sale,
        let_through=let_through,
    )


def _first(entry: Entry) -> State:
    """What is said first stands as it is: mostly nothing else is said, so this is no more work than it has to be."""
    status, amount, is_reversal = entry.status, entry.amount, entry.status.is_reversal
    payout = abs(amount) if is_reversal and amount is not None else amount
    return State(
        status=status,
        original_status=status,
        payout=payout,
        currency=entry.currency if amount is not None else None,
        sale_amount=entry.sale_amount,
        sale_currency=entry.sale_currency if entry.sale_amount is not None else None,
        reversed=payout if is_reversal else 0,
        net=max(0, payout or 0) if status is Status.APPROVED else 0,
        has_sale=not is_reversal,
        let_through=True,
    )


def _without_repetitions(ordered: list[Entry], rules: Rules) -> list[Entry]:
    """What was said before changes nothing: since a person spoke, or just now where the last word wins."""
    kept: list[Entry] = []
    said: set[tuple[object, ...]] = set()
    for entry in ordered:
        words = _words(entry)
        if words in said and not entry.is_manual:
            continue
        if entry.is_manual or rules.last_word_wins:
            said.clear()
        said.add(words)
        kept.append(entry)
    return kept


def _time(entry: Entry, rules: Rules) -> int:
    """What orders two entries: the network's clock where it has one, else arrival."""
    return entry.network_time if rules.has_time and entry.network_time is not None else entry.arrived_at


class _Position:
    """Where the fold stands: a status, and the time from which only later news moves it."""

    def __init__(self, first: Entry, rules: Rules) -> None:
        self._rules = rules
        self.status = first.status
        self._time = _time(first, rules)

    def admits(self, entry: Entry) -> bool:
        if entry.is_manual or self._rules.last_word_wins:
            return True
        if self._rules.has_time:
            return (_time(entry, self._rules), entry.status.rank) >= (self._time, self.status.rank)
        return entry.status.rank >= self.status.rank

    def move_to(self, entry: Entry) -> None:
        self.status = entry.status
        self._time = entry.arrived_at if entry.is_manual else _time(entry, self._rules)


@dataclass(slots=True)
class _Payout:
    """The payout so far: a read amount beats the offer's, a later one an earlier one, a refusal changes nothing."""

    micros: int | None = None
    currency: str | None = None
    sale_amount: int | None = None
    sale_currency: str | None = None
    _is_read: bool = False
    _is_sale: bool = False
    _time: int = 0

    def take(self, entry: Entry, *, let_through: bool, time: int) -> None:
        is_sale = entry.status in (Status.PENDING, Status.APPROVED)
        if entry.sale_amount is not None and (self.sale_amount is None or (let_through and is_sale)):
            self.sale_amount, self.sale_currency = entry.sale_amount, entry.sale_currency
        if entry.amount is None or not self._is_replaced_by(entry, let_through=let_through, is_sale=is_sale, time=time):
            return
        self.micros = abs(entry.amount) if entry.status.is_reversal else entry.amount
        self.currency = entry.currency
        self._is_read, self._is_sale, self._time = entry.is_read, is_sale, time

    def _is_replaced_by(self, entry: Entry, *, let_through: bool, is_sale: bool, time: int) -> bool:
        if self.micros is None:
            return True
        if not is_sale or (self._is_read and not entry.is_read):
            return False
        if not self._is_sale:  # until now only a refusal or a reversal had spoken: the sale itself knows better
            return True
        return let_through and entry.is_read and time >= self._time


def _reversed(reversals: Sequence[Entry], currency: str | None) -> int | None:
    """The sum of the distinct reversals; None where one takes all that is left, or speaks another currency."""
    distinct = {_reversal_key(entry): entry for entry in reversals}
    total = 0
    for entry in distinct.values():
        if entry.amount is None or entry.currency != currency:
            return None
        total += abs(entry.amount)
    return total


def _reversal_key(entry: Entry) -> tuple[int | None, int | None, str | None]:
    return None if entry.amount is None else abs(entry.amount), entry.network_time, entry.txn_id


def _net(status: Status, payout: int | None, reversed_sum: int | None, *, has_sale: bool) -> int:
    match status:
        case Status.PENDING | Status.REJECTED:
            return 0
        case Status.APPROVED:
            return max(0, payout or 0)
        case Status.REFUNDED | Status.CHARGED_BACK:
            if not has_sale or payout is None or reversed_sum is None:
                return 0
            return max(0, payout - reversed_sum)
