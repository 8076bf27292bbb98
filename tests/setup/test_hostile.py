"""Whatever stands in a setup file, it is applied or refused in one line; nothing else ever comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from server.setup.compare import compare
from server.setup.export import export
from server.setup.problem import BadSetup
from server.setup.schema import SCHEMA
from server.setup.specs import KINDS, Specs

SNIPPETS = st.sampled_from(
    [
        *("nan", "inf", "-1", "1e308", "0x" + "f" * 5000, "9" * 5000, "1979-05-27", "07:32:00", "true", "[]", "{}"),
        *('"', '"""', "'''", "\\", "[[", "]]", "\x00", "\u2028", "\ud7ff", "🙂", "\r", "\n", "=", ".", "#", "{", "}"),
        *(
            '"***"',
            '""',
            '"{clickid}"',
            '"https://["',
            '"https://a:b@c"',
            '"100%"',
            '"1,234"',
            "[[]]",
            "{ a = { b = 1 } }",
        ),
        *("[[source]]", "[source]", "[source.relay.headers]", "[[campaign.path]]", 'key = "prop"', '"a\\u0000b"'),
    ]
)


def refusal_of(text: str, apply: Callable) -> BadSetup | None:
    try:
        specs, _ = apply(text)
    except BadSetup as problem:
        return problem
    assert json.loads(json.dumps(specs.of("owner"))) == specs.of("owner")
    assert compare(Specs(), specs) is not None
    assert apply(export(specs, secrets=False), specs)[0] == specs
    return None


def survives(text: str, apply: Callable) -> None:
    if problem := refusal_of(text, apply):
        assert problem.where.startswith("server.toml")
        assert len(str(problem).splitlines()) == 1
        assert len(str(problem)) < 2000


@settings(max_examples=300)
@given(data=st.data())
def test_a_mutilated_sample(data: st.DataObject, sample: str, apply: Callable) -> None:
    text = sample
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 5, 20]))
        text = text[:start] + data.draw(SNIPPETS | st.text(max_size=5)) + text[start + length :]
    survives(text, apply)


@settings(max_examples=300)
@given(data=st.data())
def test_a_sample_with_another_value_somewhere(data: st.DataObject, sample: str, apply: Callable) -> None:
    lines = sample.splitlines()
    index = data.draw(st.sampled_from([index for index, line in enumerate(lines) if " = " in line]))
    lines[index] = lines[index].split(" = ")[0] + " = " + data.draw(SNIPPETS)
    survives("\n".join(lines), apply)


ODD = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.datetimes() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "sub1", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)
FIELDS = {kind: [*SCHEMA[kind].fields, "key", "odd"] for kind in ("owner", *KINDS)}


@settings(max_examples=300)
@given(data=st.data())
def test_values_of_any_type_anywhere(data: st.DataObject, apply: Callable) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    thing: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(FIELDS[kind]), ODD, max_size=3))
    top = data.draw(st.dictionaries(st.sampled_from([*FIELDS["owner"], *KINDS]), ODD, max_size=1))
    survives(tomli_w.dumps({**top, kind: [{"key": "a", **thing}]}), apply)


@given(text=st.text())
def test_any_text_at_all(text: str, apply: Callable) -> None:
    survives(text, apply)
