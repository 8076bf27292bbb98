"""Where a click goes: the path whose conditions hold, and a choice by weight among its offers or landing pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.things import Campaign, Path, Weighted


@dataclass(frozen=True, slots=True)
class ChosenPath:
    index: int
    path: Path
    reason: str


def choose_path(campaign: Campaign, facts: Mapping[str, str | None], chance: float) -> ChosenPath:
    """Never nowhere: where no condition holds, the paid click still goes to the first path, and the reason says so."""
    open_paths = [(index, path) for index, path in enumerate(campaign.paths) if _holds(path, facts)]
    weights = [path.weight for _, path in open_paths]
    if not sum(weights):
        return ChosenPath(0, campaign.paths[0], "no_path_open")
    index, path = open_paths[_by_weight(weights, chance)]
    return ChosenPath(index, path, "conditions" if path.when else "weight" if len(open_paths) > 1 else "only_path")


def choose(options: Sequence[Weighted], chance: float) -> str | None:
    """A key by weight; `chance` is a random number from 0 up to 1."""
    weights = [option.weight for option in options]
    return options[_by_weight(weights, chance)].key if sum(weights) else None


def _holds(path: Path, facts: Mapping[str, str | None]) -> bool:
    for name, wanted in path.when.items():
        value = facts.get(name)
        if value is None or value.casefold() not in {one.casefold() for one in wanted}:
            return False
    return True


def _by_weight(weights: Sequence[int], chance: float) -> int:
    mark = chance * sum(weights)
    for index, weight in enumerate(weights):
        mark -= weight
        if mark < 0 and weight:
            return index
    return max(index for index, weight in enumerate(weights) if weight)
