"""A conversion is what its receipts add up to: the same in every order, and old news cannot undo later truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.fold import Entry, Rules, State, fold
from server.domain.status import Status

UNTIMED, TIMED, LAST_WORD = Rules(), Rules(has_time=True), Rules(last_word_wins=True)
PENDING, APPROVED, REJECTED, REFUNDED, CHARGED_BACK = Status
RANK = {"pending": 0, "approved": 1, "rejected": 2, "refunded": 3, "charged_back": 4}
MILLION = 1_000_000


def said(status: Status, amount: int | None = 10, **more: Any) -> Entry:
    more.setdefault("currency", None if amount is None else "USD")
    return Entry(arrived_at=0, status=status, amount=None if amount is None else amount * MILLION, **more)


def by_hand(status: Status) -> Entry:
    return Entry(arrived_at=0, status=status, is_manual=True)


def arrive(*entries: Entry, rules: Rules = UNTIMED) -> State:
    """The state after entries that arrive one after the other, a millisecond apart."""
    return fold([entry._replace(arrived_at=1000 + tick) for tick, entry in enumerate(entries)], rules)


def summed(state: State) -> tuple[str, int | None, int]:
    payout = None if state.payout is None else state.payout // MILLION
    return state.status.value, payout, state.net // MILLION


# -- status --------------------------------------------------------------------------------------------------------

STATUSES = st.sampled_from(list(Status))
RECEIPTS = st.lists(st.builds(said, STATUSES, st.sampled_from([None, 5, 10])), min_size=1, max_size=6)
TIMED_RECEIPTS = st.lists(
    st.builds(said, STATUSES, st.sampled_from([None, 5, 10]), network_time=st.integers(1, 5)), min_size=1, max_size=6
)


@given(receipts=RECEIPTS, data=st.data())
def test_without_times_the_highest_status_stands_in_every_order(receipts: list[Entry], data: st.DataObject) -> None:
    highest = max((entry.status.value for entry in receipts), key=lambda word: RANK[word])
    assert arrive(*data.draw(st.permutations(receipts))).status.value == highest


@given(receipts=TIMED_RECEIPTS, data=st.data())
def test_with_times_the_latest_word_stands_in_every_order_and_ties_go_by_rank(
    receipts: list[Entry], data: st.DataObject
) -> None:
    latest = max((entry.network_time or 0, RANK[entry.status.value], entry.status) for entry in receipts)[2]
    assert arrive(*data.draw(st.permutations(receipts)), rules=TIMED).status is latest


@given(receipts=RECEIPTS, data=st.data())
def test_the_original_status_is_that_of_the_first_receipt(receipts: list[Entry], data: st.DataObject) -> None:
    order = data.draw(st.permutations(receipts))
    assert arrive(*order).original_status is order[0].status
    assert arrive(*order, rules=TIMED).original_status is order[0].status


@given(receipts=st.lists(st.builds(said, STATUSES), min_size=1, max_size=6))
def test_the_order_in_which_entries_are_handed_over_does_not_matter(receipts: list[Entry]) -> None:
    entries = [entry._replace(arrived_at=tick) for tick, entry in enumerate(receipts)]
    assert fold(reversed(entries), UNTIMED) == fold(entries, UNTIMED)


def test_arrival_stands_in_for_a_time_that_is_missing() -> None:
    assert arrive(said(APPROVED, network_time=1), said(APPROVED, 11, network_time=1), rules=TIMED).let_through
    early, late = said(REJECTED)._replace(network_time=900), said(APPROVED, 11)
    assert arrive(early, late, rules=TIMED).status is APPROVED
    future = said(REJECTED)._replace(network_time=5000)
    assert arrive(future, late, rules=TIMED).status is REJECTED


def test_times_mean_nothing_to_a_network_without_a_time_parameter() -> None:
    assert arrive(said(REJECTED, network_time=1), said(APPROVED, network_time=9)).status is REJECTED


def test_the_last_word_wins_where_a_network_re_approves() -> None:
    assert arrive(said(APPROVED), said(REJECTED), said(APPROVED), rules=LAST_WORD).status is APPROVED
    assert arrive(said(CHARGED_BACK), said(PENDING), rules=LAST_WORD).status is PENDING


@pytest.mark.parametrize(
    ("receipts", "let_through"),
    [
        ((said(PENDING), said(APPROVED)), True),
        ((said(APPROVED), said(APPROVED, 11)), True),
        ((said(REJECTED), said(APPROVED)), False),
        ((said(CHARGED_BACK), said(REFUNDED)), False),
        ((said(APPROVED), said(APPROVED)), True),
        ((said(APPROVED), said(PENDING), said(APPROVED)), True),
        ((said(APPROVED), said(REJECTED), said(APPROVED)), False),
    ],
)
def test_the_fold_says_whether_the_last_word_got_through(receipts: Sequence[Entry], let_through: bool) -> None:
    assert arrive(*receipts).let_through is let_through


# -- a person's word -----------------------------------------------------------------------------------------------


@given(before=RECEIPTS, word=STATUSES)
def test_a_person_can_set_any_status(before: list[Entry], word: Status) -> None:
    assert arrive(*before, by_hand(word)).status is word
    assert arrive(*before, by_hand(word), rules=TIMED).status is word


@given(before=RECEIPTS, word=STATUSES, after=RECEIPTS)
def test_a_status_set_by_hand_moves_only_by_later_receipts_that_rank_as_high(
    before: list[Entry], word: Status, after: list[Entry]
) -> None:
    expected = max([word.value, *(entry.status.value for entry in after)], key=lambda status: RANK[status])
    assert arrive(*before, by_hand(word), *after).status.value == expected


def test_with_times_only_news_from_after_the_persons_word_moves_it() -> None:
    word = by_hand(APPROVED)._replace(arrived_at=2000)
    first = said(REJECTED, network_time=1500)._replace(arrived_at=1000)
    old_news = said(REFUNDED, network_time=1900)._replace(arrived_at=3000)
    news = said(REJECTED, network_time=2100)._replace(arrived_at=3001)
    assert fold([first, word, old_news], TIMED).status is APPROVED
    assert fold([first, word, old_news, news], TIMED).status is REJECTED


def test_a_network_that_repeats_itself_after_a_persons_word_is_heard_anew() -> None:
    assert arrive(said(APPROVED), said(REFUNDED, None), by_hand(APPROVED)).status is APPROVED
    assert arrive(said(APPROVED), said(REFUNDED, None), by_hand(APPROVED), said(REFUNDED, None)).status is REFUNDED


def test_two_words_of_a_person_both_count() -> None:
    assert arrive(said(APPROVED), by_hand(REJECTED), by_hand(APPROVED), by_hand(REJECTED)).status is REJECTED
    assert arrive(said(APPROVED), by_hand(REJECTED), by_hand(REJECTED)).status is REJECTED


def test_a_status_set_by_hand_leaves_the_payout() -> None:
    assert summed(arrive(said(PENDING), by_hand(APPROVED))) == ("approved", 10, 10)
    assert summed(arrive(said(APPROVED), by_hand(REFUNDED))) == ("refunded", 10, 0)
    assert summed(arrive(said(REFUNDED, None), by_hand(APPROVED))) == ("approved", None, 0)


# -- payout --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ((said(APPROVED, 10), said(APPROVED, 15)), ("approved", 15, 15)),
        ((said(APPROVED, 15), said(APPROVED, 10)), ("approved", 10, 10)),
        ((said(PENDING, 10), said(APPROVED, 15)), ("approved", 15, 15)),
        ((said(APPROVED, 15), said(PENDING, 10)), ("approved", 15, 15)),
        ((said(APPROVED, 10), said(REJECTED, 99)), ("rejected", 10, 0)),
        ((said(REJECTED, 99), said(APPROVED, 10)), ("rejected", 10, 0)),
        ((said(APPROVED, 10), said(APPROVED, 32, is_read=False)), ("approved", 10, 10)),
        ((said(APPROVED, 32, is_read=False), said(APPROVED, 10)), ("approved", 10, 10)),
        ((said(APPROVED, 32, is_read=False), said(APPROVED, 40, is_read=False)), ("approved", 32, 32)),
        ((said(APPROVED, 10), said(APPROVED, None)), ("approved", 10, 10)),
        ((said(APPROVED, None), said(APPROVED, 10)), ("approved", 10, 10)),
        ((said(APPROVED, 10), said(APPROVED, 0)), ("approved", 0, 0)),
        ((said(PENDING, 10),), ("pending", 10, 0)),
        ((said(REJECTED, 10),), ("rejected", 10, 0)),
        ((said(APPROVED, -5),), ("approved", -5, 0)),
    ],
)
def test_the_payout_is_the_latest_that_was_read_and_let_through(
    receipts: Sequence[Entry], expected: tuple[str, int | None, int]
) -> None:
    assert summed(arrive(*receipts)) == expected


def test_with_times_the_payout_is_that_of_the_latest_network_time() -> None:
    new, old = said(APPROVED, 15, network_time=2), said(APPROVED, 10, network_time=1)
    assert arrive(new, old, rules=TIMED).payout == arrive(old, new, rules=TIMED).payout == 15_000_000
    assert arrive(old, said(APPROVED, 12, network_time=1), rules=TIMED).payout == 12_000_000


@given(
    sales=st.lists(st.builds(said, st.sampled_from([PENDING, APPROVED])), min_size=1, max_size=3),
    others=st.lists(
        st.builds(said, st.sampled_from([REJECTED, REFUNDED, CHARGED_BACK]), st.integers(1, 20)), max_size=3
    ),
    rules=st.sampled_from([UNTIMED, TIMED, LAST_WORD]),
    data=st.data(),
)
def test_the_payout_of_a_sale_is_the_same_in_every_order(
    sales: list[Entry], others: list[Entry], rules: Rules, data: st.DataObject
) -> None:
    state = arrive(*data.draw(st.permutations([*sales, *others])), rules=rules)
    assert (state.payout, state.currency) == (10_000_000, "USD")


@given(amounts=st.lists(st.integers(1, 50), min_size=1, max_size=5, unique=True), data=st.data())
def test_with_times_sales_of_different_amounts_come_to_the_latest_in_every_order(
    amounts: list[int], data: st.DataObject
) -> None:
    sales = [said(APPROVED, amount, network_time=tick) for tick, amount in enumerate(amounts, start=1)]
    assert arrive(*data.draw(st.permutations(sales)), rules=TIMED).payout == amounts[-1] * MILLION


@given(receipts=TIMED_RECEIPTS, rules=st.sampled_from([UNTIMED, TIMED]), data=st.data())
def test_a_repetition_changes_nothing_whenever_it_comes(
    receipts: list[Entry], rules: Rules, data: st.DataObject
) -> None:
    once = [entry._replace(arrived_at=1000 * number) for number, entry in enumerate(receipts)]
    copied = data.draw(st.lists(st.sampled_from(once), max_size=4))
    copies = [entry._replace(arrived_at=entry.arrived_at + data.draw(st.integers(0, 9000))) for entry in copied]
    assert fold([*once, *copies], rules)._replace(let_through=True) == fold(once, rules)._replace(let_through=True)


def test_where_the_last_word_wins_only_the_word_just_said_is_a_repetition() -> None:
    assert arrive(said(APPROVED, 10), said(APPROVED, 15), said(APPROVED, 10)).payout == 15_000_000
    assert arrive(said(APPROVED, 10), said(APPROVED, 15), said(APPROVED, 10), rules=LAST_WORD).payout == 10_000_000


def test_the_sale_amount_is_that_of_the_latest_sale() -> None:
    first = said(APPROVED, sale_amount=150, sale_currency="EUR")
    second = said(APPROVED, sale_amount=160, sale_currency="USD")
    refusal = said(REJECTED, sale_amount=1, sale_currency="USD")
    state = arrive(first, second, refusal)
    assert (state.sale_amount, state.sale_currency) == (160, "USD")
    assert arrive(first, said(APPROVED, 11)).sale_amount == 150
    assert arrive(refusal).sale_amount == 1


# -- reversals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ((said(APPROVED), said(REFUNDED, 4)), ("refunded", 10, 6)),
        ((said(APPROVED), said(REFUNDED, -4)), ("refunded", 10, 6)),
        ((said(APPROVED), said(REFUNDED, 10)), ("refunded", 10, 0)),
        ((said(APPROVED), said(REFUNDED, 99)), ("refunded", 10, 0)),
        ((said(APPROVED), said(REFUNDED, None)), ("refunded", 10, 0)),
        ((said(APPROVED), said(REFUNDED, 4), said(REFUNDED, None)), ("refunded", 10, 0)),
        ((said(APPROVED), said(CHARGED_BACK, 4)), ("charged_back", 10, 6)),
        ((said(APPROVED), said(REFUNDED, 4), said(REFUNDED, 4)), ("refunded", 10, 6)),
        ((said(APPROVED), said(REFUNDED, 4), said(REFUNDED, -4)), ("refunded", 10, 6)),
        ((said(APPROVED), said(REFUNDED, 4), said(REFUNDED, 3)), ("refunded", 10, 3)),
        ((said(APPROVED), said(REFUNDED, 4, txn_id="R1"), said(REFUNDED, 4, txn_id="R2")), ("refunded", 10, 2)),
        ((said(APPROVED), said(REFUNDED, 4, network_time=1), said(REFUNDED, 4, network_time=2)), ("refunded", 10, 2)),
        ((said(APPROVED), said(REFUNDED, 4), said(CHARGED_BACK, 5)), ("charged_back", 10, 1)),
        ((said(APPROVED), said(REFUNDED, 4, currency="EUR")), ("refunded", 10, 0)),
        ((said(APPROVED), said(REFUNDED, 0)), ("refunded", 10, 10)),
    ],
)
def test_distinct_reversals_add_up_and_net_is_what_is_left(
    receipts: Sequence[Entry], expected: tuple[str, int | None, int]
) -> None:
    assert summed(arrive(*receipts)) == expected


def test_a_refund_before_its_sale_stands_with_net_zero_until_the_sale_arrives() -> None:
    assert arrive(said(REFUNDED, 4)).net == 0
    assert summed(arrive(said(REFUNDED, 4), said(APPROVED, 10))) == ("refunded", 10, 6)
    assert summed(arrive(said(REFUNDED, None), said(APPROVED, 10))) == ("refunded", 10, 0)
    assert summed(arrive(said(REFUNDED, 10), said(APPROVED, 10))) == ("refunded", 10, 0)


def test_a_sale_that_is_approved_anew_after_its_refund_counts_in_full() -> None:
    refunded = arrive(said(APPROVED, network_time=1), said(REFUNDED, 4, network_time=2), rules=TIMED)
    again = arrive(
        said(APPROVED, network_time=1), said(REFUNDED, 4, network_time=2), said(APPROVED, network_time=3), rules=TIMED
    )
    assert (refunded.net, again.net) == (6_000_000, 10_000_000)


@given(parts=st.lists(st.integers(1, 6), max_size=4), data=st.data())
def test_reversals_add_up_in_every_order(parts: list[int], data: st.DataObject) -> None:
    refunds = [said(REFUNDED, part, txn_id=f"R{number}") for number, part in enumerate(parts)]
    state = arrive(*data.draw(st.permutations([said(APPROVED, 10), *refunds])))
    assert state.net == max(0, 10 - sum(parts)) * MILLION


@given(receipts=TIMED_RECEIPTS, rules=st.sampled_from([UNTIMED, TIMED, LAST_WORD]))
def test_net_lies_between_nothing_and_the_payout(receipts: list[Entry], rules: Rules) -> None:
    state = arrive(*receipts, rules=rules)
    assert 0 <= state.net <= max(state.payout or 0, 0)
    if state.status in (PENDING, REJECTED):
        assert state.net == 0


# -- differences ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipt", "differs"),
    [
        (said(APPROVED, 11), True),
        (said(REJECTED), True),
        (said(REFUNDED, 1), True),
        (said(APPROVED, sale_amount=150), True),
        (said(PENDING), False),
        (said(APPROVED, txn_id="again"), False),
    ],
)
def test_a_state_differs_where_something_that_is_shown_changed(receipt: Entry, differs: bool) -> None:
    assert arrive(said(APPROVED), receipt).differs_from(arrive(said(APPROVED))) is differs


def test_an_entry_says_the_same_as_another_whatever_the_moment_it_arrived() -> None:
    assert said(APPROVED)._replace(arrived_at=7).says_the_same_as(said(APPROVED))
    assert not said(APPROVED).says_the_same_as(said(APPROVED, txn_id="Z"))
    assert not said(APPROVED).says_the_same_as(by_hand(APPROVED))
