"""The proof: line by line, what was sent beside what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from server.demo.findings import OPEN, Findings, Heard
from server.demo.ledger import Ledger, Told
from server.demo.story import NOTHING, Booking
from server.domain.outcome import Outcome
from server.domain.status import Status

_BASE = "USD"
# Every click without an id of its source and every amount without a rate is warned of too; these are the slips.
_WITHOUT_SLIP = ("no_external_id", "no_rate")
_MOST_DIFFERENCES = 10
Figure = int | Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the books: by the ledger, and by Tallyback."""

    section: str
    name: str  # for programs
    what: str  # for people
    expected: Figure
    got: Figure

    @property
    def is_balanced(self) -> bool:
        return self.expected == self.got


@dataclass(frozen=True, slots=True)
class Books:
    lines: Sequence[Line]
    differences: Sequence[str]  # the first ones, each in a sentence

    @property
    def is_balanced(self) -> bool:
        return all(line.is_balanced for line in self.lines) and not self.differences


def prove(ledger: Ledger, heard: Heard, found: Findings) -> Books:
    lines = (
        *_clicks(ledger, found),
        *_postbacks(ledger, found),
        *_conversions(ledger, found),
        *_relays(ledger, heard, found),
    )
    return Books(lines, list(_differences(ledger, heard, found))[:_MOST_DIFFERENCES])


def _clicks(ledger: Ledger, found: Findings) -> Iterator[Line]:
    sent, recorded = ledger.costs, found.costs
    yield Line("Clicks", "clicks", "sent, and counted by the report", len(sent), found.totals["clicks"])
    yield Line("Clicks", "click_ids", "each recorded once under its id", len(sent), len(sent.keys() & recorded.keys()))
    yield Line("Clicks", "link_checks", f"recorded for {ledger.checks} link checks", 0, len(recorded.keys() - sent))
    yield Line("Clicks", "cost", "cost in USD", _sum(sent.values()), Decimal(found.totals["cost"]))


def _postbacks(ledger: Ledger, found: Findings) -> Iterator[Line]:
    for outcome in Outcome:
        if ledger.planned[outcome] or found.outcomes[outcome]:
            yield Line("Postbacks", outcome.value, outcome.value, ledger.planned[outcome], found.outcomes[outcome])
    sent = ledger.planned.total()
    yield Line("Postbacks", "postbacks", "sent, and kept as receipts", sent, found.outcomes.total())
    yield Line("Postbacks", "surprises", "answered otherwise than planned", 0, len(ledger.surprises))
    warned = sum(count for warning, count in found.warnings.items() if warning not in _WITHOUT_SLIP)
    yield Line("Postbacks", "warnings", "slips warned of", ledger.warned.total(), warned)


def _conversions(ledger: Ledger, found: Findings) -> Iterator[Line]:
    counted, totals = ledger.counted, found.totals
    listed = [booking for bookings in found.bookings.values() for booking in bookings]
    listed_counted = [booking for booking in listed if booking.kept is None]
    yield _money("conversions", "counted", len(counted), totals["conversions"])
    yield _money("kept_apart", "late or in conflict, not counted", len(ledger.kept), len(listed) - len(listed_counted))
    revenue = _net(counted, _BASE)
    yield _money("revenue_by_report", "revenue, by the report", revenue, Decimal(totals["revenue"]))
    yield _money("revenue_by_conversions", "revenue, added up by hand", revenue, _net(listed_counted, _BASE))
    pending = _sum(one.payout for one in counted if one.status is Status.PENDING and one.currency == _BASE)
    yield _money("pending_revenue", "pending", pending, Decimal(totals["pending_revenue"]))
    yield _money("reversed", "reversed", _taken_back(counted), _taken_back(listed_counted))
    yield _money("revenue_in_euro", "revenue in EUR, no rate", _net(counted, "EUR"), _net(listed_counted, "EUR"))
    without_rate = sum(one.currency != _BASE for one in counted)
    yield _money("without_rate", "counted without rate", without_rate, totals["without_rate"])


def _relays(ledger: Ledger, heard: Heard, found: Findings) -> Iterator[Line]:
    owed = ledger.owed.total()
    yield _relay("relays_delivered", "owed, and delivered", owed, found.relays["delivered"])
    yield _relay("relays_skipped", "not for the source, and skipped", ledger.skipped.total(), found.relays["skipped"])
    yield _relay("relays_open", "still open, held or dead", 0, _left(found))
    yield _relay("relays_told", "heard by the sources", owed, len(heard.told))
    yield _relay("relays_keys", "each under a key of its own", owed, len(heard.told.keys() & set(found.keys)))
    yield _relay("relays_repeated", "told twice", 0, heard.repeats)
    yield _relay("attempts", f"requests, {heard.refused} of them answered 500", heard.requests, found.attempts)
    for currency, name in ((_BASE, "payouts_told"), ("EUR", "payouts_told_in_euro")):
        told = _sum(one.amount for one in heard.told.values() if one.currency == currency)
        yield _relay(name, f"payouts told, {currency}", _owed_in(ledger.owed, currency), told)


def _differences(ledger: Ledger, heard: Heard, found: Findings) -> Iterator[str]:
    """Row by row, so that two wrongs cannot add up to a right."""
    yield from ledger.surprises
    yield from heard.unheard
    yield from (f"the server: {line}" for line in found.complaints)
    for click_id, cost in ledger.costs.items():
        if found.costs.get(click_id) != cost:
            yield f"click {click_id}: cost {cost}, recorded {found.costs.get(click_id)}"
    for click_id in ledger.bookings.keys() | found.bookings.keys():
        expected = Counter(map(_bare, ledger.bookings.get(click_id, ())))
        got = Counter(map(_bare, found.bookings.get(click_id, ())))
        if expected != got:
            yield f"click {click_id}: expected {_shown(expected)}, booked {_shown(got)}"
    told = Counter(heard.told.values())
    for one in (ledger.owed - told) | (told - ledger.owed):
        yield f"{one.source} was {'not told' if one not in told else 'told'}: {one.visitor} {one.status} {one.amount}"


def _money(name: str, what: str, expected: Figure, got: Figure) -> Line:
    return Line("Conversions", name, what, expected, got)


def _relay(name: str, what: str, expected: Figure, got: Figure) -> Line:
    return Line("Relays", name, what, expected, got)


def _left(found: Findings) -> int:
    return sum(found.relays[state] for state in (*OPEN, "held", "dead"))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def _net(bookings: Iterable[Booking], currency: str) -> Decimal:
    return _sum(one.net for one in bookings if one.currency == currency)


def _taken_back(bookings: Iterable[Booking]) -> Decimal:
    statuses = (Status.REFUNDED, Status.CHARGED_BACK)
    return _sum(one.payout - one.net for one in bookings if one.status in statuses and one.currency == _BASE)


def _owed_in(owed: Counter[Told], currency: str) -> Decimal:
    return _sum(told.amount * count for told, count in owed.items() if told.currency == currency)


def _bare(booking: Booking) -> Booking:
    return replace(booking, owes=())


def _shown(bookings: Counter[Booking]) -> str:
    return ", ".join(f"{one.status} {one.payout}, {one.net} left" for one in bookings.elements()) or "nothing"
