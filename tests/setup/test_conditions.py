"""Conditions as the setup file writes them: what is taken, in which form it is kept, and what is refused where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.domain.conditions import Condition
from server.setup.conditions import WHEN, read_fact
from server.setup.problem import At, BadSetup

TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"country": ["us", "CA "]}, {"country": ["US", "CA"]}),
    ({"country": "de"}, {"country": ["DE"]}),
    ({"country": {"is": "de"}}, {"country": ["DE"]}),
    ({"country": {"is_not": ["de"], "is": "us"}}, {"country": {"is": ["US"], "is_not": ["DE"]}}),
    ({"hour": [9, "08", "8-18", "22 - 06"]}, {"hour": ["9", "8", "8-18", "22-6"]}),
    (
        {"weekday": ["Monday", 7, "1-5", "friday-monday"]},
        {"weekday": ["monday", "sunday", "monday-friday", "friday-monday"]},
    ),
    ({"device": "Mobile"}, {"device": ["mobile"]}),
    ({"bot": [False], "returning": "YES"}, {"bot": ["no"], "returning": ["yes"]}),
    ({"bot": ["false"], "returning": ["true"]}, {"bot": ["no"], "returning": ["yes"]}),  # as they once were kept
    ({"sub1": {"matches": r"^z\d+$"}}, {"sub1": {"matches": [r"^z\d+$"]}}),
    ({"sub20": 5, "network": "Comcast"}, {"sub20": ["5"], "network": ["Comcast"]}),
]


@pytest.mark.parametrize(("raw", "kept"), TAKEN)
def test_conditions_are_kept_in_one_form(raw: dict[str, Any], kept: dict[str, Any]) -> None:
    assert WHEN.read(raw, At()) == kept
    assert WHEN.read(kept, At()) == kept


def test_conditions_become_what_the_rules_use() -> None:
    kept = {"country": ["US"], "sub1": {"contains_not": ["a", "b"], "matches": ["^x"]}}
    assert WHEN.make(kept, At()) == (
        Condition("country", "is", ("US",)),
        Condition("sub1", "contains_not", ("a", "b")),
        Condition("sub1", "matches", ("^x",)),
    )


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("contry = 'US'", "when: unknown key 'contry'. Did you mean 'country'?"),
        ("country = 'UK'", "when.country: 'UK' is no country. Did you mean 'GB'?"),
        ("country = ['US', 'Germany']", "when.country 2: 'Germany' is no country. Write its two letters"),
        ("country = 49", "when.country: expects text, not a number"),
        ("country = []", "when.country: is an empty list"),
        ("country = {}", "when.country: asks nothing"),
        ("country = { contains = 'U' }", "when.country: 'contains' cannot be asked of country."),
        ("sub1 = { contain = 'U' }", "when.sub1: 'contain' cannot be asked. Did you mean 'contains'?"),
        ("sub1 = { contains = [] }", "when.sub1.contains: is an empty list"),
        ("sub1 = { contains = '' }", "when.sub1.contains: is empty"),
        ("sub1 = [['a']]", "when.sub1 1: expects text, not a list"),
        ("sub1 = true", "when.sub1: expects text, not true or false"),
        ("hour = 24", "when.hour: '24' is no hour. Write 0 to 23, or a range such as 8-18."),
        ("hour = '8-24'", "when.hour: '24' is no hour"),
        ("hour = '8-9-10'", "when.hour: '8-9-10' is no hour and no range."),
        ("hour = -1", "when.hour: expects a whole number from 0"),
        ("weekday = 'mon'", "when.weekday: 'mon' is no weekday. Did you mean 'monday'?"),
        ("weekday = 8", "when.weekday: '8' is no weekday."),
        ("weekday = 0", "when.weekday: '0' is no weekday."),
        ("device = 'phone'", "when.device: 'phone' is no device."),
        ("bot = 'maybe'", "when.bot: 'maybe' is neither yes nor no."),
        (
            "sub1 = { matches = '(a+)+$' }",
            "when.sub1.matches: '(a+)+$' cannot be used: some texts would take it too long",
        ),
        ("sub1 = { matches = ['a', '('] }", "when.sub1.matches 2: '(' cannot be used: missing ), unterminated"),
        ("sub1 = { matches = '(?=a)' }", "when.sub1.matches: '(?=a)' cannot be used: only plain groups"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(apply: Callable, sample: str, when: str, words: str) -> None:
    text = sample.replace('country = ["US", "CA"], device = ["mobile"]', when)
    line = next(number for number, row in enumerate(text.splitlines(), start=1) if row.startswith("when ="))
    with pytest.raises(BadSetup) as refusal:
        apply(text)
    assert str(refusal.value).startswith(f"server.toml:{line}: campaign summer: path 1 {words}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ('default = true\nwhen = { country = "US" }', "path 1 when: a default path has no conditions"),
        ('match = "some"', "path 1 match: 'some' is not one of all, any"),
        ("priority = -1", "path 1 priority: expects a whole number from 0"),
        ("weight = 0", "path: all weights are 0, so nothing could be chosen"),
        ('offers = [{ offer = "keto-us", weight = 0 }]', "path 1 offers: all weights are 0"),
    ],
)
def test_a_path_that_could_not_work_is_refused(apply: Callable, sample: str, path: str, words: str) -> None:
    head, _, _ = sample.partition("[[campaign.path]]")
    offers = "" if "offers" in path else '\noffers = [{ offer = "keto-us" }]'
    with pytest.raises(BadSetup, match=r"server.toml:\d+: campaign summer: ") as refusal:
        apply(f"{head}[[campaign.path]]\n{path}{offers}\n")
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        ("cap = { clicks = 5 }", "offer keto-us: cap: needs alternative"),
        ('cap = { alternative = "keto-us" }', "offer keto-us: cap: needs conversions or clicks"),
        (
            'cap = { clicks = 5, alternative = "keto" }',
            "cap.alternative: there is no offer 'keto'. Did you mean 'keto-us'?",
        ),
        ('cap = { clicks = 5, alternative = "keto-us" }', "cap.alternative: keto-us -> keto-us is a circle"),
    ],
)
def test_a_cap_that_could_not_work_is_refused(apply: Callable, sample: str, cap: str, words: str) -> None:
    with pytest.raises(BadSetup, match=r"server.toml:\d+: offer keto-us: ") as refusal:
        apply(sample.replace("window_days = 30", cap))
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("fact", "value", "known"),
    [("country", "us", "US"), ("hour", "09", "9"), ("bot", "true", "yes"), ("sub1", "Z", "Z")],
)
def test_a_fact_that_somebody_gives(fact: str, value: str, known: str) -> None:
    assert read_fact(fact, value) == known


@pytest.mark.parametrize(
    ("fact", "value"), [("country", "USA"), ("hour", "8-18"), ("weekday", "x"), ("bot", "perhaps")]
)
def test_a_fact_that_cannot_be_is_refused(fact: str, value: str) -> None:
    with pytest.raises(BadSetup, match=f"^{fact}: '{value}' is"):
        read_fact(fact, value)
