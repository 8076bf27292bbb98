"""Lays a setup file over what is stored: what it names is replaced, what it leaves out stays, and so do secrets."""

from __future__ import annotations

from collections.abc import Callable

from server.domain.masking import is_secret_header
from server.setup.secrecy import PLACEHOLDER
from server.setup.specs import KINDS, Spec, Specs

LEFT_OUT = (None, PLACEHOLDER)


def merge(current: Specs, document: Specs, make_token: Callable[[], str]) -> Specs:
    """A new network that says nothing of its token is given one."""
    merged = {kind: {**current.of(kind), **_named(kind, current, document)} for kind in KINDS}
    for key, spec in merged["network"].items():
        if spec.get("token") in LEFT_OUT:
            merged["network"][key] = {**spec, "token": make_token()}
    return Specs(owner={**current.owner, **document.owner}, **merged)


def _named(kind: str, current: Specs, document: Specs) -> dict[str, Spec]:
    keep = {"source": _source, "network": _network, "campaign": _campaign}.get(kind, _nothing)
    return {key: keep(current.of(kind).get(key, {}), spec) for key, spec in document.of(kind).items()}


def _nothing(_old: Spec, new: Spec) -> Spec:
    return new


def _source(old: Spec, new: Spec) -> Spec:
    relay = _headers(old.get("relay", {}), new.get("relay", {}))
    return {**new, "relay": relay} if relay else new


def _network(old: Spec, new: Spec) -> Spec:
    kept = {**new}
    if new.get("token") in LEFT_OUT and "token" in old:
        kept["token"] = old["token"]
    if "hmac" in new and new["hmac"].get("secret") in LEFT_OUT and "secret" in old.get("hmac", {}):
        kept["hmac"] = {**new["hmac"], "secret": old["hmac"]["secret"]}
    return kept


def _campaign(old: Spec, new: Spec) -> Spec:
    """A destination has no key: its URL says which it is, so that no partner ever gets another's secret."""
    if "destinations" not in new:
        return new
    known = list(old.get("destinations", ()))
    kept = []
    for destination in new["destinations"]:
        same = next((one for one in known if one.get("url") == destination.get("url")), None)
        if same is not None:
            known.remove(same)
        kept.append(_headers(same or {}, destination))
    return {**new, "destinations": kept}


def _headers(old: Spec, new: Spec) -> Spec:
    """A relay with the secret headers that it had, where the new one leaves them out or gives the placeholder."""
    secrets = {name: value for name, value in old.get("headers", {}).items() if value and is_secret_header(name)}
    by_name = {name.lower(): value for name, value in secrets.items()}
    headers = {
        name: by_name.get(name.lower(), value) if value == PLACEHOLDER else value
        for name, value in new.get("headers", {}).items()
    }
    named = {name.lower() for name in headers}
    left_out = {name: value for name, value in secrets.items() if name.lower() not in named}
    return {**new, "headers": {**headers, **left_out}} if headers or left_out else new
