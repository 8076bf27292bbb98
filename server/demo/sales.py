"""Stories of sales: leads, approvals, repetitions, corrections, and news in the wrong order."""

from __future__ import annotations

from server.demo.story import NOTHING, Booking, Case, Manner, Story
from server.domain.outcome import Outcome, Warning
from server.domain.status import Status

_ACCEPTED, _UPDATED, _DUPLICATE, _STALE = Outcome.ACCEPTED, Outcome.UPDATED, Outcome.DUPLICATE, Outcome.STALE
_PENDING, _APPROVED, _REJECTED = Status.PENDING, Status.APPROVED, Status.REJECTED


def nothing_bought(_case: Case) -> Story:
    return Story()


def sale(case: Case) -> Story:
    wait_s = case.chance.uniform(0.1, 0.3)  # soon: a conflict about its transaction has to come after it
    told = case.reports(
        _ACCEPTED, Manner(wait_s=wait_s), payout=case.spelled(case.price), status=_APPROVED, txn_id=case.txn_id
    )
    return Story((told,), (case.sold,))


def sale_without_status(case: Case) -> Story:
    told = case.reports(_ACCEPTED, payout=case.spelled(case.price), txn_id=case.txn_id, click_id=case.click_id.upper())
    return Story((told,), (case.sold,))


def sale_at_the_offers_price(case: Case) -> Story:
    price, currency = case.offer.price, case.offer.currency
    booking = Booking(_APPROVED, price, price, currency, owes=((_APPROVED, price),))
    return Story((case.reports(_ACCEPTED, txn_id=case.txn_id),), (booking,))


def sale_in_euro(case: Case) -> Story:
    amount = case.chance.choice((f"{case.price:.2f}", f"{case.price:.2f} €"))
    told = case.reports(_ACCEPTED, payout=amount, currency="eur", txn_id=case.txn_id)
    return Story((told,), (Booking(_APPROVED, case.price, case.price, "EUR", owes=((_APPROVED, case.price),)),))


def add_on(case: Case) -> Story:
    """A further event of the same click, at the offer's price for it."""
    told = (
        case.reports(_ACCEPTED, payout=case.spelled(case.price), txn_id=case.txn_id),
        case.reports(_ACCEPTED, Manner(hour=2), event="upsell", txn_id=case.txn_id),
    )
    price = case.offer.add_on
    return Story(told, (case.sold, Booking(_APPROVED, price, price, case.offer.currency, owes=((_APPROVED, price),))))


def upsell(case: Case) -> Story:
    """A second transaction of the same click."""
    told = (
        case.reports(_ACCEPTED, payout=case.spelled(case.price), txn_id=case.txn_id),
        case.reports(_ACCEPTED, Manner(hour=2), payout=case.spelled(case.part), txn_id=f"{case.txn_id}-2"),
    )
    return Story(told, (case.sold, Booking(_APPROVED, case.part, case.part, owes=((_APPROVED, case.part),))))


def lead(case: Case) -> Story:
    told = case.reports(_ACCEPTED, status=_PENDING, payout=case.spelled(case.price), txn_id=case.txn_id)
    return Story((told,), (Booking(_PENDING, case.price, NOTHING, owes=((_PENDING, case.price),)),))


def lead_approved(case: Case) -> Story:
    amount = case.spelled(case.price)
    told = (
        case.reports(_ACCEPTED, status=_PENDING, payout=amount, txn_id=case.txn_id),
        case.reports(_UPDATED, Manner(hour=30), status=_APPROVED, payout=amount, txn_id=case.txn_id),
    )
    owes = ((_PENDING, case.price), (_APPROVED, case.price))
    return Story(told, (Booking(_APPROVED, case.price, case.price, owes=owes),))


def lead_approved_for_more(case: Case) -> Story:
    more = case.price + case.part
    told = (
        case.reports(_ACCEPTED, status=_PENDING, payout=case.spelled(case.price)),
        case.reports(
            _UPDATED, Manner(hour=30, warns=(Warning.PAYOUT_CHANGED,)), status=_APPROVED, payout=case.spelled(more)
        ),
    )
    return Story(told, (Booking(_APPROVED, more, more, owes=((_PENDING, case.price), (_APPROVED, more))),))


def lead_rejected(case: Case) -> Story:
    told = (
        case.reports(_ACCEPTED, status=_PENDING, payout=case.spelled(case.price), txn_id=case.txn_id),
        case.reports(_UPDATED, Manner(hour=30), status=_REJECTED, txn_id=case.txn_id),
    )
    owes = ((_PENDING, case.price), (_REJECTED, case.price))
    return Story(told, (Booking(_REJECTED, case.price, NOTHING, owes=owes),))


def approved_after_rejection(case: Case) -> Story:
    """The network's clock says that the approval is newer; without a clock a rejection stands."""
    rejected = lead_rejected(case)
    outcome = _UPDATED if case.network.has_time else _STALE
    late = case.reports(
        outcome, Manner(hour=60, wait_s=0.9), status=_APPROVED, payout=case.spelled(case.price), txn_id=case.txn_id
    )
    (booking,) = rejected.bookings
    if case.network.has_time:
        owes = (*booking.owes, (_APPROVED, case.price))
        booking = Booking(_APPROVED, case.price, case.price, owes=owes)
    return Story((*rejected.postbacks, late), (booking,))


def lead_after_approval(case: Case) -> Story:
    """Sent in the wrong order: old news changes nothing, by the network's clock or by rank."""
    told = (
        case.reports(_ACCEPTED, Manner(hour=5), status=_APPROVED, payout=case.spelled(case.price), txn_id=case.txn_id),
        case.reports(_STALE, Manner(hour=2), status=_PENDING, payout=case.spelled(case.part), txn_id=case.txn_id),
    )
    return Story(told, (case.sold,))


def repeated(case: Case) -> Story:
    says = {"payout": f"{case.price:.2f}", "txn_id": case.txn_id}
    told = (case.reports(_ACCEPTED, **says), case.reports(_DUPLICATE, **says), case.reports(_DUPLICATE, **says))
    return Story(told, (case.sold,))


def transaction_id_later(case: Case) -> Story:
    told = (
        case.reports(_ACCEPTED, payout=case.spelled(case.price)),
        case.reports(_UPDATED, Manner(hour=3), payout=case.spelled(case.price), txn_id=case.txn_id),
    )
    return Story(told, (case.sold,))


def payout_corrected(case: Case) -> Story:
    """The source was told the first amount, and is not told again."""
    less = case.price - case.part
    told = (
        case.reports(_ACCEPTED, payout=case.spelled(case.price), txn_id=case.txn_id),
        case.reports(
            _UPDATED, Manner(hour=3, warns=(Warning.PAYOUT_CHANGED,)), payout=case.spelled(less), txn_id=case.txn_id
        ),
    )
    return Story(told, (Booking(_APPROVED, less, less, owes=((_APPROVED, case.price),)),))
