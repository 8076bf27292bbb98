"""The paths of a campaign: where visitors go, whom each takes, and how they share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from server.domain.conditions import Condition, sentence_of, why_shut

Facts = Mapping[str, str | None]
_NOTHING: Collection[str | None] = frozenset({None})


def folded(facts: Facts) -> Facts:
    """The same without case."""
    return {name: value and value.casefold() for name, value in facts.items()}


@dataclass(frozen=True, slots=True)
class Weighted:
    """One of several offers or landing pages, by key."""

    key: str
    weight: int = 100


@dataclass(frozen=True)
class Path:
    """Taken by whom its conditions let in; of several that would, the highest priority counts, then weights."""

    offers: Sequence[Weighted]
    landings: Sequence[Weighted] = ()
    when: Sequence[Condition] = ()
    weight: int = 100
    name: str = ""
    priority: int = 0
    default: bool = False  # taken where no other is open
    match: Literal["all", "any"] = "all"

    def is_open(self, facts: Facts, without_case: Facts | None = None) -> bool:
        """Who asks many paths about one visitor has the facts without case at hand."""
        if self._needs is not None:
            without_case = folded(facts) if without_case is None else without_case
            for fact, listed in self._needs:  # noqa: SIM110 - a generator takes twice as long
                if without_case[fact] not in listed:
                    return False
            return True
        is_any = self.match == "any"
        for condition in self.when:
            if condition.holds(facts[condition.fact]) == is_any:
                return is_any
        return not is_any

    @cached_property
    def gate(self) -> tuple[str, Collection[str | None]]:
        """The first thing that it needs: of many paths it shuts most at once. Of others, one that is always open."""
        return self._needs[0] if self._needs else ("", _NOTHING)

    @cached_property
    def _needs(self) -> Sequence[tuple[str, frozenset[str]]] | None:
        """All that it asks, where that is only to be on some lists: the usual case, and quick to look through."""
        lists = [(one.fact, one.listed) for one in self.when if one.listed is not None and not one.is_negative]
        is_usual = len(lists) == len(self.when) and (self.match == "all" or not lists)
        return lists if is_usual else None

    def why_shut(self, facts: Facts) -> list[str]:
        """The conditions that keep this visitor out, in plain words; none for a path that is open."""
        if self.is_open(facts):
            return []
        shut = [condition for condition in self.when if not condition.holds(facts[condition.fact])]
        return [why_shut(condition, facts[condition.fact]) for condition in shut]

    @cached_property
    def asks(self) -> Collection[str]:
        """The facts that its conditions look at."""
        return frozenset(condition.fact for condition in self.when)

    @property
    def sentences(self) -> list[str]:
        """All that it asks, in plain words: all or any of it, as `match` says. Cards and `explain` tell the same."""
        if self.default:
            return ["no other path is open"]
        return [sentence_of(condition) for condition in self.when] or ["always"]
