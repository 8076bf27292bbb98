"""Specs: what the setup says of each thing, as plain values in canonical form that survive JSON unchanged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Spec = dict[str, Any]

KINDS = ("source", "network", "offer", "landing", "campaign")


@dataclass(frozen=True, slots=True)
class Specs:
    """The owner's top-level keys, and by kind the spec of each key; the key itself is not in the spec."""

    owner: Spec = field(default_factory=dict)
    source: dict[str, Spec] = field(default_factory=dict)
    network: dict[str, Spec] = field(default_factory=dict)
    offer: dict[str, Spec] = field(default_factory=dict)
    landing: dict[str, Spec] = field(default_factory=dict)
    campaign: dict[str, Spec] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, Spec]:
        """All specs of a kind by key; the owner's own is kind `owner`, key ``."""
        if kind == "owner":
            return {"": self.owner}
        things: dict[str, Spec] = getattr(self, kind)
        return things


@dataclass(frozen=True, slots=True)
class Templates:
    """What the catalog offers: specs of networks and sources by template, and the words that the owner fills in."""

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fill_in: Mapping[str, Collection[str]] = field(default_factory=dict)
