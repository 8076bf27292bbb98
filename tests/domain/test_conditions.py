"""Conditions: when they hold, that is and is not are opposites, and how a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.conditions import OPERATORS, Condition, Operator, sentence_of, spread, why_shut

VALUES = st.lists(st.text(max_size=5), min_size=1, max_size=3).map(tuple)
NEGATIVE: dict[Operator, Operator] = {"is": "is_not", "contains": "contains_not", "matches": "matches_not"}

HOLDS = [
    ("country", "is", ["US", "CA"], "us", True),
    ("country", "is", ["US", "CA"], "DE", False),
    ("country", "is_not", ["US", "CA"], "DE", True),
    ("country", "is_not", ["US", "CA"], "CA", False),
    ("hour", "is", ["8-18"], "8", True),
    ("hour", "is", ["8-18"], "18", True),
    ("hour", "is", ["8-18"], "19", False),
    ("hour", "is", ["22-6"], "23", True),
    ("hour", "is", ["22-6"], "0", True),
    ("hour", "is", ["22-6"], "7", False),
    ("hour", "is_not", ["22-6", "12"], "12", False),
    ("weekday", "is", ["monday-friday"], "wednesday", True),
    ("weekday", "is", ["monday-friday"], "sunday", False),
    ("weekday", "is", ["saturday-monday"], "sunday", True),
    ("weekday", "is", ["saturday-monday"], "tuesday", False),
    ("language", "is", ["en"], "en-us", True),
    ("language", "is", ["EN-us"], "en-us", True),
    ("language", "is", ["en-us"], "en", False),
    ("language", "is", ["en"], "enx", False),
    ("sub1", "is", ["8-18"], "9", False),
    ("sub1", "is", ["Straße"], "STRASSE", True),
    ("referrer", "contains", ["NEWS", "blog"], "my.news.example", True),
    ("referrer", "contains", ["news"], "shop.example", False),
    ("referrer", "contains_not", ["news"], "shop.example", True),
    ("sub1", "matches", [r"^z\d+$"], "Z77", True),
    ("sub1", "matches", [r"^z\d+$"], "z77x", False),
    ("sub1", "matches_not", [r"^z\d+$", "x"], "z77x", False),
    ("sub1", "matches_not", [r"^z\d+$"], "y", True),
    ("sub1", "matches", ["x$"], "a" * 300 + "x", False),  # only so much of a value is looked at
]


@pytest.mark.parametrize(("fact", "operator", "values", "value", "holds"), HOLDS)
def test_when_a_condition_holds(fact: str, operator: Operator, values: list[str], value: str, holds: bool) -> None:
    assert Condition(fact, operator, tuple(values)).holds(value) is holds


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_is_not_known_is_none_of_anything(operator: Operator) -> None:
    assert Condition("sub1", operator, (".*",)).holds(None) is operator.endswith("_not")


@given(fact=st.sampled_from(["country", "sub1", "language"]), values=VALUES, value=st.text(max_size=5))
def test_a_negative_is_the_opposite_of_its_positive_for_all_that_is_known(
    fact: str, values: tuple[str, ...], value: str
) -> None:
    for positive in ("is", "contains"):
        holds = Condition(fact, positive, values).holds(value)
        assert Condition(fact, NEGATIVE[positive], values).holds(value) is not holds


@given(values=VALUES, value=st.text(max_size=5))
def test_case_does_not_count(values: tuple[str, ...], value: str) -> None:
    folded = tuple(one.casefold() for one in values)
    for operator in ("is", "contains", "is_not", "contains_not"):
        assert Condition("sub1", operator, values).holds(value) is Condition("sub1", operator, folded).holds(
            value.casefold()
        )


@given(hour=st.integers(0, 23), first=st.integers(0, 23), last=st.integers(0, 23))
def test_a_range_of_hours_and_the_one_from_its_end_to_its_start_are_all_hours(hour: int, first: int, last: int) -> None:
    there, back = spread("hour", f"{first}-{last}"), spread("hour", f"{last}-{first}")
    assert first == last or str(hour) in {*there, *back}
    assert (first, last) == (int(there[0]), int(there[-1]))
    assert len(set(there)) == len(there) == (last - first) % 24 + 1


@pytest.mark.parametrize(
    ("condition", "sentence", "value", "why"),
    [
        (("country", "is", "US", "CA"), "country is US or CA", "DE", "country is DE, wanted US or CA"),
        (
            ("country", "is_not", "US", "CA", "GB"),
            "country is anything but US, CA or GB",
            "US",
            "country is US, wanted anything but US, CA or GB",
        ),
        (("os", "is", "iOS"), "system is iOS", None, "system is not known, wanted iOS"),
        (("sub1", "contains", "a"), "sub1 contains a", "b", "sub1 is b, wanted something with a"),
        (("sub1", "contains_not", "a"), "sub1 does not contain a", "ab", "sub1 is ab, wanted nothing with a"),
        (("sub1", "matches", "^a"), "sub1 matches ^a", "b", "sub1 is b, wanted something that matches ^a"),
        (("sub1", "matches_not", "^a"), "sub1 does not match ^a", "a", "sub1 is a, wanted nothing that matches ^a"),
        (("hour", "is", "8-18"), "hour is 8-18", "20", "hour is 20, wanted 8-18"),
        (("bot", "is", "no"), "the visitor is no bot", "yes", "the visitor is a bot, wanted: the visitor is no bot"),
        (
            ("returning", "is_not", "no"),
            "the visitor came before",
            "no",
            "the visitor is new, wanted: the visitor came before",
        ),
        (
            ("returning", "is", "yes"),
            "the visitor came before",
            None,
            "whether the visitor came before is not known, wanted: the visitor came before",
        ),
        (("bot", "is", "yes", "no"), "the visitor is a bot or the visitor is no bot", "x", None),
    ],
)
def test_a_condition_in_plain_words(
    condition: tuple[str, ...], sentence: str, value: str | None, why: str | None
) -> None:
    fact, operator, *values = condition
    asked = Condition(fact, next(one for one in OPERATORS if one == operator), tuple(values))
    assert sentence_of(asked) == sentence
    assert why is None or why_shut(asked, value) == why


def test_a_long_value_is_cut_in_words() -> None:
    assert len(why_shut(Condition("sub1", "is", ("x" * 2000,)), "y" * 2000)) < 220
