"""The first set-up from a few answers: one source, one network, one offer, one campaign, saved together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_plus

from server.api import setup
from server.api.data import Data
from server.domain.unreplaced import is_unreplaced
from server.setup.document import Document
from server.setup.problem import At
from server.setup.schema import OWNER, SCHEMA
from server.setup.specs import Spec, Specs

CLICK_ID = "{click_id}"
_OURS = re.compile(r"\{click_id(\|[^{}]*)?\}")
_LIKELY = ("click_id", "clickid", "subid", "sub_id", "aff_sub", "s2", "sub1", "aff_sub1", "subid1", "tid", "cid")
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")
_LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Partner:
    """A source or a network: one that is set up already (key), one of the catalog (template), or one of the owner's."""

    name: str
    key: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The answers; "" where the owner left a question open."""

    base_currency: str
    timezone: str
    source: Partner
    network: Partner
    offer_url: str
    payout: str = ""
    currency: str = ""
    domain: str = ""
    external_id: str = ""  # the source's macros, where it is the owner's own
    cost: str = ""
    relay_url: str = ""
    words: Mapping[str, str] = field(default_factory=dict)  # YOUR_… of the template's relay -> what stands there


@dataclass(frozen=True, slots=True)
class Placed:
    """An offer's URL with our click id in it: what changed lies between `start` and `end`."""

    before: str
    after: str
    parameter: str  # that carries the click id, "" where the owner had put it in
    start: int
    end: int
    old_start: int
    old_end: int


def place_click_id(url: str, parameter: str = "") -> Placed:
    """Never touches an URL that has it; fills a known parameter's place, or adds the parameter."""
    ours = _OURS.search(url)
    if ours is not None:
        return Placed(url, url, "", ours.start(), ours.end(), ours.start(), ours.end())
    head, hash_sign, fragment = url.partition("#")
    if "#" in fragment:  # the dress of a macro, as in s2=#s2#
        head, hash_sign, fragment = url, "", ""
    path, question, query = head.removesuffix("&").partition("?")
    parts = query.split("&") if query else []
    index = _place_of(parts, parameter)
    name = parts[index].partition("=")[0] if index is not None else parameter or "subid"
    if index is None:
        parts.append(f"{name}={CLICK_ID}")
        start = end = len(head)
    else:
        start = len(path) + len(question) + sum(len(part) + 1 for part in parts[:index])
        end = start + len(parts[index])
        parts[index] = f"{name}={CLICK_ID}"
    last = index if index is not None else len(parts) - 1
    new_start = len(path) + 1 + sum(len(part) + 1 for part in parts[:last])
    after = f"{path}?{'&'.join(parts)}{hash_sign}{fragment}"
    return Placed(url, after, name, new_start, new_start + len(parts[last]), start, end)


def _place_of(parts: list[str], parameter: str) -> int | None:
    """The part of the query to fill: the one of that name, else one that waits for a click id by its looks."""
    names = [part.partition("=")[0].lower() for part in parts]
    if parameter:
        return names.index(parameter.lower()) if parameter.lower() in names else None
    values = [unquote_plus(part.partition("=")[2]) for part in parts]
    is_open = [not value or is_unreplaced(value) for value in values]
    likely = [names.index(name) for name in _LIKELY if name in names and is_open[names.index(name)]]
    return likely[0] if likely else None


def begin(data: Data, answers: Beginning) -> str:
    """Saves all of it or nothing, as `apply` does; the key of the new campaign."""
    stored = data.setup()
    source_key = answers.source.key or key_from(answers.source.name, stored.sources, "source")
    network_key = answers.network.key or key_from(answers.network.name, stored.networks, "network")
    offer_key = key_from(f"{network_key}-offer", stored.offers, "offer")
    campaign_key = key_from(f"{source_key}-{network_key}", stored.campaigns, "campaign")
    path = {"offers": [{"offer": offer_key}]}
    specs = Specs(
        owner=OWNER.read(_owner(answers, stored.owner.domain), At()),
        source={} if answers.source.key else _read("source", source_key, _source(answers)),
        network={} if answers.network.key else _read("network", network_key, _partner(answers.network)),
        offer=_read("offer", offer_key, _offer(answers, network_key)),
        campaign=_read("campaign", campaign_key, {"source": source_key, "path": [path]}),
    )
    setup.apply(data, Document("", specs), "first run")
    return campaign_key


def key_from(name: str, taken: Collection[str], kind: str) -> str:
    """A key that reads like the name and is nobody else's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wanted = _NOT_IN_A_KEY.sub("-", plain).strip("-")[:_LONGEST_KEY].strip("-") or kind
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


def words_of(template: str) -> Mapping[str, str]:
    """The words of a source template's relay that the owner replaces, and what each stands for."""
    found = setup.catalog().sources.get(template)
    return found.fill_in if found else {}


def _read(kind: str, key: str, spec: Spec) -> dict[str, Spec]:
    """In canonical form, as a setup file's things are."""
    return {key: SCHEMA[kind].read(spec, At(f"{kind} {key}"))}


def _owner(answers: Beginning, stored_domain: str | None) -> Spec:
    owner = {"base_currency": answers.base_currency, "timezone": answers.timezone}
    return owner | ({"domain": answers.domain} if answers.domain or stored_domain else {})


def _partner(partner: Partner) -> Spec:
    return {"name": partner.name} | ({"template": partner.template} if partner.template else {})


def _source(answers: Beginning) -> Spec:
    spec = _partner(answers.source)
    if answers.source.template:
        relay = _filled(setup.catalog().sources[answers.source.template].spec.get("relay", {}), answers.words)
        return spec | ({"relay": relay} if relay else {})
    macros = {"external_id": answers.external_id, "cost": answers.cost}
    spec |= {name: macro for name, macro in macros.items() if macro}
    return spec | ({"relay": {"url": answers.relay_url}} if answers.relay_url else {})


def _filled(relay: Mapping[str, Any], words: Mapping[str, str]) -> Spec:
    """Only what differs from the template; a value that was copied from a URL keeps its encoding."""
    told = {word: value.strip() for word, value in words.items() if value.strip()}
    filled: Spec = {}
    for name in ("url", "body"):
        text = changed = relay.get(name, "")
        for word, value in sorted(told.items(), key=lambda item: -len(item[0])):
            changed = changed.replace(word, quote(value, safe="%") if name == "url" else value)
        if changed != text:
            filled[name] = changed
    return filled


def _offer(answers: Beginning, network_key: str) -> Spec:
    optional = {"payout": answers.payout, "currency": answers.currency if answers.payout else ""}
    return {"network": network_key, "url": answers.offer_url} | {name: said for name, said in optional.items() if said}
