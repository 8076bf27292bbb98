"""The values of a condition in one line, and back: whatever they hold, they come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages.campaigns.values_line import text_of, values_in
from app.pages.campaigns.words import asked_in, summary, when_of
from app.widgets.countries import countries
from server.domain.conditions import OPERATORS, Condition
from server.domain.paths import Path

VALUES = st.lists(st.text(st.sampled_from("ab ,\"'^{}"), min_size=1).filter(str.strip), min_size=1, max_size=4)


@given(values=VALUES, operator=st.sampled_from(OPERATORS))
def test_values_come_back_as_they_were(values: list[str], operator: str) -> None:
    assert values_in(text_of(values, operator), operator) == values


@pytest.mark.parametrize(
    ("text", "operator", "values"),
    [
        ("US,  CA ,", "is", ["US", "CA"]),
        ('"a, b", c', "contains", ["a, b", "c"]),
        ('"a, b', "is", ['"a', "b"]),
        ("^a{1,2}, b$", "matches", ["^a{1,2}, b$"]),
        ('"^a{1,2}", "b$"', "matches_not", ["^a{1,2}", "b$"]),
        ("  ", "matches", []),
        ("", "is", []),
    ],
)
def test_what_a_person_writes_is_read_as_meant(text: str, operator: str, values: list[str]) -> None:
    assert values_in(text, operator) == values


def test_what_is_asked_of_a_fact_stands_in_the_shape_of_the_setup_file() -> None:
    when = {"country": ["US"], "sub1": {"is": ["a"], "contains_not": ["b"]}, "os": {"is_not": ["iOS"]}}
    assert when_of(list(asked_in(when))) == when
    assert when_of([("country", "is", ["US"]), ("country", "is", ["CA"])]) == {"country": ["US", "CA"]}


@pytest.mark.parametrize("match", ["all", "any"])
def test_the_words_of_a_card_are_those_of_the_rules(match: str) -> None:
    when = {"country": ["US", "CA"], "device": {"is_not": ["mobile"]}, "bot": ["no"]}
    asked = [Condition(fact, operator, tuple(values)) for fact, operator, values in asked_in(when)]
    joint = ", and " if match == "all" else ", or "
    told = joint.join(Path(offers=(), when=asked).sentences)
    assert summary({"when": when, "match": match}) == f"Takes visitors when {told}."


def test_countries_are_known_by_name() -> None:
    known = dict(countries())
    assert len(known) > 200
    assert (known["DE"], known["US"]) == ("Germany (DE)", "United States (US)")
