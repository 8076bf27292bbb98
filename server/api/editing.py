"""Things of the setup, one by one: listed, checked without saving, saved and duplicated; for forms."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from server.api.data import Data
from server.api.history import DESKTOP, moment_of_change
from server.api.setup import (
    Link,
    base_url,
    links_of,
    pixel_link,
    postback_link,
    save_changes,
    stored_specs,
    tags_of,
    tracking_url,
)
from server.current import templates
from server.domain.asking import FACTS
from server.domain.things import Campaign, RelayTemplate, Setup
from server.errors import BadInput, NothingMatched, nearest
from server.setup.build import build
from server.setup.conditions import operators_of
from server.setup.problem import At, BadSetup, Trail, shown
from server.setup.schema import SCHEMA
from server.setup.specs import Spec, Specs

CONDITIONS: Mapping[str, Sequence[str]] = {fact: operators_of(fact) for fact in FACTS}  # what a path can ask, and how
_MOST_PROBLEMS = 12
_LONGEST_KEY = 60
_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, named by the way to it, and how to mend it."""

    trail: Trail
    text: str
    is_missing: bool = False  # nothing was written there yet


@dataclass(frozen=True, slots=True)
class Checked:
    """What a thing would be if it were saved; without problems, with what follows from it."""

    problems: Sequence[Problem] = ()
    links: Sequence[Link] = ()
    relay: RelayTemplate | None = None  # a source's, the catalog's template included


def read(data: Data, kind: str, key: str) -> Spec:
    """The thing in the setup file's words, secrets included."""
    with data.database.read() as connection:
        known = stored_specs(connection).of(kind)
    if key not in known:
        near = nearest(key, known)
        raise NothingMatched(f"There is no {kind} {key[:40]}.", remedy=f"Did you mean {near}?" if near else "")
    return known[key]


def check(data: Data, kind: str, key: str, spec: Spec, *, is_new: bool = False) -> Checked:
    """As if it were saved; every problem that can be told without mending another first."""
    with data.database.read() as connection:
        stored = stored_specs(connection)
    if is_new and key in stored.of(kind):
        return Checked([Problem(("key",), _taken(kind, key))])
    problems = [] if key else [Problem(("key",), "Needs a key, such as summer or keto-us.", is_missing=True)]
    key = key or _UNNAMED
    spec = copy.deepcopy(spec)
    while len(problems) < _MOST_PROBLEMS:
        found = _first_problem(stored, kind, key, spec)
        if isinstance(found, Setup):
            return Checked(problems) if problems else _followed_up(data, found, kind, key)
        if any(found.trail == known.trail for known in problems):
            break
        problems.append(found)
        if not _drop(spec, found.trail):
            break
    return Checked(problems)


def save(data: Data, kind: str, key: str, spec: Spec, expected: Spec | None, who: str = DESKTOP) -> Spec:
    """All of the thing is replaced, secrets too; `expected` is what the form started from, None for a new thing."""

    def job(connection: Connection) -> Spec:
        before = stored_specs(connection)
        known = before.of(kind).get(key)
        if expected is None and known is not None:
            raise BadInput(_taken(kind, key))
        if expected is not None and known != expected:
            raise BadInput(
                f"{kind} {key} was changed elsewhere meanwhile.",
                remedy="Revert shows what is stored now; copy what you want to keep first.",
            )
        after = with_spec(before, kind, key, spec)
        build(after, templates())
        save_changes(connection, before, after, who, moment_of_change(connection, data.clock))
        return after.of(kind)[key]

    return data.database.write(job)


def with_spec(specs: Specs, kind: str, key: str, spec: Spec) -> Specs:
    """The setup with one thing in its canonical form; a network without token is given one."""
    canonical = SCHEMA[kind].read(spec, At(f"{kind} {key}"))
    if kind == "network" and "token" not in canonical:
        canonical["token"] = new_token()
    return replace(specs, **{kind: {**specs.of(kind), key: canonical}})


def new_token() -> str:
    return secrets.token_urlsafe(16)


