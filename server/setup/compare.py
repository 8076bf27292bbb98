"""What differs between two setups, in lines that a person reads before and after it is applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from server.setup.problem import Trail, shown
from server.setup.secrecy import PLACEHOLDER, is_secret
from server.setup.specs import KINDS, Spec, Specs

_ABSENT = "default"
_NUMBERED = ("path", "destinations")


@dataclass(frozen=True, slots=True)
class Change:
    kind: str  # "owner" for the keys at the top of the file; their key is ""
    key: str
    verb: Literal["create", "update"]
    lines: tuple[str, ...]


def compare(old: Specs, new: Specs) -> list[Change]:
    """Nothing for equal specs; secrets are never shown."""
    changes = []
    for kind in ("owner", *KINDS):
        known = old.of(kind)
        for key, spec in new.of(kind).items():
            if key not in known:
                changes.append(Change(kind, key, "create", (f"+ {kind} {key}", *_open(kind, spec))))
            elif lines := tuple(_differences(known[key], spec)):
                changes.append(Change(kind, key, "update", (f"~ {kind} {key}".rstrip(), *lines)))
    return changes


def _open(kind: str, spec: Spec) -> tuple[str, ...]:
    return ("    token: open, anyone may send postbacks",) if kind == "network" and spec.get("token") == "" else ()


def _differences(old: Spec, new: Spec) -> Iterator[str]:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for trail in (*before, *(trail for trail in after if trail not in before)):
        if before.get(trail) != after.get(trail):
            yield f"    {shown(trail)}: {_difference(trail, before, after)}"


def _leaves(value: Any, trail: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    """The values that are told one by one: those of tables, and of the tables in numbered lists."""
    if isinstance(value, dict) and (value or not trail):
        for key, inner in value.items():
            yield from _leaves(inner, (*trail, key))
    elif isinstance(value, list) and trail[-1] in _NUMBERED and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*trail, index))
    else:
        yield trail, value


def _difference(trail: Trail, before: dict[Trail, Any], after: dict[Trail, Any]) -> str:
    if is_secret(trail) and before.get(trail) and after.get(trail):
        return "changed"
    return f"{_side(trail, before)} -> {_side(trail, after)}"


def _side(trail: Trail, leaves: dict[Trail, Any]) -> str:
    if trail not in leaves:
        return _ABSENT
    value = leaves[trail]
    if is_secret(trail):
        return PLACEHOLDER if value else "open" if trail == ("token",) else "empty"
    return _said(value)


def _said(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(_said, value)) or "none"
        case dict():
            return " ".join(map(_said, value.values())) or "none"
        case str():
            return repr(value)[1:-1] or '""'
        case _:
            return str(value)
