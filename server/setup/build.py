"""Builds what the rules work with: defaults, over them the catalog's template, over that the spec; all checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.status import fold_word
from server.domain.things import Campaign, Landing, Network, Offer, Owner, Setup, Source
from server.setup.forms import KEY
from server.setup.problem import At, Context, Locate, Trail
from server.setup.schema import OWNER, SCHEMA
from server.setup.specs import KINDS, Spec, Specs, Templates

_MERGED = frozenset({"relay", "subs", "macros", "params", "status_words", "headers", "hmac"})
_NOT_OF_A_TEMPLATE = frozenset({"key", "template", "token"})

Ids = Mapping[str, Mapping[str, int]]


def build(specs: Specs, templates: Templates, ids: Ids | None = None, locate: Locate | None = None) -> Setup:
    """`ids` are the row ids by kind and key; `locate` names the line of the file that a refusal is about."""
    owner = OWNER.read(specs.owner, At(where=lambda trail: (locate or _nowhere)("owner", "", trail)))
    context = Context(owner.get("currencies", ()), _keys(specs, templates))
    builder = _Builder(specs, templates, ids or {}, locate or _nowhere, context)
    made_owner = Owner(**OWNER.make(owner, builder.at("owner", "")))
    sources = {key: _filled_in(Source(**made), templates) for key, made in builder.made("source")}
    networks = {key: Network(**made) for key, made in builder.made("network")}
    offers = {key: _in_currency(Offer(**made), networks) for key, made in builder.made("offer")}
    for key in offers:
        _refuse_loop(key, offers, builder.at("offer", key))
    return Setup(
        owner=made_owner,
        sources=sources,
        networks=networks,
        offers=offers,
        landings={key: Landing(**made) for key, made in builder.made("landing")},
        campaigns={key: Campaign(**made) for key, made in builder.made("campaign")},
    )


def _nowhere(_kind: str, _key: str, _trail: Trail) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Builder:
    specs: Specs
    templates: Templates
    ids: Ids
    locate: Locate
    context: Context

    def made(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """What each thing of a kind is built from, by key."""
        return [(key, self._made(kind, key, spec)) for key, spec in self.specs.of(kind).items()]

    def _made(self, kind: str, key: str, spec: Spec) -> dict[str, Any]:
        at = self.at(kind, key)
        KEY.read(key, at / "key")
        spec = self._over_template(kind, SCHEMA[kind].read(spec, at))
        if kind == "network" and "token" not in spec:
            raise at.refusal("needs token.", "Merging a file into the setup makes one.")
        return {"key": key, "id": self.ids.get(kind, {}).get(key, 0), **SCHEMA[kind].make(spec, at)}

    def _over_template(self, kind: str, spec: Spec) -> Spec:
        by_kind = {"source": self.templates.sources, "network": self.templates.networks}
        name = spec.get("template", "")
        template = by_kind.get(kind, {}).get(name)
        if template is None:  # an unknown one is refused as the dangling reference that it is
            return spec
        fields = {field: value for field, value in template.items() if field not in _NOT_OF_A_TEMPLATE}
        merged = over(SCHEMA[kind].read(fields, At(f"template {name}", lambda _trail: "catalog")), spec)
        if "hmac" not in spec and "secret" not in merged.get("hmac", {}):
            merged.pop("hmac", None)  # the template only says how this network would sign
        return merged

    def at(self, kind: str, key: str) -> At:
        thing = f"{kind} {key}" if key else ""
        return At(thing, lambda trail: self.locate(kind, key, trail), (), self.context)


def over(template: Spec, spec: Spec) -> Spec:
    """Tables are laid over key by key, everything else is replaced."""
    merged = {**template, **spec}
    for name in _MERGED & template.keys() & spec.keys():
        merged[name] = {"headers": _headers_over, "status_words": _words_over}.get(name, over)(
            template[name], spec[name]
        )
    return merged


def _headers_over(template: Spec, spec: Spec) -> Spec:
    named = {name.lower() for name in spec}
    return {**{name: value for name, value in template.items() if name.lower() not in named}, **spec}


def _words_over(template: Spec, spec: Spec) -> Spec:
    """A word to which the owner gives a meaning loses the one that it has in the template."""
    named = {fold_word(word) for words in spec.values() for word in words}
    left = {status: [word for word in words if fold_word(word) not in named] for status, words in template.items()}
    return {**left, **spec}


def _keys(specs: Specs, templates: Templates) -> Mapping[str, Collection[str]]:
    of_templates = {"source template": templates.sources.keys(), "network template": templates.networks.keys()}
    return {**{kind: specs.of(kind).keys() for kind in KINDS}, **of_templates}


def _filled_in(source: Source, templates: Templates) -> Source:
    """Remember which words of the template's relay still wait for the owner."""
    relay = source.relay
    text = "\n".join((relay.url, relay.body, *relay.headers.values()))
    left = tuple(word for word in templates.fill_in.get(source.template, ()) if word in text)
    return replace(source, relay=replace(relay, fill_in=left)) if left else source


def _in_currency(offer: Offer, networks: Mapping[str, Network]) -> Offer:
    return offer if offer.currency else replace(offer, currency=networks[offer.network].currency)


def _refuse_loop(key: str, offers: Mapping[str, Offer], at: At) -> None:
    """Alternatives of alternatives have to end somewhere."""
    way = {key: None}  # in order
    while (cap := offers[next(reversed(way))].cap) is not None:
        if cap.alternative == key:
            raise (at / "cap" / "alternative").refusal(
                f"{' -> '.join((*way, key))} is a circle.", "Let one of them have no cap, or another alternative."
            )
        if cap.alternative in way:  # a circle further on, which is refused at one of its own
            return
        way[cap.alternative] = None
