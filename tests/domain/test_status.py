"""Statuses: their rank, and the words that networks use for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.status import GENERIC_WORDS, Status, fold_word, read_status

ROWS = [
    *(("pending", Status.PENDING), ("Lead", Status.PENDING), ("on hold", Status.PENDING), ("0", Status.PENDING)),
    *(("approved", Status.APPROVED), ("SALE", Status.APPROVED), ("1", Status.APPROVED), ("Paid", Status.APPROVED)),
    *(("confirmed", Status.APPROVED), ("rejected", Status.REJECTED), ("Declined", Status.REJECTED)),
    *(("trash", Status.REJECTED), ("cancelled", Status.REJECTED), ("canceled", Status.REJECTED)),
    *(("refund", Status.REFUNDED), ("Refunded", Status.REFUNDED), ("reversed", Status.REFUNDED)),
    *(("chargeback", Status.CHARGED_BACK), ("Charge Back", Status.CHARGED_BACK), ("charged_back", Status.CHARGED_BACK)),
    *(("charge   back", Status.CHARGED_BACK), (" approved ", Status.APPROVED)),
]


@pytest.mark.parametrize(("word", "status"), ROWS)
def test_a_generic_word_is_read_in_any_case(word: str, status: Status) -> None:
    assert read_status(word, {}) is status
    assert read_status(word.upper(), {}) is status


@pytest.mark.parametrize("word", ["", "kwalifikowany", "approve d", "not approved", "approvedd", "2", "-1", "{status}"])
def test_a_word_counts_only_as_a_whole(word: str) -> None:
    assert read_status(word, {}) is None


def test_a_networks_words_are_added_to_the_generic_ones() -> None:
    words = {Status.APPROVED: ["kwalifikowany", "2x5"]}
    assert read_status("KWALIFIKOWANY", words) is Status.APPROVED
    assert read_status("2X5", words) is Status.APPROVED
    assert read_status("rejected", words) is Status.REJECTED


def test_a_networks_own_meaning_wins() -> None:
    words = {Status.APPROVED: ["0", "Lead"], Status.REJECTED: ["1"]}
    assert read_status("0", words) is Status.APPROVED
    assert read_status("lead", words) is Status.APPROVED
    assert read_status("1", words) is Status.REJECTED


def test_the_ranks_rise_from_pending_to_charged_back() -> None:
    ordered = ["pending", "approved", "rejected", "refunded", "charged_back"]
    assert [status.value for status in sorted(Status, key=lambda status: status.rank)] == ordered


def test_refunds_and_chargebacks_are_reversals_and_nothing_else_is() -> None:
    assert {status for status in Status if status.is_reversal} == {Status.REFUNDED, Status.CHARGED_BACK}


def test_no_generic_word_has_two_meanings() -> None:
    words = [fold_word(word) for words in GENERIC_WORDS.values() for word in words]
    assert len(words) == len(set(words))


@given(word=st.text())
def test_no_text_stumbles(word: str) -> None:
    assert read_status(word, {Status.APPROVED: ["yes"]}) in (None, *Status)
