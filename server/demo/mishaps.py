"""Stories of what goes wrong between two systems: ids cut short, macros left in, wrong words, wrong addresses."""

from __future__ import annotations

from server.demo.parties import other_than
from server.demo.story import Booking, Case, Manner, Story
from server.domain.outcome import Outcome, Warning
from server.domain.status import Status

_OTHER_LETTERS = str.maketrans("0123456789abcdefghjkmnpqrstvwxyz", "123456789abcdefghjkmnpqrstvwxyz0")
_LATE_HOURS = 31 * 24  # the offers of this network have a window of 30 days


def macro_left_in(case: Case) -> Story:
    macro = case.chance.choice(("{ref}", "${SUBID}", "[[click_id]]", "%%CLICKID%%", "CLICK_ID", "#s2#"))
    return _lost(case, Outcome.MACRO_NOT_REPLACED, click_id=macro)


def id_cut_short(case: Case) -> Story:
    return _lost(case, Outcome.CLICK_ID_DAMAGED, click_id=case.click_id[: case.chance.randint(12, 22)])


def id_with_another_character(case: Case) -> Story:
    at = case.chance.randrange(22)
    changed = case.click_id[at].translate(_OTHER_LETTERS)
    return _lost(case, Outcome.CLICK_ID_DAMAGED, click_id=case.click_id[:at] + changed + case.click_id[at + 1 :])


def id_missing(case: Case) -> Story:
    return _lost(case, Outcome.NO_CLICK_ID, click_id="")


def id_of_no_click(case: Case) -> Story:
    """A link checker asked with HEAD: it got an id that proves itself, and no click was recorded."""
    return _lost(case, Outcome.CLICK_UNKNOWN)


def sent_to_the_other_network(case: Case) -> Story:
    told = case.reports(Outcome.WRONG_NETWORK, Manner(network=other_than(case.network)), payout=f"{case.price:.2f}")
    return Story((told,))


def status_unknown(case: Case) -> Story:
    return _lost(case, Outcome.UNKNOWN_STATUS, status=case.chance.choice(("perhaps", "in limbo", "7")))


def currency_unknown(case: Case) -> Story:
    return _lost(case, Outcome.UNKNOWN_CURRENCY, currency="QQX")


def token_wrong(case: Case) -> Story:
    told = case.reports(
        Outcome.UNAUTHORISED, Manner(slip="wrong_token"), payout=f"{case.price:.2f}", txn_id=case.txn_id
    )
    return Story((told,))


def body_unreadable(case: Case) -> Story:
    told = case.reports(Outcome.UNREADABLE, Manner(slip="json_array", form="json"), payout=f"{case.price:.2f}")
    return Story((told,))


def ampersand_from_html(case: Case) -> Story:
    told = case.reports(
        Outcome.ACCEPTED,
        Manner(slip="html_ampersand", form="query", warns=(Warning.ODD_ENCODING,)),
        payout=f"{case.price:.2f}",
        txn_id=case.txn_id,
    )
    return Story((told,), (case.sold,))


def json_called_a_form(case: Case) -> Story:
    told = case.reports(
        Outcome.ACCEPTED,
        Manner(slip="json_called_form", form="json", warns=(Warning.ODD_ENCODING,)),
        payout=f"{case.price:.2f}",
        txn_id=case.txn_id,
    )
    return Story((told,), (case.sold,))


def id_in_another_parameter(case: Case) -> Story:
    told = case.reports(
        Outcome.ACCEPTED,
        Manner(slip="other_parameter", warns=(Warning.CLICK_ID_IN_OTHER_PARAMETER,)),
        payout=case.spelled(case.price),
        txn_id=case.txn_id,
    )
    return Story((told,), (case.sold,))


def amount_that_could_be_two(case: Case) -> Story:
    """`1,234` is one number in Boston and another in Berlin: the offer's price stands."""
    told = case.reports(Outcome.ACCEPTED, Manner(warns=(Warning.BAD_VALUE,)), payout="1,234", txn_id=case.txn_id)
    price = case.offer.price
    booking = Booking(Status.APPROVED, price, price, case.offer.currency, owes=((Status.APPROVED, price),))
    return Story((told,), (booking,))


def transaction_of_another_click(case: Case) -> Story:
    told = case.reports(Outcome.CONFLICT, Manner(wait_s=0.9), payout=f"{case.price:.2f}", txn_id=case.taken_txn_id)
    return Story((told,), (Booking(Status.APPROVED, case.price, case.price, kept="conflict"),))


def long_after_the_click(case: Case) -> Story:
    told = case.reports(Outcome.LATE, Manner(hour=_LATE_HOURS), payout=f"{case.price:.2f}", txn_id=case.txn_id)
    return Story((told,), (Booking(Status.APPROVED, case.price, case.price, kept="late"),))


def _lost(case: Case, outcome: Outcome, **says: str) -> Story:
    """A sale that cannot be booked until somebody mends what is wrong."""
    return Story((case.reports(outcome, **{"payout": f"{case.price:.2f}", "txn_id": case.txn_id, **says}),))
