"""Values, lists and tables refuse what is of the wrong kind, and say what they expect."""

from __future__ import annotations

from typing import Any

import pytest

from server.setup.forms import (
    BOOL,
    KEY,
    LINES,
    NUMBER,
    TEXT,
    WORD,
    Form,
    list_of,
    mapping_of,
    one_of,
    optional,
    reference,
    table,
)
from server.setup.problem import At, BadSetup, Context

REFUSED = [
    (TEXT, 1, "expects text, not a number"),
    (TEXT, "a\nb", "in one line"),
    (TEXT, "a\u2028b", "in one line"),
    (LINES, "a\x00b", "cannot be stored"),
    (WORD, "  ", "is empty"),
    (KEY, "-dash", "is no key"),
    (KEY, "ä", "is no key"),
    (KEY, "x" * 65, "is no key"),
    (KEY, 5, "expects text, not a number"),
    (BOOL, "true", "expects true or false, without quotes, not text"),
    (BOOL, 1, "not a number"),
    (NUMBER, True, "expects a whole number, not true or false"),
    (NUMBER, 1.5, "expects a whole number from 0"),
    (NUMBER, -1, "expects a whole number from 0"),
    pytest.param(NUMBER, 16**9000, "expects a whole number from 0", id="huge"),
    (one_of("retry", "hold"), "Hold", "Did you mean 'hold'?"),
    (list_of(TEXT), "approved", "expects a list, not text"),
    (list_of(TEXT), ["a", 1], "2: expects text, not a number"),
    (list_of(TEXT, is_empty_allowed=False), [], "is an empty list"),
    (mapping_of(TEXT), [], "expects a table, not a list"),
    (mapping_of(TEXT), {" ": "a"}, "is empty"),
    (mapping_of(TEXT, ["payout"]), {"payuot": "a"}, "unknown key 'payuot'. Did you mean 'payout'?"),
    (mapping_of(TEXT, is_cased=False), {"Sale": "a", "sale": "b"}, "'Sale' and 'sale' are the same"),
    (table({"url": TEXT}), {"ulr": "a"}, "unknown key 'ulr'. Did you mean 'url'?"),
    (table({"url": TEXT}), "a", "expects a table, not text"),
]


@pytest.mark.parametrize(("form", "raw", "words"), REFUSED)
def test_a_wrong_value_is_refused_in_words(form: Form, raw: Any, words: str) -> None:
    with pytest.raises(BadSetup) as refusal:
        form.read(raw, At())
    assert words in str(refusal.value)


def test_the_empty_text_means_none() -> None:
    form = optional(NUMBER)
    assert form.read("", At()) == ""
    assert form.make("", At()) is None
    assert optional(TEXT, "none").make("", At()) == "none"


def test_a_reference_has_to_lead_somewhere() -> None:
    at = At(context=Context(keys={"offer": ["keto-us", "diet"]}))
    assert reference("offer").make("diet", at) == "diet"
    with pytest.raises(BadSetup, match=r"there is no offer 'keto'\. Did you mean 'keto-us'\?"):
        reference("offer").make("keto", at)


def test_a_table_is_kept_in_the_order_of_its_fields_and_asks_for_what_it_needs() -> None:
    form = table({"a": TEXT, "b": NUMBER}, required=("a",))
    assert list(form.read({"b": 1, "a": "x"}, At())) == ["a", "b"]
    for missing in ({"b": 1}, {"a": ""}):
        with pytest.raises(BadSetup, match="needs a"):
            form.make(missing, At())


def test_an_empty_value_takes_a_key_out_of_a_mapping() -> None:
    assert mapping_of(TEXT).make({"a": "", "b": "x"}, At()) == {"b": "x"}
