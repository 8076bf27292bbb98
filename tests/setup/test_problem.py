"""A refusal is one line that names the place and the nearest right word."""

from __future__ import annotations

import pytest

from server.errors import nearest
from server.setup.problem import At, BadSetup, described, hint, quoted, shown


@pytest.mark.parametrize(
    ("trail", "text"),
    [
        ((), ""),
        (("relay", "statuses"), "relay.statuses"),
        (("path", 0, "offers", 1, "weight"), "path 1 offers 2 weight"),
        (("path", 1, "when", "country"), "path 2 when.country"),
        (("macros", "a\nb"), "macros.a\\nb"),
    ],
)
def test_a_trail_reads_as_a_person_says_it(trail: tuple[str | int, ...], text: str) -> None:
    assert shown(trail) == text


def test_a_refusal_says_where_what_and_how_to_mend() -> None:
    at = At("source prop", lambda trail: f"server.toml:{len(trail)}") / "relay"
    refusal = at.refusal("unknown key 'urll'.", "Did you mean 'url'?", key="urll")
    assert isinstance(refusal, BadSetup)
    assert str(refusal) == "server.toml:2: source prop: relay: unknown key 'urll'. Did you mean 'url'?"


def test_the_nearest_word_is_found_in_any_case() -> None:
    assert nearest("EUROPE/berlin", ["Europe/Berlin", "Europe/Dublin"]) == "Europe/Berlin"
    assert nearest("xyz" * 100_000, ["Europe/Berlin"]) is None


def test_where_no_word_is_near_a_few_are_listed_and_many_are_not() -> None:
    assert hint("zzz", ["one", "two"]) == "Known here: one, two."
    assert hint("zzz", [f"key{n}" for n in range(20)]) == hint("zzz", []) == ""


def test_a_long_or_strange_word_is_cut_to_one_line() -> None:
    assert quoted("a\u2028b\n") == "'a\\u2028b\\n'"
    assert len(quoted("x" * 10_000)) < 80


@pytest.mark.parametrize(
    ("value", "words"), [(True, "true or false"), (1, "a number"), ("", "text"), ([], "a list"), ({}, "a table")]
)
def test_a_value_is_described_in_words(value: object, words: str) -> None:
    assert described(value) == words
