"""The cookie by which a visitor is known again: one for each campaign, of which nobody but this campaign hears."""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.domain.things import Campaign, Owner
from server.pipeline.click import Visit
from server.visitor.bots import PREFETCH

_NAME = "visitor"
_YEAR_S = 365 * 24 * 60 * 60
_FOUND = re.compile(rf"(?:^|;) *{_NAME}=([0-9a-f]{{16}}) *(?:;|$)")


def visitor_key(headers: Mapping[str, str]) -> int | None:
    """Headers as WSGI has them, without its HTTP_."""
    said = headers.get("COOKIE")
    found = _FOUND.search(said) if said else None
    return int(found[1], 16) if found else None


def new_cookie(visit: Visit, headers: Mapping[str, str], campaign: Campaign, owner: Owner, *, is_https: bool) -> str:
    """A Set-Cookie for who has none yet, else nothing."""
    if visit.visitor_key is None or visitor_key(headers) is not None or visit.facts.get("bot") == PREFETCH:
        return ""
    is_secure = is_https or (campaign.domain or owner.domain or "").startswith("https://")
    return (
        f"{_NAME}={visit.visitor_key:016x}; Max-Age={_YEAR_S}; Path=/c/{campaign.key}; HttpOnly; SameSite=Lax"
        f"{'; Secure' if is_secure else ''}"
    )
