"""A case turns into postbacks."""

from __future__ import annotations

from decimal import Decimal

from server.demo.story import Manner
from server.domain.money import read_amount
from server.domain.outcome import Outcome


def test_every_spelling_says_the_amount(case_of):
    case = case_of()
    for amount in (Decimal("4.00"), Decimal("12.5"), Decimal("1234.56")):
        said = {case.spelled(amount) for _ in range(100)}
        assert len(said) > 2
        assert {read.micros for text in said if (read := read_amount(text))} == {int(amount * 1_000_000)}


def test_what_is_empty_is_not_said(case_of):
    postback = case_of().reports(Outcome.NO_CLICK_ID, Manner(hour=2), click_id="", payout="1.00")
    assert dict(postback.says) == {"payout": "1.00"}
    assert postback.time == 1_795_000_000 + 7200
