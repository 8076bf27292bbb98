"""Explains a URL, or what a campaign does with a made-up visitor; records nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any
from urllib.parse import unquote, urlsplit

from server.api.data import Data
from server.api.editing import with_spec
from server.api.setup import campaign_of
from server.current import templates
from server.domain.asking import FACTS
from server.errors import BadInput, nearest
from server.evidence.explain import explain_click, explain_postback
from server.evidence.simulating import Option, Simulated, SimulatedPath, Visitor, percent, try_out
from server.pipeline.capping import full_now
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt
from server.setup.build import build
from server.setup.conditions import read_fact
from server.setup.problem import BadSetup
from server.setup.specs import Spec, Specs
from server.storage.specs import load_specs
from server.visitor.visitors import Visitors

__all__ = ["MadeUp", "Option", "Simulated", "SimulatedPath", "explain", "misread", "percent", "plain", "simulate"]

_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A visitor who is only thought of: facts by the names that conditions use, or what they are worked out from."""

    facts: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""
    agent: str = ""
    at: int | None = None  # now, where nobody says when

    @property
    def is_said(self) -> bool:
        return bool(self.facts or self.ip or self.agent or self.at is not None)


NOBODY = MadeUp()


def explain(data: Data, url: str, body: str = "", content_type: str = "", visitor: MadeUp = NOBODY) -> dict[str, Any]:
    """A URL of ours, or the key of a campaign."""
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise BadInput(f"This is no URL: {error}.", remedy="Give a tracking or postback URL in quotes.") from error
    kind, slash, key = parts.path.lstrip("/").partition("/")
    query = parts.query.encode("utf-8", "replace")
    ground = data.ground()
    if kind == "c" or not (slash or parts.netloc):
        campaign = campaign_of(ground.setup, unquote(key if slash else kind))
        explained = explain_click(campaign, query, _known(data, visitor, ground), _with_full(data, ground))
        return {**explained, "simulated": plain(explained["simulated"])}
    if kind != "p":
        raise BadInput(
            f"{parts.path[:40] or 'This'} is no address of ours.",
            remedy="Give a URL with /c/<campaign> or /p/<network>, or the key of a campaign.",
        )
    if visitor.is_said:
        raise BadInput("A postback has no visitor.", where=url[:80], remedy="Give the tracking URL of a campaign.")
    address = unquote(key)
    receipt = Receipt(
        arrived_at=ground.now,
        address=address,
        method="POST" if body else "GET",
        query=query,
        body=body.encode("utf-8", "replace"),
        content_type=content_type,
        ip=_HERE,
        headers={},
    )
    with data.database.read() as connection:
        return explain_postback(connection, receipt, ground.setup.networks.get(address), ground)


def simulate(data: Data, campaign: str, visitor: MadeUp, spec: Spec | None = None) -> Simulated:
    """With `spec` the campaign as it would be if that were saved under this key."""
    ground = data.ground()
    if spec is not None:
        ground = _with_spec(data, ground, campaign, spec)
    found = campaign_of(ground.setup, campaign)
    simulated, _ = try_out(found, {}, _known(data, visitor, ground), _with_full(data, ground))
    return simulated


def misread(visitor: MadeUp) -> dict[str, str]:
    """What is said of the visitor and cannot be: by fact, in words."""
    found = {}
    for name, value in visitor.facts.items():
        try:
            _fact(name, value)
        except BadInput as problem:
            found[name] = f"{problem.what.removeprefix(f'{name}: ')} {problem.remedy}".strip()
    return found


def plain(simulated: Simulated) -> dict[str, Any]:
    """As JSON has it: odds in percent, facts that are known."""
    told: dict[str, Any] = _plain(asdict(simulated))
    told["facts"] = {name: value for name, value in simulated.facts.items() if value is not None}
    return told


def _plain(value: Any) -> Any:
    match value:
        case Fraction():
            return percent(value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _known(data: Data, visitor: MadeUp, ground: Ground) -> Visitor:
    """What is given outright, and what address and agent tell of the rest."""
    at = ground.now if visitor.at is None else visitor.at
    columns: Mapping[str, str] = {}
    if visitor.ip or visitor.agent:
        visitors = Visitors(data.folder.geo_folder, data.folder.bots_folder, ground.secret)
        visitors.look()
        columns = visitors.facts(visitor.ip or _HERE, visitor.agent or None, {}, at)
    facts = {name: _fact(name, value) for name, value in visitor.facts.items()}
    return Visitor(facts, columns, visitor.ip or _HERE, visitor.agent or None, at)


def _fact(name: str, value: str) -> str:
    if name not in FACTS:
        near = nearest(name, FACTS)
        remedy = f"Did you mean {near}?" if near else f"Known are {', '.join(FACTS)}."
        raise BadInput(f"{name[:40]} is nothing that paths ask.", where="visitor", remedy=remedy)
    try:
        return read_fact(name, value)
    except BadSetup as problem:
        raise BadInput(problem.what, where="visitor", remedy=problem.remedy) from problem


def _with_full(data: Data, ground: Ground) -> Ground:
    with data.database.read() as connection:
        full = full_now(connection, ground.setup, ground.now)
    return Ground(ground.setup, ground.secret, ground.now, full)


def _with_spec(data: Data, ground: Ground, key: str, spec: Spec) -> Ground:
    with data.database.read() as connection:
        stored = load_specs(connection)
    specs = with_spec(Specs(stored.owner, **stored.specs), "campaign", key, spec)
    setup = build(specs, templates(), stored.ids)
    return Ground(setup, ground.secret, ground.now)
