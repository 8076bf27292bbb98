"""What a path asks, in a person's words: facts, operators, what can be answered, and the conditions as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.widgets.countries import Word, countries
from app.widgets.facts import name_of_fact
from server.domain.asking import DEVICES, WEEKDAYS
from server.domain.conditions import Condition, Operator, sentence_of
from server.domain.things import SUBS

When = Mapping[str, Any]  # as the setup file has it: values, or operators with theirs
Asked = tuple[str, Operator, list[str]]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Conditions", text)


def fact_word(fact: str) -> str:
    if fact in SUBS:
        return _tr("Sub id {0}").format(fact.removeprefix("sub"))
    own = {"referrer": _tr("Referrer's host"), "hour": _tr("Hour"), "weekday": _tr("Weekday")}
    return own.get(fact) or name_of_fact("isp" if fact == "network" else fact)


def operator_word(operator: str) -> str:
    return {
        "is": _tr("is"),
        "is_not": _tr("is not"),
        "contains": _tr("contains"),
        "contains_not": _tr("does not contain"),
        "matches": _tr("matches"),
        "matches_not": _tr("does not match"),
    }[operator]


def example(fact: str, operator: str) -> str:
    if operator.startswith("matches"):
        return "^zone-[0-9]+$"
    return {
        "country": "US, CA",
        "region": "California",
        "device": "mobile, tablet",
        "os": "Android, iOS",
        "os_version": "14",
        "browser": "Chrome, Chrome Mobile",
        "browser_version": "129",
        "language": "en, de",
        "referrer": "example.com",
        "hour": _tr("from 8 to 18: 8-18"),
        "weekday": "monday-friday",
        "bot": "yes",
        "returning": "yes",
        "network": "Vodafone",
    }.get(fact, "zone-1, zone-2")


def offered(fact: str) -> Sequence[Word]:
    """What to write is helped with; anything else can be written too."""
    return countries() if fact == "country" else [(word, word) for word in _KNOWN.get(fact, ())]


_KNOWN: Mapping[str, Sequence[str]] = {
    "device": DEVICES,
    "os": ("Android", "iOS", "Windows", "Mac OS X", "Linux", "Chrome OS"),
    "browser": (
        *("Chrome", "Chrome Mobile", "Mobile Safari", "Safari", "Firefox", "Firefox Mobile", "Edge", "Edge Mobile"),
        *("Samsung Internet", "Opera", "Opera Mobile", "Facebook", "Instagram", "TikTok"),
    ),
    "weekday": (*WEEKDAYS, "monday-friday", "saturday-sunday"),
    "bot": ("yes", "no"),
    "returning": ("yes", "no"),
}


def asked_in(when: When) -> Iterator[Asked]:
    for fact, said in when.items():
        by_operator: Mapping[Operator, list[str]] = said if isinstance(said, dict) else {"is": said}
        for operator, values in by_operator.items():
            yield fact, operator, list(values)


def when_of(asked: Sequence[Asked]) -> dict[str, Any]:
    """What is asked twice of one fact in the same way is one condition."""
    when: dict[str, dict[str, list[str]]] = {}
    for fact, operator, values in asked:
        when.setdefault(fact, {}).setdefault(operator, []).extend(values)
    return {fact: said["is"] if list(said) == ["is"] else said for fact, said in when.items()}


def summary(spec: Mapping[str, Any]) -> str:
    """Whom a path takes."""
    if spec.get("default"):
        return _tr("Takes everybody whom no other path takes.")
    asked = [Condition(fact, operator, tuple(values)) for fact, operator, values in asked_in(spec.get("when", {}))]
    sentences = [sentence_of(condition) for condition in asked if condition.values]
    if not sentences:
        return _tr("Takes everybody.")
    joint = _tr(", or {0}") if spec.get("match") == "any" else _tr(", and {0}")
    whole = sentences[0] + "".join(joint.format(sentence) for sentence in sentences[1:])
    return _tr("Takes visitors when {0}.").format(whole)
