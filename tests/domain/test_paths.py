"""A path is open where all its conditions hold, or any of them, and says which keep a visitor out."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.conditions import OPERATORS, Condition, Operator
from server.domain.paths import Path, Weighted

OFFERS = [Weighted("keto")]
US = Condition("country", "is", ("US",))
MOBILE = Condition("device", "is", ("mobile",))
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["country", "sub1"]),
    st.sampled_from(OPERATORS),
    st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=2).map(tuple),
)
FACTS = st.fixed_dictionaries(dict.fromkeys(("country", "sub1"), st.none() | st.sampled_from(["a", "b", "ab", "c"])))
OPPOSITE: dict[Operator, Operator] = {
    "is": "is_not",
    "contains": "contains_not",
    "matches": "matches_not",
    "is_not": "is",
    "contains_not": "contains",
    "matches_not": "matches",
}


@pytest.mark.parametrize(
    ("match", "country", "device", "is_open"),
    [
        ("all", "US", "mobile", True),
        ("all", "US", "desktop", False),
        ("all", None, "mobile", False),
        ("any", "US", "desktop", True),
        ("any", None, "mobile", True),
        ("any", None, None, False),
    ],
)
def test_all_or_any(match: Literal["all", "any"], country: str | None, device: str | None, is_open: bool) -> None:
    path = Path(OFFERS, when=(US, MOBILE), match=match)
    assert path.is_open({"country": country, "device": device}) is is_open
    assert bool(path.why_shut({"country": country, "device": device})) is not is_open


@pytest.mark.parametrize("match", ["all", "any"])
def test_without_conditions_a_path_is_open(match: Literal["all", "any"]) -> None:
    path = Path(OFFERS, match=match)
    assert path.is_open({})
    assert (path.asks, path.sentences) == (frozenset(), ["always"])


def test_a_path_says_what_it_asks_and_what_keeps_a_visitor_out() -> None:
    path = Path(OFFERS, when=(US, MOBILE))
    assert path.asks == {"country", "device"}
    assert path.sentences == ["country is US", "device is mobile"]
    assert path.why_shut({"country": "DE", "device": "mobile"}) == ["country is DE, wanted US"]
    assert Path(OFFERS, default=True).sentences == ["no other path is open"]


@given(conditions=st.lists(CONDITIONS, max_size=4), facts=FACTS)
def test_any_is_what_is_left_where_not_all_opposites_hold(
    conditions: list[Condition], facts: dict[str, str | None]
) -> None:
    opposites = [Condition(one.fact, OPPOSITE[one.operator], one.values) for one in conditions]
    is_any = Path(OFFERS, when=conditions, match="any").is_open(facts)
    are_all_opposite = Path(OFFERS, when=opposites).is_open(facts)
    assert is_any is (not conditions or not are_all_opposite)


@given(conditions=st.lists(CONDITIONS, min_size=1, max_size=4), facts=FACTS)
def test_what_is_open_to_all_is_open_to_any_and_only_what_is_shut_says_why(
    conditions: list[Condition], facts: dict[str, str | None]
) -> None:
    every, some = Path(OFFERS, when=conditions), Path(OFFERS, when=conditions, match="any")
    assert some.is_open(facts) or not every.is_open(facts)
    for path in (every, some):
        assert bool(path.why_shut(facts)) is not path.is_open(facts)


@given(conditions=st.lists(CONDITIONS, max_size=4), facts=FACTS)
def test_a_path_is_open_where_all_or_any_of_its_conditions_hold(
    conditions: list[Condition], facts: dict[str, str | None]
) -> None:
    holding = [condition.holds(facts[condition.fact]) for condition in conditions]
    assert Path(OFFERS, when=conditions).is_open(facts) is all(holding)
    assert Path(OFFERS, when=conditions, match="any").is_open(facts) is (any(holding) or not conditions)
