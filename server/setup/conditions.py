"""The conditions of a path as the setup file writes them: `when = { country = ["US"], sub1 = { contains = "x" } }`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from server.domain import patterns
from server.domain.asking import DEVICES, FACTS, WEEKDAYS
from server.domain.conditions import HOURS, OPERATORS, RANGED, Condition, Operator
from server.setup.forms import Form, mapping_of, read_bool, read_number, read_word
from server.setup.problem import At, hint, quoted

_COUNTRY = re.compile(r"[A-Z]{2}")
_MEANT = {"UK": "GB", "EN": "GB"}
_YES_AND_NO = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_ONLY_IS = ("country", "device", "hour", "weekday", "bot", "returning")


def _read_country(raw: Any, at: At) -> str:
    word = read_word(raw, at).strip().upper()
    if word in _MEANT or not _COUNTRY.fullmatch(word):
        remedy = f"Did you mean '{_MEANT[word]}'?" if word in _MEANT else "Write its two letters, such as US or DE."
        raise at.refusal(f"{quoted(str(raw))} is no country.", remedy)
    return word


def _read_device(raw: Any, at: At) -> str:
    return _known(raw, DEVICES, "device", at)


def _read_yes_or_no(raw: Any, at: At) -> str:
    if isinstance(raw, bool):
        return "yes" if read_bool(raw, at) else "no"
    word = read_word(raw, at).strip().casefold()
    if word not in _YES_AND_NO:
        raise at.refusal(f"{quoted(str(raw))} is neither yes nor no.")
    return _YES_AND_NO[word]


def _read_hour(raw: Any, at: At) -> str:
    return _ranged(str(read_number(raw, at)) if isinstance(raw, int) else raw, HOURS, "hour", at)


def _read_weekday(raw: Any, at: At) -> str:
    return _ranged(str(read_number(raw, at)) if isinstance(raw, int) else raw, WEEKDAYS, "weekday", at)


def _ranged(raw: Any, order: tuple[str, ...], what: str, at: At) -> str:
    """One, or from one to another; numbers without zeros in front, weekdays by name."""
    ends = read_word(raw, at).split("-")
    if len(ends) > 2:
        raise at.refusal(f"{quoted(str(raw))} is no {what} and no range.", f"Write it like {order[1]}-{order[4]}.")
    return "-".join(_known(_numbered(end.strip(), order), order, what, at) for end in ends)


def _numbered(word: str, order: tuple[str, ...]) -> str:
    if not (word.isascii() and word.isdecimal() and len(word) < 3):
        return word
    return str(int(word)) if order is HOURS else dict(zip("1234567", WEEKDAYS, strict=True)).get(word, word)


def _known(raw: Any, words: tuple[str, ...], what: str, at: At) -> str:
    word = read_word(raw, at).strip().casefold()
    if word not in words:
        remedy = "Write 0 to 23, or a range such as 8-18." if words is HOURS else hint(word, words)
        raise at.refusal(f"{quoted(str(raw))} is no {what}.", remedy)
    return word


def _read_text(raw: Any, at: At) -> str:
    return str(read_number(raw, at)) if isinstance(raw, int) and not isinstance(raw, bool) else read_word(raw, at)


def _read_pattern(raw: Any, at: At) -> str:
    text = read_word(raw, at)
    try:
        patterns.compiled(text)
    except patterns.BadPattern as problem:
        raise at.refusal(f"{quoted(text)} cannot be used: {problem}.", "Write a simpler regular expression.") from None
    return text


_READ = {
    "country": _read_country,
    "device": _read_device,
    "hour": _read_hour,
    "weekday": _read_weekday,
    "bot": _read_yes_or_no,
    "returning": _read_yes_or_no,
}


def read_fact(fact: str, value: str) -> str:
    """What somebody says of a visitor, as it would be known of him."""
    at = At(fact)
    known = _READ.get(fact, _read_text)(value, at)
    if fact in RANGED and "-" in known:
        raise at.refusal(f"{quoted(value)} is a range.", "Name one.")
    return known


def _read_values(fact: str, operator: str, raw: Any, at: At) -> list[str]:
    """One value or a list of them."""
    values = raw if isinstance(raw, list | tuple) else [raw]
    if not values:
        raise at.refusal("is an empty list.", "Name at least one, or leave the key out.")
    read = _read_pattern if operator.startswith("matches") else _READ.get(fact, _read_text)
    return [read(value, at / index if values is raw else at) for index, value in enumerate(values)]


def operators_of(fact: str) -> tuple[Operator, ...]:
    return ("is", "is_not") if fact in _ONLY_IS else OPERATORS


def _asked(fact: str) -> Form:
    """What is asked of one fact: values, one of which it has to be, or a table of operators with their values."""
    allowed = operators_of(fact)

    def read(raw: Any, at: At) -> Any:
        if not isinstance(raw, Mapping):
            return _read_values(fact, "is", raw, at)
        if not raw:
            raise at.refusal("asks nothing.", f"Name one of {', '.join(allowed)}, or leave it out.")
        for operator in raw:
            if operator not in allowed:
                known = f" of {fact}" if operator in OPERATORS else ""
                raise at.refusal(f"{quoted(operator)} cannot be asked{known}.", hint(operator, allowed), key=operator)
        asked = {name: _read_values(fact, name, raw[name], at / name) for name in OPERATORS if name in raw}
        return asked["is"] if list(asked) == ["is"] else asked

    return Form(read)


_FORMS = {fact: _asked(fact) for fact in FACTS}
_WHEN = mapping_of(Form(lambda raw, at: _FORMS[str(at.trail[-1])].read(raw, at)), FACTS)


def _make(value: dict[str, Any], _at: At) -> tuple[Condition, ...]:
    return tuple(
        Condition(fact, operator, tuple(asked[operator]))
        for fact, said in value.items()
        for asked in [said if isinstance(said, dict) else {"is": said}]
        for operator in OPERATORS
        if operator in asked
    )


WHEN = Form(_WHEN.read, _make)
