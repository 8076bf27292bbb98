"""The groups of a report: what the database says of each is named, filtered, and added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.domain.things import Setup
from server.reports.dimensions import Dimension
from server.reports.metrics import Sums

Group = tuple[str | None, ...]
Values = Mapping[str, Sequence[str]]  # of dimensions; an empty one stands for what has none


class Groups:
    def __init__(
        self, by: Sequence[str], every: Sequence[Dimension], where: Values, without: Values, setup: Setup
    ) -> None:
        names = [dimension.name for dimension in every]
        self._every = every
        self._setup = setup
        self._named: list[dict[Any, str | None]] = [{} for _ in every]
        self._places = [names.index(name) for name in by]
        self._tests = [
            *((names.index(name), _one_of(wanted)) for name, wanted in where.items()),
            *((names.index(name), _none_of(unwanted)) for name, unwanted in without.items()),
        ]
        self.found: dict[Group, Sums] = {}

    @property
    def has_clicks(self) -> bool:
        """Whether clicks stand a chance: they have no status and no event."""
        return all(test(None) for place, test in self._tests if self._every[place].is_of_conversion)

    def add(self, values: Sequence[Any], sums: Sums) -> None:
        shown = [self._name(place, value) for place, value in enumerate(values)]
        if all(test(shown[place]) for place, test in self._tests):
            group = tuple(shown[place] for place in self._places)
            if group in self.found:
                self.found[group].add(sums)
            else:
                self.found[group] = sums

    def _name(self, place: int, value: Any) -> str | None:
        """Each value is named once: groups are many, values few."""
        if value is None:
            return self._every[place].shown(None, self._setup) if self._every[place].of_click else None
        named = self._named[place]
        if value not in named:
            named[value] = self._every[place].shown(value, self._setup)
        return named[value]


def _one_of(wanted: Sequence[str]) -> Callable[[str | None], bool]:
    folded = {one.casefold() for one in wanted}
    return lambda value: (value or "").casefold() in folded


def _none_of(unwanted: Sequence[str]) -> Callable[[str | None], bool]:
    is_one = _one_of(unwanted)
    return lambda value: not is_one(value)
