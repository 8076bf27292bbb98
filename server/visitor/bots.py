"""Why a request is taken for a bot's, where its agent does not say so: ranges, robots.txt, looking ahead."""

from __future__ import annotations

from collections.abc import Mapping

PREFETCH = "prefetch"
ROBOTS = "robots.txt"
_TELLING = frozenset({"PURPOSE", "SEC_PURPOSE", "X_PURPOSE", "X_MOZ"})
_AHEAD = ("prefetch", "preview", "prerender")


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """A browser that loads ahead of a person who may never come; headers as WSGI has them, without its HTTP_."""
    if _TELLING.isdisjoint(headers):
        return False
    said = " ".join(headers.get(name, "") for name in _TELLING).lower()
    return any(word in said for word in _AHEAD)
