"""A condition of a path: what it wants of one fact about the visitor, whether it holds, and that in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from server.domain import patterns
from server.domain.asking import WEEKDAYS

Operator = Literal["is", "is_not", "contains", "contains_not", "matches", "matches_not"]
OPERATORS: tuple[Operator, ...] = ("is", "is_not", "contains", "contains_not", "matches", "matches_not")
HOURS = tuple(str(hour) for hour in range(24))
RANGED = {"hour": HOURS, "weekday": WEEKDAYS}  # whose values can be written as 8-18 or friday-monday


@dataclass(frozen=True)
class Condition:
    """Any of the values will do; a negative one wants none of them. What is not known is none of anything."""

    fact: str
    operator: Operator
    values: tuple[str, ...]

    def holds(self, value: str | None) -> bool:
        if value is None:
            return self.is_negative
        return self._fits(value) != self.is_negative

    @cached_property
    def is_negative(self) -> bool:
        return self.operator.endswith("_not")

    @cached_property
    def _fits(self) -> Callable[[str], bool]:
        match self.operator.removesuffix("_not"):
            case "is":
                return self._is_one_of()
            case "contains":
                parts = [value.casefold() for value in self.values]
                return lambda value: any(part in value.casefold() for part in parts)
            case _:
                found = [patterns.compiled(value).search for value in self.values]
                return lambda value: any(search(value[: patterns.LONGEST]) for search in found)

    @cached_property
    def listed(self) -> frozenset[str] | None:
        """What it lists, without case, where the fact only has to be one of that, or none."""
        is_list = self.operator in ("is", "is_not") and self.fact != "language"
        return self._wanted if is_list else None

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(one.casefold() for value in self.values for one in spread(self.fact, value))

    def _is_one_of(self) -> Callable[[str], bool]:
        wanted = self._wanted
        if self.fact == "language":  # en is wanted of en-us and en-gb too
            return lambda value: value.casefold() in wanted or value.partition("-")[0].casefold() in wanted
        return lambda value: value.casefold() in wanted


def spread(fact: str, value: str) -> Sequence[str]:
    """All that a range of hours or weekdays stands for, both ends included, past midnight or the week's end too."""
    order = RANGED.get(fact)
    first, dash, last = value.partition("-")
    if order is None or not dash:
        return (value,)
    start, end = order.index(first), order.index(last)
    return order[start : end + 1] if start <= end else (*order[start:], *order[: end + 1])


def sentence_of(condition: Condition) -> str:
    """`country is US or CA`: what a person reads."""
    if condition.fact in _OF_YES_AND_NO:
        return _yes_or_no(condition)
    verb = {
        "is": "is",
        "is_not": "is anything but",
        "contains": "contains",
        "contains_not": "does not contain",
        "matches": "matches",
        "matches_not": "does not match",
    }[condition.operator]
    return f"{_named(condition.fact)} {verb} {_either(condition.values)}"


def why_shut(condition: Condition, value: str | None) -> str:
    """`country is DE, wanted US or CA`."""
    if condition.fact in _OF_YES_AND_NO:
        known = _OF_YES_AND_NO[condition.fact].get(value or "", "whether the visitor came before is not known")
        return f"{known}, wanted: {_yes_or_no(condition)}"
    wanted = {
        "is": "{}",
        "is_not": "anything but {}",
        "contains": "something with {}",
        "contains_not": "nothing with {}",
        "matches": "something that matches {}",
        "matches_not": "nothing that matches {}",
    }[condition.operator].format(_either(condition.values))
    return f"{_named(condition.fact)} is {_shown(value) if value is not None else 'not known'}, wanted {wanted}"


_OF_YES_AND_NO = {
    "bot": {"yes": "the visitor is a bot", "no": "the visitor is no bot"},
    "returning": {"yes": "the visitor came before", "no": "the visitor is new"},
}
_LONGEST_SHOWN = 80


def _yes_or_no(condition: Condition) -> str:
    words = _OF_YES_AND_NO[condition.fact]
    wanted = [word for word in words if condition.holds(word)]
    return words[wanted[0]] if len(wanted) == 1 else " or ".join(words[word] for word in wanted) or "never"


def _named(fact: str) -> str:
    return {"os": "system", "os_version": "system's version", "browser_version": "browser's version"}.get(fact, fact)


def _either(values: Sequence[str]) -> str:
    *first, last = map(_shown, values)
    return f"{', '.join(first)} or {last}" if first else last


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"
