"""Where a click goes: the path whose conditions hold, and a choice by weight; a paid click never goes nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.choosing import choose, choose_path
from server.domain.things import Campaign, Path, Weighted

OFFERS = [Weighted("keto")]
FACTS: Mapping[str, str | None] = {"country": "US", "device": "mobile", "os": None}
CHANCES = st.floats(0, 1, exclude_max=True)


def campaign(*paths: Path) -> Campaign:
    return Campaign("summer", "prop", paths)


def path(weight: int = 100, **when: list[str]) -> Path:
    return Path(OFFERS, when=when, weight=weight)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"country": ["US", "CA"]}, True),
        ({"country": ["us"]}, True),
        ({"country": ["CA"]}, False),
        ({"country": ["US"], "device": ["mobile"]}, True),
        ({"country": ["US"], "device": ["desktop"]}, False),
        ({"os": ["iOS"]}, False),
        ({"language": ["en"]}, False),
        ({"country": []}, False),
    ],
)
def test_a_path_is_open_where_all_its_conditions_hold(when: dict[str, list[str]], holds: bool) -> None:
    chosen = choose_path(campaign(path(**when)), FACTS, 0.5)
    assert chosen.reason == (("conditions" if when else "only_path") if holds else "no_path_open")
    assert chosen.index == 0


def test_where_no_condition_holds_the_click_goes_to_the_first_path_and_the_reason_says_so() -> None:
    chosen = choose_path(campaign(path(country=["CA"]), path(country=["GB"])), FACTS, 0.99)
    assert (chosen.index, chosen.reason) == (0, "no_path_open")


def test_only_open_paths_share_the_clicks() -> None:
    paths = campaign(path(country=["CA"]), path(weight=30), path(weight=70, device=["mobile"]))
    assert {choose_path(paths, FACTS, chance / 100).index for chance in range(100)} == {1, 2}
    assert [choose_path(paths, FACTS, chance).index for chance in (0.0, 0.29, 0.31, 0.99)] == [1, 1, 2, 2]
    assert [choose_path(paths, FACTS, chance).reason for chance in (0.0, 0.99)] == ["weight", "conditions"]


def test_a_path_of_weight_nothing_takes_no_clicks() -> None:
    paths = campaign(path(weight=0), path(weight=1))
    assert {choose_path(paths, {}, chance / 100).index for chance in range(100)} == {1}
    closed = choose_path(campaign(path(weight=0)), {}, 0.5)
    assert (closed.index, closed.reason) == (0, "no_path_open")


def test_weights_share_the_clicks() -> None:
    options = [Weighted("a", 1), Weighted("b", 0), Weighted("c", 3)]
    assert Counter(choose(options, chance / 1000) for chance in range(1000)) == {"a": 250, "c": 750}


def test_without_options_there_is_no_choice() -> None:
    assert choose([], 0.5) is None
    assert choose([Weighted("a", 0)], 0.5) is None


@given(weights=st.lists(st.integers(0, 1000), min_size=1, max_size=6), chance=CHANCES)
def test_whatever_the_chance_only_an_option_with_weight_is_chosen(weights: list[int], chance: float) -> None:
    options = [Weighted(str(number), weight) for number, weight in enumerate(weights)]
    chosen = choose(options, chance)
    assert (chosen is None) == (sum(weights) == 0)
    assert chosen is None or weights[int(chosen)] > 0


@given(weights=st.lists(st.integers(0, 1000), min_size=1, max_size=4), chance=CHANCES)
def test_a_click_always_has_a_path(weights: list[int], chance: float) -> None:
    chosen = choose_path(campaign(*(path(weight) for weight in weights)), FACTS, chance)
    assert chosen.path.weight == weights[chosen.index]
    assert chosen.path.weight > 0 or chosen.reason == "no_path_open"


def test_the_very_end_of_chance_still_chooses() -> None:
    options = [Weighted("a", 1), Weighted("b", 1), Weighted("c", 0)]
    assert choose(options, 1.0) == "b"
