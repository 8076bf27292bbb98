"""Where a click goes: the path that lets it in, a choice by weight, and what is left where an offer is full."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

from server.domain.paths import Facts, Path, Weighted, folded
from server.domain.things import Campaign, Offer, Setup

Full = Collection[str]  # the offers that have reached their cap of the day
_Choice = TypeVar("_Choice", bound=Hashable)

REASONS: Mapping[str, str] = {  # of a click's path and destination: a closed list
    "only_path": "It was the only path that was open.",
    "weight": "It was chosen by weight among the paths that were open.",
    "conditions": "The conditions of its path held.",
    "priority": "Of the paths that were open, this one has the highest priority.",
    "default": "No other path was open, so the default one was taken.",
    "no_path_open": "No path was open, so it went where the campaign or the owner says, else along the first path.",
    "paused": "The campaign was paused, so it went where the campaign or the owner says.",
    "bot": "The visitor is a bot, and the campaign has a place for bots.",
    "capped": "The offer had reached its cap for the day, so another was taken.",
    "no_offer_open": "Every offer of the path, and every alternative, had reached its cap for the day.",
}


class Chances(NamedTuple):
    """Three numbers from 0 up to 1: for the path, the landing page, the offer."""

    path: float
    landing: float
    offer: float


class Way(NamedTuple):
    """Where a click goes and why: along a path to a landing page or an offer, or to an address named for the case."""

    reason: str
    path: int | None = None
    landing: str | None = None
    offer: str | None = None
    url: str | None = None


class ChosenPath(NamedTuple):
    path: int
    reason: str


class ChosenOffer(NamedTuple):
    key: str
    is_instead: bool = False  # of one that is full


def choose_way(campaign: Campaign, facts: Facts, chances: Chances, setup: Setup, full: Full) -> Way:
    """`full` are the offers that have reached their cap. Never nowhere, as long as there is anywhere to go."""
    instead = campaign.otherwise or setup.owner.fallback_url
    if campaign.paused and instead:
        return Way("paused", url=instead)
    if campaign.bots and facts["bot"] == "yes":
        return Way("bot", url=campaign.bots)
    chosen = choose_path(campaign.paths, facts, chances.path)
    if chosen is None and instead:
        return Way("no_path_open", url=instead)
    index, reason = chosen or ChosenPath(0, "no_path_open")
    path = campaign.paths[index]
    landing = choose(path.landings, chances.landing)
    if landing:
        return Way(reason, index, landing=landing)
    offer = choose_offer(path, setup.offers, full, chances.offer)
    if offer is None:
        last = None if instead else choose(path.offers, chances.offer)
        return Way("no_offer_open", index, offer=last, url=instead)
    return Way("capped" if offer.is_instead else reason, index, offer=offer.key)


def sticky_chances(campaign: Campaign, visitor: str, secret: bytes) -> Chances:
    """The same for the same visitor of a campaign, and not to be guessed."""
    said = f"{campaign.key} {visitor}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(said, digest_size=24, key=secret[:64], person=b"sticky").digest()
    return Chances(*(int.from_bytes(digest[at : at + 6]) / 2**48 for at in (0, 8, 16)))


# -- paths -------------------------------------------------------------------------------------------------------------


def choose_path(paths: Sequence[Path], facts: Facts, chance: float) -> ChosenPath | None:
    """None where no path is open."""
    open_paths = open_among(paths, facts)
    if not open_paths:
        return None
    first = open_paths if len(open_paths) == 1 else _first_among(paths, open_paths)
    index = first[0] if len(first) == 1 else first[_by_weight([paths[index].weight for index in first], chance)]
    return ChosenPath(index, _why(paths[index], len(open_paths), len(first)))


def open_among(paths: Sequence[Path], facts: Facts) -> list[int]:
    """The paths that let this visitor in; the default ones only where no other does."""
    without_case = folded(facts)
    is_open = [
        index
        for index, path in enumerate(paths)
        if without_case.get(path.gate[0]) in path.gate[1] and path.weight and path.is_open(facts, without_case)
    ]
    return is_open if len(is_open) < 2 else [index for index in is_open if not paths[index].default] or is_open


def odds_of_paths(paths: Sequence[Path], facts: Facts) -> dict[ChosenPath, Fraction]:
    """What `choose_path` comes to over all chances."""
    open_paths = open_among(paths, facts)
    first = _first_among(paths, open_paths)
    whys = {index: _why(paths[index], len(open_paths), len(first)) for index in first}
    return _shares([(ChosenPath(index, why), paths[index].weight) for index, why in whys.items()])


def _why(path: Path, count_open: int, count_first: int) -> str:
    if path.default:
        return "default"
    if path.when:
        return "conditions"
    if count_first > 1:
        return "weight"
    return "only_path" if count_open == 1 else "priority"


def _first_among(paths: Sequence[Path], open_paths: Sequence[int]) -> Sequence[int]:
    priorities = [paths[index].priority for index in open_paths]
    highest = max(priorities, default=0)
    if priorities.count(highest) == len(priorities):
        return open_paths
    return [index for index, priority in zip(open_paths, priorities, strict=True) if priority == highest]


# -- landing pages and offers ------------------------------------------------------------------------------------------


def choose(options: Sequence[Weighted], chance: float) -> str | None:
    """A key by weight; `chance` is a random number from 0 up to 1."""
    if len(options) < 2:
        return options[0].key if options and options[0].weight else None
    weights = [option.weight for option in options]
    return options[_by_weight(weights, chance)].key if sum(weights) else None


def choose_offer(path: Path, offers: Mapping[str, Offer], full: Full, chance: float) -> ChosenOffer | None:
    """One that is not full, by weight; None where all are, and all their alternatives."""
    if full and any(option.key in full for option in path.offers):
        return _offer_left(path, offers, full, chance)
    key = choose(path.offers, chance)
    return ChosenOffer(key) if key else None


def _offer_left(path: Path, offers: Mapping[str, Offer], full: Full, chance: float) -> ChosenOffer | None:
    left = _offers_left(path, offers, full)
    weights = [weight for _, weight in left]
    return left[_by_weight(weights, chance)][0] if sum(weights) else None


def offer_of_step(path: Path, number: int | None, offers: Mapping[str, Offer], full: Full, chance: float) -> str | None:
    """From a landing page on: the offer that the page names by its number, else one by weight; none that is full."""
    if number is not None and 1 <= number <= len(path.offers):
        named = open_offer(path.offers[number - 1].key, offers, full)
        if named:
            return named
    chosen = choose_offer(path, offers, full, chance)
    return chosen.key if chosen else None


def open_offer(key: str, offers: Mapping[str, Offer], full: Full) -> str | None:
    """The offer itself, else its first alternative that is not full."""
    while key in full:
        cap = offers[key].cap
        if cap is None:
            return None
        key = cap.alternative
    return key


def odds_of_landings(path: Path) -> dict[str, Fraction]:
    return _shares([(option.key, option.weight) for option in path.landings])


def odds_of_offers(path: Path, offers: Mapping[str, Offer], full: Full) -> dict[ChosenOffer, Fraction]:
    """What `choose_offer` comes to over all chances."""
    return _shares(_offers_left(path, offers, full))


def _offers_left(path: Path, offers: Mapping[str, Offer], full: Full) -> list[tuple[ChosenOffer, int]]:
    """What takes the place of each offer of the path, with its weight; an offer without any is not there."""
    found = [(option, open_offer(option.key, offers, full)) for option in path.offers]
    return [(ChosenOffer(key, key != option.key), option.weight) for option, key in found if key]


def _shares(weighed: Sequence[tuple[_Choice, int]]) -> dict[_Choice, Fraction]:
    whole = sum(weight for _, weight in weighed)
    shares: dict[_Choice, Fraction] = {}
    for name, weight in weighed:
        if weight:
            shares[name] = shares.get(name, Fraction(0)) + Fraction(weight, whole)
    return shares


def _by_weight(weights: Sequence[int], chance: float) -> int:
    mark = chance * sum(weights)
    for index, weight in enumerate(weights):
        mark -= weight
        if mark < 0 and weight:
            return index
    return max(index for index, weight in enumerate(weights) if weight)