def duplicate(data: Data, kind: str, key: str) -> tuple[str, Spec]:
    """A free key and the words of the copy, which is not saved; a network's copy gets a token of its own."""
    with data.database.read() as connection:
        known = stored_specs(connection).of(kind)
    spec = copy.deepcopy(known[key])
    if kind == "network":
        spec["token"] = new_token()
    if spec.get("name"):
        spec["name"] = f"{spec['name']} (copy)"
    numbers = (f"{key[:_LONGEST_KEY]}-{number}" for number in range(2, len(known) + 3))
    return next(free for free in numbers if free not in known), spec


def _first_problem(stored: Specs, kind: str, key: str, spec: Spec) -> Problem | Setup:
    trails: list[Trail] = []

    def locate(of_kind: str, of_key: str, trail: Trail) -> str:
        if (of_kind, of_key) == (kind, key):
            trails.append(trail)
        return ""

    try:
        specs = replace(stored, **{kind: {**stored.of(kind), key: spec}})
        if kind == "network" and "token" not in spec:
            specs.of(kind)[key] = {**spec, "token": "made-when-saved"}
        return build(specs, templates(), None, locate)
    except BadSetup as refusal:
        trail = trails[-1] if trails else ()
        is_missing = trail != ("key",) and not _is_there(spec, trail)
        return Problem(trail, _sentence(refusal, f"{kind} {key}", trail), is_missing)


def _sentence(refusal: BadSetup, thing: str, trail: Trail) -> str:
    """Beside a field, the sentence need not say again whose it is."""
    words = refusal.what.removeprefix(f"{thing}: ")
    for place in (shown(trail), shown(trail[:-1])):
        words = words.removeprefix(f"{place}: ") if place else words
    return f"{words[:1].upper()}{words[1:]} {refusal.remedy}".strip()


def _is_there(spec: Any, trail: Trail) -> bool:
    for step in trail:
        try:
            spec = spec[step]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(spec != [])  # an empty list is what a row stands for into which nothing is written yet


def _drop(spec: Spec, trail: Trail) -> bool:
    """Takes the refused value out, so that the next problem can be told; nothing moves to another place by it."""
    inner: Any = spec
    for step in trail[:-1]:
        inner = inner[step] if _is_there(inner, (step,)) else None
    if not trail or not isinstance(inner, dict) or trail[-1] not in inner:
        return False
    del inner[trail[-1]]
    return True


def _followed_up(data: Data, setup: Setup, kind: str, key: str) -> Checked:
    links: Mapping[str, Callable[[], Iterator[Link]]] = {
        "network": lambda: _links_of_network(data, setup, key),
        "source": lambda: _links_of_source(data, setup, key),
        "landing": lambda: iter([Link("go", key, f"{base_url(data, setup)}/go?click={{click_id}}")]),
        "campaign": lambda: _links_of_campaign(data, setup, key),
    }
    relay = setup.sources[key].relay if kind == "source" else None
    return Checked((), tuple(links[kind]()) if kind in links else (), relay)


def _links_of_network(data: Data, setup: Setup, key: str) -> Iterator[Link]:
    network, base = setup.networks[key], base_url(data, setup)
    yield postback_link(base, network)
    if network.pixel:
        yield pixel_link(base, network)


def _links_of_campaign(data: Data, setup: Setup, key: str) -> Iterator[Link]:
    """The addresses, and the tags for its pages."""
    campaign = setup.campaigns[key]
    base = base_url(data, setup, campaign)
    yield from links_of(setup, campaign, base)
    yield from tags_of(setup, campaign, base)


def _links_of_source(data: Data, setup: Setup, key: str) -> Iterator[Link]:
    """The tracking URL as a campaign of this source has it."""
    campaigns = [campaign for campaign in setup.campaigns.values() if campaign.source == key]
    campaign = campaigns[0] if campaigns else Campaign("CAMPAIGN", key, ())
    url = tracking_url(base_url(data, setup, campaign), campaign, setup.sources[key])
    yield Link("tracking", campaign.key, url, f"of campaign {campaign.key}" if campaigns else "once it has a campaign")


def _taken(kind: str, key: str) -> str:
    return f"There is a {kind} {key} already." if kind != "offer" else f"There is an offer {key} already."
