"""The built-in templates as plain rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from server.catalog import load_catalog
from server.errors import NothingMatched, nearest


def templates() -> list[dict[str, Any]]:
    catalog = load_catalog()
    return [
        {"type": kind, **asdict(template)}
        for kind, templates in (("network", catalog.networks), ("source", catalog.sources))
        for template in templates.values()
    ]


def templates_called(name: str) -> list[dict[str, Any]]:
    """A network and a source may share a name."""
    every = templates()
    found = [row for row in every if row["key"] == name.strip().lower()]
    if not found:
        near = nearest(name.lower(), {row["key"] for row in every})
        remedy = f"Did you mean {near}?" if near else "See `tallyback catalog`."
        raise NothingMatched(f"There is no template {name[:40]}.", remedy=remedy)
    return found
