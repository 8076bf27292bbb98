"""Specs are plain values by kind and key."""

from __future__ import annotations

import json
from collections.abc import Callable

from server.setup.specs import KINDS, Specs


def test_specs_are_had_by_kind() -> None:
    specs = Specs(owner={"timezone": "UTC"}, landing={"quiz": {"url": "https://lp.example.com"}})
    assert specs.of("landing") == {"quiz": {"url": "https://lp.example.com"}}
    assert specs.of("owner") == {"": {"timezone": "UTC"}}


def test_specs_survive_json_unchanged(apply: Callable, sample: str) -> None:
    specs, _ = apply(sample)
    for kind in ("owner", *KINDS):
        assert json.loads(json.dumps(specs.of(kind))) == specs.of(kind)
