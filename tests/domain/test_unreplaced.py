"""A macro that nobody replaced is known by its dress, or as a word of a sample URL; a value is not mistaken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.unreplaced import is_unreplaced

DRESSED = [
    *("{x}", "{clickid}", "{ click_id }", "{{x}}", "{{click.id}}", "{{ trackingField1 }}", "{aff_sub}", "{sub-id}"),
    *("${x}", "${SUBID}", "{lp:click}", "{payout|usd}", "[x]", "[CLICK_ID]", "[[[x]]]", "[=x=]", "[=click_id=]"),
    *("#x#", "#s2#", "##x##", "##CLICK_ID##", "%x%", "%subid%", "%%x%%", "%%CLICKID%%", "!x!", "!!!x!!!"),
    *("!!!SUB_ID!!!", "<x>", "<clickid>", "__X__", "__CLICKID__", "xxXxx", "xxCLICKIDxx"),
]
WORDS = [
    *("CLICK_ID", "CLICKID", "SUBID", "REPLACE", "OPTIONAL", "PAYOUT", "PAYOUT_USD"),
    *("YOUR_CLICK_ID", "YOUR_AID", "CLICK_ID_HERE", "INSERT_HERE"),
]
INSIDE = ["order-{transaction_id}", "{goal}_{n}", "a{b}c", "${SUBID}-1", "x{{click_id}}"]
VALUES = [
    *("", "0", "1", "-1", "12.50", "79", "a", "x", "abc", "order_9876", "deposit", "sale", "kwalifikowany"),
    *("24h11x3xx60haq9xbfjmpb0", "6f1c2a9b7d3e4f50a1b2c3d4e5f60718", "8c1e5b52-33a4-4d35-9b83-5f4d8e1a1b1c"),
    *("{8C1E5B52-33A4-4D35-9B83-5F4D8E1A1B1C}", "100%", "50% off", "#1", "#12#", "!", "!!", "{}", "{1}", "[]", "[1]"),
    *("<3", "<>", "click_id", "clickid", "payout", "Optional", "HERE", "xx", "xxx", "xxlxx", "__init", "__1__", "%41%"),
    *("a#b#c", "hello!", "Ünïcödé", "我", "{é", "[a", "a]", "{a", "a}", "{a b", "here we are"),
]


@pytest.mark.parametrize("text", DRESSED)
def test_a_macro_is_known_by_its_dress(text: str) -> None:
    assert is_unreplaced(text)


@pytest.mark.parametrize("text", WORDS)
def test_a_word_of_a_sample_url_is_a_macro(text: str) -> None:
    assert is_unreplaced(text)


@pytest.mark.parametrize("text", INSIDE)
def test_braces_give_a_macro_away_within_a_value(text: str) -> None:
    assert is_unreplaced(text)


@pytest.mark.parametrize("text", VALUES)
def test_a_value_is_no_macro(text: str) -> None:
    assert not is_unreplaced(text)


@given(text=st.text("0123456789abcdefABCDEF-_.,+ /", max_size=60).filter(lambda text: "_HERE" not in text))
def test_numbers_and_ids_are_never_macros(text: str) -> None:
    assert not is_unreplaced(text)


@given(text=st.text())
def test_no_text_stumbles(text: str) -> None:
    assert is_unreplaced(text) in (True, False)


HOSTILE = {
    "blanks in braces": "{a" + " " * 60_000 + "b",
    "braces": "{" * 60_000,
    "dollars and braces": "${" * 30_000,
    "open names": "{a" * 30_000,
    "brackets": "[" * 60_000,
    "blanks in brackets": "[" + " " * 60_000 + "x",
    "hashes": "#a" * 30_000,
    "percents": "%a" * 30_000,
    "marks": "!a" * 30_000,
    "underscores": "__A" + "_" * 60_000 + "!",
    "letters x": "xxA" + "x" * 60_000 + "!",
    "here": "A_HERE" * 10_000 + "!",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_takes_no_time(name: str) -> None:
    started = time.perf_counter()
    is_unreplaced(HOSTILE[name])
    assert time.perf_counter() - started < 1
