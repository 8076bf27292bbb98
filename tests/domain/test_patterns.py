"""Patterns over text from outside: what could take too long is refused, and nothing that is left ever does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.patterns import LONGEST, BadPattern, compiled

USUAL = [
    (r"^zone-(12|13)\d+$", "Zone-1299", "zone-14"),
    (r"facebook|fb", "m.FB.com", "google.com"),
    (r"^(\d{1,3}\.){3}\d{1,3}$", "192.0.2.7", "192.0.2"),
    (r".*promo.*", "my promo 5", "pro mo"),
    (r"^[0-9a-f]{8}-[0-9a-f]{4}", "DEADBEEF-00ff", "deadbeef_00ff"),
    (r"(?:foo|bar)?-\d+", "bar-7", "bar-x"),
    (r"[]^a]+\]$", "x]]", "]x"),
    (r"a{2,}b{,2}c{}", "aac{}", "ac{}"),
]


@pytest.mark.parametrize(("pattern", "found", "not_found"), USUAL)
def test_usual_patterns_are_taken_and_ignore_case(pattern: str, found: str, not_found: str) -> None:
    search = compiled(pattern).search
    assert search(found)
    assert not search(not_found)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+$", "(a|a)*b", "(a|ab|b)*c", r"(\w+\.)+com", "a*a*a*a*b", "(a?){30}b", "(.*)(.*)(.*)", "(|a)+b"),
        *("((a{1,50}){1,50}){1,50}b", "(?:x+x+)+y", "(a{,100}){,100}b"),
    ],
)
def test_what_a_text_could_make_slow_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="too long"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "unterminated"),
        ("a**", "multiple repeat"),
        ("[[a]", "nested set"),
        (r"(a)\1", "no reference back"),
        ("(?=a)b", "no look-ahead"),
        ("(?<!a)b", "no look-ahead"),
        ("(?P<x>a)", "no look-ahead"),
        ("(?i)a", "no look-ahead"),
        ("x" * 513, "longer than 512"),
        ("(" * 9 + "a" + ")" * 9, "nested too deeply"),
        ("(" * 100 + "a" + ")" * 100, "nested too deeply"),
    ],
)
def test_what_cannot_be_used_says_why(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        compiled(pattern)


PIECES = st.sampled_from(
    [*"abx.", "(", ")", "(?:", "|", "*", "+", "?", "{2}", "{1,40}", "{,9}", "^", "$", r"\d", r"\w", "[ab]", "[^a]", "]"]
)
TEXTS = st.text(alphabet="ab1", min_size=LONGEST, max_size=LONGEST) | st.sampled_from(
    [one * (LONGEST // len(one)) for one in ("a", "ab", "b", "1", "aab", "a1")]
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, max_size=14), text=TEXTS)
def test_whatever_is_taken_is_quick_on_whatever_comes(pieces: list[str], text: str) -> None:
    try:
        pattern = compiled("".join(pieces))
    except BadPattern:
        return
    began = time.process_time()
    pattern.search(text)
    assert time.process_time() - began < 1
