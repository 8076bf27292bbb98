"""What makes two postbacks speak of one conversion, and never lets two different ones read as one."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from server.domain import identity

TRANSACTIONS = st.tuples(st.integers(0, 99), st.text(max_size=6), st.text(max_size=6))


def test_the_same_transaction_and_event_are_the_same_conversion() -> None:
    assert identity.of_transaction(1, "T", "deposit") == identity.of_transaction(1, "T", "deposit")
    assert identity.of_click(7, 1, "deposit") == identity.of_click(7, 1, "deposit")


@given(one=TRANSACTIONS, other=TRANSACTIONS)
def test_another_network_transaction_or_event_is_another_conversion(
    one: tuple[int, str, str], other: tuple[int, str, str]
) -> None:
    assume(one != other)
    assert identity.of_transaction(*one) != identity.of_transaction(*other)


def test_parts_never_run_into_each_other() -> None:
    assert identity.of_transaction(1, "ab", "c") != identity.of_transaction(1, "a", "bc")
    assert identity.of_transaction(11, "1", "") != identity.of_transaction(1, "11", "")
    assert identity.of_click(1, 12, "") != identity.of_click(11, 2, "")


def test_the_kinds_never_meet() -> None:
    kinds = {
        identity.of_transaction(1, "1", "1"),
        identity.of_click(1, 1, "1"),
        identity.of_conflict(1, "1", "1", 1),
        identity.of_postback(1),
    }
    assert len(kinds) == 4
    assert {len(one) for one in kinds} == {32}


def test_a_conflict_is_one_of_each_click() -> None:
    assert identity.of_conflict(1, "T", "", 5) != identity.of_conflict(1, "T", "", 6)


def test_half_a_character_in_a_transaction_does_not_stumble() -> None:
    assert identity.of_transaction(1, "\ud800", "") != identity.of_transaction(1, "\ud801", "")
