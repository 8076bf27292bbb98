"""The decision about a postback: every outcome is reached, in its order, and the conversion is what it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from server.domain import identity
from server.domain.facts import KnownClick, Step
from server.domain.fold import Rules
from server.domain.judging import bare_txn_id, rules_of, step_of
from server.domain.outcome import Outcome
from server.domain.status import Status
from server.domain.things import Network, Payout
from tests.domain.speaking import (
    CLICK,
    CLICK_KEY,
    DAY,
    FOREIGN,
    MILLION,
    NETWORK,
    NOON,
    OFFER,
    OTHER,
    TEST_KEY,
    TESTED,
    UNKNOWN,
    Book,
    clicks_of,
    understood,
    warnings,
)

TIMED = replace(NETWORK, params={"time": "ts"})
EACH = replace(NETWORK, each_postback_counts=True)
WINDOWED = replace(OFFER, window_days=30)
SOLD = f"click_id={CLICK}&payout=10&txn_id=Z"
LATE = NOON + 31 * DAY


def outcomes(book: Book, *queries: str) -> list[str]:
    return [book.hear(query.replace("@", f"click_id={CLICK}")).outcome.value for query in queries]


# -- the table of outcomes -----------------------------------------------------------------------------------------

TABLE: list[tuple[str, list[str], str, dict[str, Any]]] = [
    # outcome, said before, said now, how
    ("unreadable", [], f"click_id={CLICK}", {"body": "[1]"}),
    ("no_click_id", [], "payout=5", {}),
    ("no_click_id", [], "click_id=&payout=5", {}),
    ("no_click_id", [], "click_id=null", {}),
    ("macro_not_replaced", [], "click_id={clickid}", {}),
    ("click_id_damaged", [], "click_id=0", {}),
    ("click_id_damaged", [], f"click_id={CLICK[:20]}", {}),
    ("click_id_damaged", [], f"click_id={CLICK[:-1]}{'0' if CLICK[-1] != '0' else '8'}", {}),
    ("click_unknown", [], f"click_id={UNKNOWN}", {}),
    ("wrong_network", [], f"click_id={FOREIGN}", {}),
    ("unknown_status", [], f"click_id={CLICK}&status=kwalifikowany", {}),
    ("unknown_status", [], f"click_id={CLICK}&status={{status}}", {}),
    ("unknown_currency", [], f"click_id={CLICK}&payout=5&currency=ZZZ", {}),
    ("test", [], f"click_id={TESTED}&payout=5", {}),
    ("conflict", [SOLD], f"click_id={OTHER}&payout=10&txn_id=Z", {}),
    ("late", [], f"click_id={CLICK}&payout=5", {"at": LATE}),
    ("stale", [SOLD + "&status=rejected"], SOLD + "&status=approved", {}),
    ("duplicate", [SOLD], SOLD, {}),
    ("updated", [SOLD], SOLD + "&status=rejected", {}),
    ("accepted", [], SOLD, {}),
]


@pytest.mark.parametrize(("outcome", "before", "query", "how"), TABLE)
def test_every_outcome_is_reached(outcome: str, before: list[str], query: str, how: dict[str, Any]) -> None:
    book = Book(offer=WINDOWED)
    for earlier in before:
        book.hear(earlier)
    assert book.hear(query, **how).outcome.value == outcome


def test_the_table_reaches_all_outcomes_but_the_refusal_at_the_door() -> None:
    assert {row[0] for row in TABLE} == {outcome.value for outcome in Outcome} - {"unauthorised"}


PRECEDENCE: list[tuple[str, str, dict[str, Any]]] = [
    # each row also bears what a later outcome asks for
    ("unreadable", "status=what", {"body": "[1]"}),
    ("unreadable", "click_id={x}&status=what", {"body": "{"}),
    ("no_click_id", "status=what&currency=ZZZ&payout=5", {}),
    ("macro_not_replaced", "click_id={x}&status=what", {}),
    ("macro_not_replaced", "click_id=broken&subid={x}", {}),
    ("click_id_damaged", "click_id=broken&status=what&payout=5&currency=ZZZ", {}),
    ("click_unknown", f"click_id={UNKNOWN}&status=what", {}),
    ("wrong_network", f"click_id={FOREIGN}&status=what", {}),
    ("unknown_status", f"click_id={CLICK}&status=what&payout=5&currency=ZZZ", {}),
    ("unknown_status", f"click_id={TESTED}&status=what", {}),
    ("unknown_currency", f"click_id={TESTED}&payout=5&currency=ZZZ", {}),
    ("unknown_currency", f"click_id={OTHER}&payout=5&currency=ZZZ&txn_id=Z", {}),
    ("test", f"click_id={TESTED}&payout=5&txn_id=Z", {}),
    ("test", f"click_id={TESTED}&payout=5", {"at": LATE}),
    ("conflict", f"click_id={OTHER}&payout=5&txn_id=Z", {"at": LATE}),
]


@pytest.mark.parametrize(("outcome", "query", "how"), PRECEDENCE)
def test_the_first_outcome_that_fits_is_taken(outcome: str, query: str, how: dict[str, Any]) -> None:
    book = Book(offer=WINDOWED)
    book.hear(SOLD)
    assert book.hear(query, **how).outcome.value == outcome


@pytest.mark.parametrize("query", ["x=1", "click_id={x}", f"click_id={UNKNOWN}", f"click_id={CLICK}&status=what"])
def test_what_is_refused_changes_no_conversion_and_keeps_its_warnings(query: str) -> None:
    judgement = Book().hear(query + "&payout=x&event={e}")
    assert (judgement.change, judgement.conversion_id) == (None, None)
    assert sorted(warnings(judgement.remarks)) == ["bad_value", "macro_not_replaced"]


def test_a_damaged_id_suggests_the_click_and_never_attributes() -> None:
    judgement = Book().hear(f"click_id={CLICK[:20]}", suggestion=CLICK)
    assert judgement.outcome is Outcome.CLICK_ID_DAMAGED
    assert judgement.details["suggestion"] == f"; it could have been {CLICK}"
    assert judgement.change is None


# -- which click, which offer --------------------------------------------------------------------------------------


def visit(*steps: Step) -> KnownClick:
    return KnownClick(CLICK_KEY, CLICK, is_test=False, source_key="prop", has_external_id=True, steps=steps)


def test_the_conversion_belongs_to_the_clicks_latest_step_to_an_offer_of_the_network() -> None:
    steps = (Step(1, 10, 1), Step(2, 11, 1), Step(3, 20, 2))
    assert step_of(visit(*steps), NETWORK) == Step(2, 11, 1)
    assert step_of(visit(*steps), Network("other", id=2)) == Step(3, 20, 2)
    assert step_of(visit(*steps), Network("third", id=3)) is None
    assert step_of(visit(), NETWORK) is None


def test_a_conversion_stays_with_its_offer_though_the_click_went_on_to_another() -> None:
    book = Book()
    book.hear(SOLD)
    book.clicks[CLICK_KEY] = book.clicks[CLICK_KEY]._replace(steps=[Step(NOON, 10, 1), Step(NOON + 5000, 11, 1)])
    change = book.hear(SOLD + "&status=rejected").change
    assert change is not None
    assert change.offer_id == 10
    fresh = book.hear(f"click_id={CLICK}&txn_id=new").change
    assert fresh is not None
    assert fresh.offer_id == 11


# -- identity ------------------------------------------------------------------------------------------------------


def test_the_same_transaction_and_event_are_the_same_conversion() -> None:
    book = Book()
    assert outcomes(book, "@&event=deposit&txn_id=Z", "@&event=DEPOSIT&txn_id=Z") == ["accepted", "duplicate"]
    assert outcomes(book, "@&event=sale&txn_id=Z", "@&txn_id=Z") == ["accepted", "accepted"]
    assert len(book.conversions) == 3


def test_a_transaction_id_tells_case() -> None:
    assert outcomes(Book(), "@&txn_id=Z&payout=1", "@&txn_id=z&payout=1") == ["accepted", "accepted"]


def test_without_a_transaction_the_click_and_the_event_are_the_identity() -> None:
    book = Book()
    assert outcomes(book, "@&payout=1", "@&payout=1", "@&payout=1&event=sale") == ["accepted", "duplicate", "accepted"]
    assert book.hear(f"click_id={OTHER}&payout=1").outcome is Outcome.ACCEPTED


def test_a_second_transaction_of_the_same_click_is_an_upsell() -> None:
    book = Book()
    assert outcomes(book, SOLD, "@&payout=7&txn_id=Y2") == ["accepted", "accepted"]
    assert (book.payout(1), book.payout(2)) == (10 * MILLION, 7 * MILLION)


def test_a_conversion_without_a_transaction_takes_over_the_first_that_arrives() -> None:
    book = Book()
    heard = outcomes(book, "@&payout=10&status=pending", SOLD, "@&payout=7&txn_id=Y2", SOLD)
    assert heard == ["accepted", "updated", "accepted", "duplicate"]
    assert [book.conversions[number].txn_id for number in (1, 2)] == ["Z", "Y2"]
    assert (book.status(1), len(book.conversions)) == ("approved", 2)


def test_a_takeover_is_an_update_though_nothing_else_changes() -> None:
    book = Book()
    assert outcomes(book, "@&payout=10", SOLD, SOLD) == ["accepted", "updated", "duplicate"]


def test_a_takeover_asks_for_the_same_event() -> None:
    book = Book()
    assert outcomes(book, "@&payout=10&event=lead", SOLD) == ["accepted", "accepted"]
    assert book.conversions[1].txn_id is None


def test_a_postback_that_lost_the_transaction_still_speaks_of_its_clicks_conversion() -> None:
    assert outcomes(Book(), SOLD, "@&payout=10&status=rejected") == ["accepted", "updated"]


def test_the_same_transaction_with_another_click_is_a_conflict_each_time_and_keeps_the_first_as_it_was() -> None:
    book = Book()
    book.hear(SOLD)
    judgement = book.hear(f"click_id={OTHER}&payout=99&txn_id=Z")
    assert judgement.outcome is Outcome.CONFLICT
    assert judgement.details["other"] == CLICK
    assert book.hear(f"click_id={OTHER}&payout=99&txn_id=Z&status=rejected").outcome is Outcome.CONFLICT
    assert (book.payout(1), book.status(1), len(book.conversions)) == (10 * MILLION, "approved", 2)
    assert book.conversions[2].kept == "conflict"


def test_a_click_with_a_conflict_still_sells() -> None:
    book = Book()
    book.hear(SOLD)
    book.hear(f"click_id={OTHER}&txn_id=Z")
    assert book.hear(f"click_id={OTHER}&payout=5").outcome is Outcome.ACCEPTED
    assert book.hear(f"click_id={OTHER}&payout=5&txn_id=Own").outcome is Outcome.UPDATED


def test_each_postback_counts_where_the_network_says_so() -> None:
    book = Book(EACH)
    assert outcomes(book, "@&payout=10", "@&payout=10", "@&payout=10") == ["accepted"] * 3
    assert len(book.conversions) == 3


def test_where_each_postback_counts_a_reversal_takes_back_the_latest() -> None:
    book = Book(EACH)
    assert outcomes(book, "@&payout=10", "@&payout=12", "@&payout=-4") == ["accepted", "accepted", "updated"]
    assert (book.net(1), book.net(2)) == (10 * MILLION, 8 * MILLION)
    assert book.conversions[2].identity == identity.of_postback(2)
    assert outcomes(book, "@&status=chargeback") == ["updated"]
    assert (book.net(1), book.net(2)) == (10 * MILLION, 0)


def test_where_each_postback_counts_a_transaction_id_still_tells_repetitions() -> None:
    book = Book(EACH)
    assert outcomes(book, "@&payout=10", SOLD, SOLD, "@&payout=10") == ["accepted", "accepted", "duplicate", "accepted"]


def test_a_reversal_with_nothing_to_reverse_stands_alone() -> None:
    book = Book(EACH)
    assert outcomes(book, "@&payout=-4") == ["accepted"]
    assert (book.status(), book.net()) == ("refunded", 0)


@pytest.mark.parametrize("txn_id", ["R-Z", "r-Z"])
def test_a_prefix_before_the_transaction_of_a_reversal_falls_away(txn_id: str) -> None:
    book = Book(replace(NETWORK, txn_prefix="R-"))
    assert outcomes(book, SOLD, f"@&payout=-4&txn_id={txn_id}") == ["accepted", "updated"]
    assert book.net() == 6 * MILLION


def test_a_prefix_is_cut_from_reversals_only_and_never_to_nothing() -> None:
    network = replace(NETWORK, txn_prefix="R-")
    assert bare_txn_id(understood("txn_id=R-9&payout=4", network), network) == "R-9"
    assert bare_txn_id(understood("txn_id=R-9&payout=-4", network), network) == "9"
    assert bare_txn_id(understood("txn_id=R-&payout=-4", network), network) == "R-"
    assert bare_txn_id(understood("payout=-4", network), network) is None


# -- status --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("default", "query", "status"),
    [
        (Status.APPROVED, "payout=5", "approved"),
        (Status.APPROVED, "payout=5&status=", "approved"),
        (Status.PENDING, "payout=5", "pending"),
        (Status.PENDING, "payout=5&status=sale", "approved"),
        (Status.PENDING, "payout=-5", "refunded"),
        (Status.APPROVED, "payout=-5&status=chargeback", "charged_back"),
    ],
)
def test_no_status_means_the_networks_default(default: Status, query: str, status: str) -> None:
    book = Book(replace(NETWORK, default_status=default))
    book.hear(f"click_id={CLICK}&{query}")
    assert book.status() == status


def test_an_unmapped_status_is_booked_once_the_word_is_mapped() -> None:
    book = Book()
    assert book.hear(f"click_id={CLICK}&status=kwalifikowany").outcome is Outcome.UNKNOWN_STATUS
    book.network = replace(NETWORK, status_words={Status.APPROVED: ["kwalifikowany"]})
    assert book.hear(f"click_id={CLICK}&status=kwalifikowany").outcome is Outcome.ACCEPTED


def test_rules_come_from_the_network() -> None:
    assert rules_of(NETWORK) == Rules(has_time=False, last_word_wins=False)
    assert rules_of(replace(TIMED, last_word_wins=True)) == Rules(has_time=True, last_word_wins=True)


def test_network_time_decides_the_order() -> None:
    book = Book(TIMED)
    first, second = SOLD + "&status=rejected&ts=2026-01-03T00:00:00Z", SOLD + "&status=approved&ts=1767484800"
    assert outcomes(book, first, second, second) == ["accepted", "updated", "duplicate"]
    assert book.status() == "approved"


def test_the_same_again_at_a_later_time_of_the_networks_is_remembered() -> None:
    approved, again = SOLD + "&ts=1767400001", SOLD + "&ts=1767400009"
    rejected = SOLD + "&status=rejected&ts=1767400005"
    in_time, out_of_order = Book(TIMED), Book(TIMED)
    assert outcomes(in_time, approved, rejected, again) == ["accepted", "updated", "updated"]
    assert outcomes(out_of_order, approved, again, rejected) == ["accepted", "duplicate", "stale"]
    assert in_time.status() == out_of_order.status() == "approved"


def test_a_person_may_set_a_status_and_only_later_news_that_gets_through_moves_it() -> None:
    book = Book()
    book.hear(SOLD)
    book.set_by_hand(Status.REJECTED)
    assert outcomes(book, SOLD + "&payout=12") == ["stale"]
    assert outcomes(book, SOLD.replace("payout=10", "payout=12")) == ["stale"]
    assert outcomes(book, SOLD + "&status=refund") == ["updated"]
    assert book.status() == "refunded"


def test_where_the_last_word_wins_a_network_may_re_approve() -> None:
    book = Book(replace(NETWORK, last_word_wins=True))
    heard = outcomes(book, SOLD, SOLD + "&status=rejected", SOLD, SOLD)
    assert heard == ["accepted", "updated", "updated", "duplicate"]
    assert (book.status(), len(book.conversions[1].entries)) == ("approved", 3)


def test_a_late_repetition_of_the_first_amount_changes_nothing() -> None:
    book = Book()
    assert outcomes(book, SOLD, SOLD.replace("=10", "=15"), SOLD) == ["accepted", "updated", "duplicate"]
    assert book.payout() == 15 * MILLION


def test_a_repetition_of_what_stands_is_a_duplicate_and_of_what_was_overtaken_is_stale() -> None:
    heard = outcomes(Book(), SOLD, SOLD + "&status=pending", SOLD, SOLD + "&status=rejected", SOLD)
    assert heard == ["accepted", "stale", "duplicate", "updated", "stale"]


def test_what_is_replayed_into_the_past_of_its_conversion_is_stale() -> None:
    book = Book()
    book.hear(SOLD + "&status=rejected", at=NOON + 9000)
    assert book.hear(SOLD + "&status=approved", at=NOON + 5000).outcome is Outcome.STALE
    assert book.status() == "rejected"


def test_a_duplicate_names_the_conversion_and_changes_nothing() -> None:
    book = Book()
    book.hear(SOLD)
    judgement = book.hear(SOLD)
    assert (judgement.change, judgement.conversion_id) == (None, 1)


# -- payout --------------------------------------------------------------------------------------------------------


def paid(query: str, network: Network = NETWORK, **offer: Any) -> tuple[int | None, str | None, list[str]]:
    judgement = Book(network, offer=replace(OFFER, **offer)).hear(f"click_id={CLICK}&{query}")
    assert judgement.change is not None
    after = judgement.change.after
    return after.payout, after.currency, warnings(judgement.remarks)


FROM_OFFER = replace(NETWORK, payout_from="offer")
SHARE = Payout(share=300_000)


@pytest.mark.parametrize(
    ("query", "network", "offer", "payout", "currency", "remarks"),
    [
        ("payout=5", NETWORK, {}, 5_000_000, "USD", []),
        ("payout=0", NETWORK, {}, 0, "USD", []),
        ("payout=5 EUR", NETWORK, {}, 5_000_000, "EUR", []),
        ("payout=", NETWORK, {}, 32_000_000, "USD", []),
        ("payout=&currency=EUR", NETWORK, {}, 32_000_000, "USD", []),
        ("payout=inf", NETWORK, {}, 32_000_000, "USD", ["bad_value"]),
        ("payout=1,234", NETWORK, {"currency": "EUR"}, 32_000_000, "EUR", ["bad_value"]),
        ("payout=$5&currency=EUR", NETWORK, {}, 32_000_000, "USD", ["bad_value"]),
        ("event=deposit", NETWORK, {}, 50_000_000, "USD", []),
        ("event=DEPOSIT", NETWORK, {}, 50_000_000, "USD", []),
        ("event=registration", NETWORK, {}, 0, "USD", ["no_payout"]),
        ("event=registration&payout=1.5", NETWORK, {}, 1_500_000, "USD", []),
        ("event=registration&status=pending", NETWORK, {}, 0, "USD", ["no_payout"]),
        ("x=1", NETWORK, {"payout": None}, 0, "USD", ["no_payout"]),
        ("x=1", NETWORK, {"payout": None, "currency": "EUR"}, 0, "EUR", ["no_payout"]),
        ("x=1", replace(NETWORK, currency="CAD"), {"currency": None}, 32_000_000, "CAD", []),
        ("x=1", NETWORK, {"currency": None}, 32_000_000, "USD", []),
        ("payout=5", FROM_OFFER, {}, 32_000_000, "USD", []),
        ("payout=5 EUR", FROM_OFFER, {}, 32_000_000, "USD", []),
        ("payout=5", FROM_OFFER, {"payout": None}, 5_000_000, "USD", []),
        ("event=registration&payout=5", FROM_OFFER, {}, 5_000_000, "USD", []),
        ("event=registration", FROM_OFFER, {}, 0, "USD", ["no_payout"]),
        ("sale_amount=150", NETWORK, {"payout": SHARE}, 45_000_000, "USD", []),
        ("sale_amount=150 EUR", NETWORK, {"payout": SHARE}, 45_000_000, "EUR", []),
        ("payout=&amount=150", NETWORK, {"payout": SHARE}, 45_000_000, "USD", []),
        ("payout=12&amount=150", NETWORK, {"payout": SHARE}, 12_000_000, "USD", []),
        ("payout=12&amount=150", FROM_OFFER, {"payout": SHARE}, 45_000_000, "USD", []),
        ("x=1", NETWORK, {"payout": SHARE}, 0, "USD", ["no_payout"]),
        ("event=deposit&sale_amount=10", NETWORK, {"events": {"Deposit": SHARE}}, 3_000_000, "USD", []),
    ],
)
def test_the_payout_is_the_postbacks_if_it_reads_else_the_offers_for_that_event(
    query: str, network: Network, offer: dict[str, Any], payout: int, currency: str, remarks: list[str]
) -> None:
    assert paid(query.replace(" ", "%20"), network, **offer) == (payout, currency, remarks)


def test_an_amount_that_is_absent_never_replaces_one_that_was_read() -> None:
    book = Book()
    assert outcomes(book, SOLD, "@&txn_id=Z&status=approved") == ["accepted", "duplicate"]
    assert book.payout() == 10 * MILLION


def test_a_payout_that_nobody_names_is_remarked_at_the_first_receipt() -> None:
    book = Book()
    query = f"click_id={CLICK}&event=install&txn_id=Z"
    assert warnings(book.hear(query).remarks) == ["no_payout"]
    assert warnings(book.hear(query + "&status=rejected").remarks) == []


def test_an_amount_that_is_read_replaces_the_offers() -> None:
    book = Book()
    assert outcomes(book, "@&txn_id=Z", SOLD) == ["accepted", "updated"]
    assert book.payout() == 10 * MILLION


def test_a_raised_payout_is_remarked() -> None:
    book = Book()
    book.hear(SOLD)
    judgement = book.hear(SOLD.replace("=10", "=15"))
    assert judgement.outcome is Outcome.UPDATED
    assert warnings(judgement.remarks) == ["payout_changed"]
    assert judgement.remarks[0].details == {"before": "10.00 USD", "value": "15.00 USD", "offer": "keto"}


def test_a_rejection_with_another_amount_leaves_the_payout() -> None:
    book = Book()
    book.hear(SOLD)
    judgement = book.hear(SOLD.replace("=10", "=99") + "&status=rejected")
    assert warnings(judgement.remarks) == []
    assert book.payout() == 10 * MILLION


@pytest.mark.parametrize(
    ("queries", "heard", "net"),
    [
        ((SOLD, SOLD + "&status=refund"), ["accepted", "updated"], 0),
        ((SOLD, "@&txn_id=Z&status=refund"), ["accepted", "updated"], 0),
        ((SOLD, "@&payout=4&txn_id=Z&status=refund"), ["accepted", "updated"], 6),
        ((SOLD, "@&payout=-4&txn_id=Z&status=refund"), ["accepted", "updated"], 6),
        ((SOLD, "@&payout=-10&txn_id=Z"), ["accepted", "updated"], 0),
        ((SOLD + "&status=refund", SOLD), ["accepted", "stale"], 0),
        (("@&payout=4&txn_id=Z&status=refund", SOLD), ["accepted", "updated"], 6),
        ((SOLD, "@&payout=-4&txn_id=Z", "@&payout=-4&txn_id=Z"), ["accepted", "updated", "duplicate"], 6),
        ((SOLD, "@&payout=-4&txn_id=Z", "@&payout=-3&txn_id=Z"), ["accepted", "updated", "updated"], 3),
        ((SOLD, "@&payout=-4&txn_id=Z", "@&status=chargeback&txn_id=Z"), ["accepted", "updated", "updated"], 0),
    ],
)
def test_reversals_take_back_what_they_say(queries: tuple[str, ...], heard: list[str], net: int) -> None:
    book = Book()
    assert outcomes(book, *queries) == heard
    assert book.net() == net * MILLION


def test_a_reversal_owes_no_payout_of_the_offers() -> None:
    book = Book()
    judgement = book.hear(f"click_id={CLICK}&status=refund")
    assert warnings(judgement.remarks) == []
    assert book.payout() is None


# -- window --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "query", "at", "outcome"),
    [
        (NETWORK, "payout=5", NOON + 30 * DAY, "accepted"),
        (NETWORK, "payout=5", NOON + 30 * DAY + 1, "late"),
        (NETWORK, "payout=5&ts=1767441601", LATE, "late"),
        (TIMED, "payout=5&ts=1767441601", LATE, "accepted"),
        (TIMED, "payout=5&ts=1770033601", NOON + 1000, "late"),
        (TIMED, "payout=5", LATE, "late"),
        (TIMED, "payout=5&ts=nonsense", LATE, "late"),
    ],
)
def test_the_window_is_judged_by_the_networks_time_where_it_gives_one_else_by_arrival(
    network: Network, query: str, at: int, outcome: str
) -> None:
    book = Book(network, offer=WINDOWED)
    assert book.hear(f"click_id={CLICK}&{query}", at=at).outcome.value == outcome
    assert book.conversions[1].kept == ("late" if outcome == "late" else None)


def test_the_window_counts_from_the_step_to_the_offer() -> None:
    book = Book(offer=WINDOWED)
    book.clicks[CLICK_KEY] = book.clicks[CLICK_KEY]._replace(steps=[Step(NOON + 5 * DAY, 10, 1)])
    assert book.hear(f"click_id={CLICK}", at=NOON + 34 * DAY).outcome is Outcome.ACCEPTED


def test_the_window_is_judged_once_at_the_first_receipt() -> None:
    in_time, too_late = Book(offer=WINDOWED), Book(offer=WINDOWED)
    in_time.hear(SOLD)
    assert in_time.hear(SOLD + "&status=rejected", at=LATE).outcome is Outcome.UPDATED
    too_late.hear(SOLD, at=LATE)
    assert too_late.hear(SOLD + "&status=rejected").outcome is Outcome.LATE


def test_an_offer_without_a_window_is_never_late() -> None:
    assert Book().hear(SOLD, at=NOON + 4000 * DAY).outcome is Outcome.ACCEPTED


# -- warnings ------------------------------------------------------------------------------------------------------


def test_an_amount_without_a_rate_counts_and_is_remarked() -> None:
    judgement = Book(without_rate=frozenset({"EUR"})).hear(f"click_id={CLICK}&payout=5&currency=EUR")
    assert judgement.outcome is Outcome.ACCEPTED
    assert warnings(judgement.remarks) == ["no_rate"]
    assert judgement.remarks[0].details == {"value": "EUR"}


def test_an_offers_amount_without_a_rate_is_remarked_too() -> None:
    book = Book(without_rate=frozenset({"EUR"}), offer=replace(OFFER, currency="EUR"))
    assert warnings(book.hear(f"click_id={CLICK}").remarks) == ["no_rate"]


def test_a_currency_with_a_rate_is_not_remarked() -> None:
    book = Book(without_rate=frozenset({"EUR"}))
    assert book.hear(SOLD).remarks == ()
    assert book.hear(f"click_id={CLICK}&txn_id=2&payout=5&currency=GBP").remarks == ()


def test_a_click_without_an_external_id_is_remarked_unless_it_is_a_test() -> None:
    book = Book()
    for key, click in list(book.clicks.items()):
        book.clicks[key] = click._replace(has_external_id=False)
    assert warnings(book.hear(SOLD).remarks) == ["no_external_id"]
    assert warnings(book.hear(f"click_id={TESTED}&payout=5").remarks) == []


def test_a_test_is_kept_as_one_and_never_becomes_anything_else() -> None:
    book = Book()
    query = f"click_id={TESTED}&payout=5&txn_id=T"
    judged = [book.hear(query), book.hear(query), book.hear(query + "&status=rejected")]
    assert {one.outcome for one in judged} == {Outcome.TEST}
    assert all(one.change is not None and one.change.is_test for one in judged)
    assert book.clicks[TEST_KEY].is_test


def test_what_was_odd_about_the_request_stands_beside_the_outcome() -> None:
    judgement = Book().hear(f"xyz={CLICK}&amp;payout=1,234&payout=2&txn_id={{t}}")
    assert judgement.outcome is Outcome.ACCEPTED
    assert sorted(warnings(judgement.remarks)) == [
        *("bad_value", "click_id_in_other_parameter", "macro_not_replaced", "odd_encoding", "repeated_parameter")
    ]


# -- orders --------------------------------------------------------------------------------------------------------

ORDERS: list[Callable[[list[str]], list[str]]] = [
    lambda queries: queries,
    lambda queries: queries[::-1],
    lambda queries: queries[1:] + queries[:1],
    lambda queries: queries[2:] + queries[:2],
    lambda queries: [*queries, queries[0], queries[-1]],
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("network", [NETWORK, TIMED])
def test_whatever_the_order_and_the_repetitions_the_books_come_out_the_same(
    network: Network, order: Callable[[list[str]], list[str]]
) -> None:
    book = Book(network)
    told = [
        SOLD + "&status=pending&ts=1767400001",
        SOLD + "&status=approved&ts=1767400002",
        f"click_id={CLICK}&payout=-4&txn_id=Z&ts=1767400003",
        f"click_id={CLICK}&payout=-3&txn_id=Z&ts=1767400004",
    ]
    outcomes(book, *order(told))
    assert (len(book.conversions), book.status(), book.payout(), book.net()) == (
        1,
        "refunded",
        10 * MILLION,
        3 * MILLION,
    )


def test_the_clicks_of_the_book_are_those_that_the_tests_name() -> None:
    assert sorted(click.text for click in clicks_of(NETWORK).values()) == sorted([CLICK, OTHER, FOREIGN, TESTED])
