"""Every key has the line on which it stands, wherever TOML lets it stand."""

from __future__ import annotations

import tomllib
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from server.setup.positions import lines_of

ODD = '''# [[not.a.table]]
a."b c".d = 1   # ] }
"q\\"uo\\u0041" = 'x # y'
text = """
[[inside]]
key = "no"
"""""
raw = \'\'\'
k = 1\'\'\'
list = [
  1, # [
  "]", { in = { ner = 2 }, deep = [{ x = 1 },
  { y = "}" }] },
]
[t]
x = 1979-05-27 07:32:00
[[t.many]]
one = 1
[[t.many]]
two = [[], [1]]
[t.many.sub]
three.four = 3
[[t.many.more]]
five = {}
'''


def trails(value: Any, trail: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {trail} if trail else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found.union(*(trails(inner, (*trail, step)) for step, inner in items))


def test_every_key_of_an_odd_file_has_its_line() -> None:
    lines = lines_of(ODD)
    assert trails(tomllib.loads(ODD)) <= set(lines)
    expected = {
        ("a", "b c", "d"): 2,
        ('q"uoA',): 3,
        ("text",): 4,
        ("raw",): 8,
        ("list",): 10,
        ("list", 0): 11,
        ("list", 1): 12,
        ("list", 2, "in", "ner"): 12,
        ("list", 2, "deep", 1, "y"): 13,
        ("t", "x"): 16,
        ("t", "many", 0, "one"): 18,
        ("t", "many", 1): 19,
        ("t", "many", 1, "two", 1, 0): 20,
        ("t", "many", 1, "sub", "three", "four"): 22,
        ("t", "many", 1, "more", 0, "five"): 24,
    }
    assert {trail: lines.get(trail) for trail in expected} == expected


def test_lines_end_as_on_windows_too() -> None:
    assert lines_of(ODD.replace("\n", "\r\n")) == lines_of(ODD)


def test_the_sample_of_the_design_is_known_line_by_line(sample: str) -> None:
    lines = lines_of(sample)
    rows = sample.split("\n")
    assert trails(tomllib.loads(sample)) <= set(lines)
    assert rows[lines["source", 0, "subs", "sub1", "token"] - 1].startswith("sub1 = {")
    assert rows[lines["campaign", 0, "path", 0, "offers", 0, "weight"] - 1].startswith("offers =")
    assert rows[lines["network", 0, "status_words"] - 1] == "[network.status_words]"


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), VALUES), st.booleans())
def test_every_key_of_any_file_has_a_line(document: dict[str, Any], multiline: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline)
    assert trails(tomllib.loads(text)) <= set(lines_of(text))
