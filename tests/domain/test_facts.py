"""Facts: what is known beside a postback; nothing is assumed that nobody said."""

from __future__ import annotations

import pytest

from server.domain.facts import Facts, Step


def test_without_anything_known_nothing_is_assumed() -> None:
    facts = Facts(postback_id=1, arrived_at=2)
    assert (facts.click, facts.suggestion, facts.of_transaction, facts.of_conflict) == (None, None, None, None)
    assert (tuple(facts.of_click), dict(facts.offers), facts.without_rate) == ((), {}, frozenset())
    assert facts.base_currency == "USD"


def test_facts_stand() -> None:
    with pytest.raises(AttributeError):
        Step(1, 2, 3).time = 4  # type: ignore[misc]
