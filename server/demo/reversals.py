"""Stories of money that goes back: refunds whole, in part and by sign, chargebacks, and one before its sale."""

from __future__ import annotations

from decimal import Decimal

from server.demo.story import NOTHING, Booking, Case, Manner, Postback, Story
from server.domain.outcome import Outcome
from server.domain.status import Status

_CENT = Decimal("0.01")
_APPROVED, _REFUNDED, _CHARGED_BACK = Status.APPROVED, Status.REFUNDED, Status.CHARGED_BACK


def refunded(case: Case) -> Story:
    back = case.reports(Outcome.UPDATED, Manner(hour=50), status=_REFUNDED, txn_id=case.txn_id)
    return Story((_sale(case), back), (_reversed(case, _REFUNDED, NOTHING),))


def refunded_in_part(case: Case) -> Story:
    """Said twice, taken once."""
    says = {"status": _REFUNDED.value, "payout": f"{case.part:.2f}", "txn_id": case.txn_id}
    back = case.reports(Outcome.UPDATED, Manner(hour=50), **says)
    again = case.reports(Outcome.DUPLICATE, Manner(hour=50), **says)
    return Story((_sale(case), back, again), (_reversed(case, _REFUNDED, case.price - case.part),))


def refunded_twice_in_part(case: Case) -> Story:
    """Two different refunds add up; the source heard of the first."""
    more = case.part + _CENT
    first = case.reports(
        Outcome.UPDATED, Manner(hour=50), status=_REFUNDED, payout=f"-{case.part:.2f}", txn_id=case.txn_id
    )
    second = case.reports(Outcome.UPDATED, Manner(hour=70), status=_REFUNDED, payout=f"{more:.2f}", txn_id=case.txn_id)
    told = ((_APPROVED, case.price), (_REFUNDED, case.price - case.part))
    booking = Booking(_REFUNDED, case.price, case.price - case.part - more, owes=told)
    return Story((_sale(case), first, second), (booking,))


def refunded_by_sign(case: Case) -> Story:
    """A negative amount without a status."""
    back = case.reports(Outcome.UPDATED, Manner(hour=50), payout=f"-{case.part:.2f}", txn_id=case.txn_id)
    return Story((_sale(case), back), (_reversed(case, _REFUNDED, case.price - case.part),))


def charged_back(case: Case) -> Story:
    back = case.reports(Outcome.UPDATED, Manner(hour=80), status=_CHARGED_BACK, txn_id=case.txn_id)
    return Story((_sale(case), back), (_reversed(case, _CHARGED_BACK, NOTHING),))


def refund_before_its_sale(case: Case) -> Story:
    """It stands with nothing until the sale arrives, and takes all of it back."""
    back = case.reports(Outcome.ACCEPTED, Manner(hour=9), status=_REFUNDED, txn_id=case.txn_id)
    sale = case.reports(
        Outcome.UPDATED, Manner(hour=2), status=_APPROVED, payout=f"{case.price:.2f}", txn_id=case.txn_id
    )
    return Story((back, sale), (Booking(_REFUNDED, case.price, NOTHING, owes=((_REFUNDED, NOTHING),)),))


def _sale(case: Case) -> Postback:
    return case.reports(Outcome.ACCEPTED, payout=case.spelled(case.price), txn_id=case.txn_id)


def _reversed(case: Case, status: Status, left: Decimal) -> Booking:
    return Booking(status, case.price, left, owes=((_APPROVED, case.price), (status, left)))
