"""Paths, caps and costs that are nearly right: refused with their place, or they lead every visitor somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.asking import FACTS
from server.domain.choosing import REASONS, Chances, choose_way
from server.domain.conditions import OPERATORS
from server.setup.conditions import operators_of
from tests.setup.test_hostile import ODD, refusal_of, survives


def mostly(right: st.SearchStrategy, *wrong: Any) -> st.SearchStrategy:
    """So that a file with many of them is taken now and then."""
    odd = ODD | st.sampled_from([*wrong, "odd"])
    return st.integers(0, 39).flatmap(lambda number: right if number else odd)


KEYS = st.sampled_from(["a", "b", "c"])
PIECES = st.sampled_from(
    [*"aab.*+?^$|()[]{}\\,-0", "(?:", "(?=", "(?P<x>", "{2,9}", "{,}", "[^", "\\1", "\\d", "\\Z", "(?i)", "(a|b)"]
)
PATTERN = st.lists(PIECES, max_size=6).map("".join)
VALUES = {
    "country": st.sampled_from(["US", "de"]),
    "device": st.sampled_from(["mobile", "bot"]),
    "hour": st.integers(0, 23) | st.sampled_from(["0", "23-5", "8-18", "7-7"]),
    "weekday": st.integers(1, 7) | st.sampled_from(["monday", "friday-monday", "7-1"]),
    **dict.fromkeys(("bot", "returning"), st.booleans() | st.sampled_from(["yes", "No"])),
}
WRONG = ("", "uk", "24", "5-", "8-18-20", "mars", "x" * 3000, [], {}, -1)


@st.composite
def asked(draw: st.DrawFn, fact: str) -> Any:
    """A value, a list of them, or operators with theirs."""
    value = mostly(VALUES.get(fact, st.text("ab1 é.", min_size=1, max_size=5).filter(str.strip)), *WRONG)
    if draw(st.booleans()):
        return draw(value | st.lists(value, min_size=1, max_size=3))
    operators = draw(st.lists(mostly(st.sampled_from(operators_of(fact)), *OPERATORS).filter(is_key), max_size=3))
    said = {str(one): draw(PATTERN if str(one).startswith("matches") else value) for one in operators}
    return said or draw(value)


def is_key(value: Any) -> bool:
    return isinstance(value, str)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    facts = draw(st.lists(mostly(st.sampled_from(FACTS), "planet", "sub21").filter(is_key), max_size=3))
    return {fact: draw(asked(fact)) for fact in facts}


OFFERS = st.lists(
    st.fixed_dictionaries({"offer": mostly(KEYS, "d")}, optional={"weight": mostly(st.integers(0, 3), -1)}),
    min_size=1,
    max_size=3,
)
PATH = st.fixed_dictionaries(
    {"offers": mostly(OFFERS)},
    optional={
        "when": mostly(conditions()),
        "match": mostly(st.sampled_from(["all", "any"]), "some"),
        "priority": mostly(st.integers(0, 3), -1, 2**70),
        "weight": mostly(st.integers(0, 2), -1),
        "default": mostly(st.booleans()),
        "landings": mostly(st.just([{"landing": "a"}]), [{"landing": "b"}]),
    },
)
COST = st.sampled_from(
    [
        *({"model": "cpc", "value": "0.01"}, {"model": "cpm", "value": 2, "currency": "EUR"}, {"model": "none"}),
        *({"model": "cpa", "value": "1,5"}, {"model": "share", "value": "40%"}, {"model": "share", "value": "1.5"}),
        *({"model": "cpc", "value": "40%"}, {"model": "cpm"}, {"value": 1}, {"model": "none", "value": 1}),
        *({"model": "cpc", "value": "1", "currency": "usd1"}, {"model": "share", "value": "101%"}, {"currency": "EUR"}),
    ]
)
CAP = st.fixed_dictionaries(
    {"alternative": mostly(KEYS, "d")},
    optional={name: mostly(st.integers(0, 9), -1) for name in ("clicks", "conversions")},
)
URL = mostly(st.just("https://else.example/?c={click_id}"), "https://{sub1}.example/", "//x", "https://a/{odd}", "")
CAMPAIGN = st.fixed_dictionaries(
    {"source": st.just("a"), "path": st.lists(PATH, min_size=1, max_size=3)},
    optional={"cost": COST | mostly(COST), **{name: mostly(st.booleans()) for name in ("sticky", "paused")}}
    | dict.fromkeys(("bots", "otherwise"), URL),
)
VISITOR = st.fixed_dictionaries({fact: st.none() | st.text("abUS1-é\n", max_size=300) for fact in FACTS})
CHANCE = st.floats(0, 1, exclude_max=True)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), campaign=CAMPAIGN, caps=st.dictionaries(KEYS, mostly(CAP), max_size=2))
def test_it_is_refused_with_its_place_or_leads_everybody_somewhere(
    data: st.DataObject, campaign: dict[str, Any], caps: dict[str, Any], apply: Callable
) -> None:
    text = setup_of(campaign, caps)
    survives(text, apply)
    if problem := refusal_of(text, apply):
        assert re.match(r"server\.toml:[1-9]", problem.where)
        assert re.search(r": (campaign a|offer [abc]): ", str(problem))
        return
    setup = apply(text)[1]
    full = {key for key in data.draw(st.sets(KEYS)) if setup.offers[key].cap}
    chances = Chances(data.draw(CHANCE), data.draw(CHANCE), data.draw(CHANCE))
    way = choose_way(setup.campaigns["a"], data.draw(VISITOR), chances, setup, full)
    assert way.reason in REASONS
    assert way.url or way.offer or way.landing
    assert way.offer not in full


def setup_of(campaign: dict[str, Any], caps: dict[str, Any]) -> str:
    offers: list[dict[str, Any]] = [
        {"key": key, "network": "a", "url": "https://a.example/", **({"cap": caps[key]} if key in caps else {})}
        for key in "abc"
    ]
    things = {
        "source": [{"key": "a"}],
        "network": [{"key": "a"}],
        "landing": [{"key": "a", "url": "https://lp.example/"}],
    }
    return tomli_w.dumps({**things, "offer": offers, "campaign": [{"key": "a", **campaign}]})
