"""What a visitor's request says, as both ways of a click read it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.domain.reading import first_said, read_request, said_plainly
from server.domain.things import Campaign
from server.pipeline.click import LONGEST_VALUE, PLATFORM_IDS, Visit
from server.visitor.bots import PREFETCH
from server.visitor.visitors import Visitors
from server.web import cookie
from server.web.request import header_text

TICKET = "tallyback_test"
_NAMES = frozenset({"ext", "cost", *(f"sub{number}" for number in range(1, 21)), *PLATFORM_IDS})
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def visit_of(
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    ip: str,
    now: int,
    campaign: Campaign,
    visitors: Visitors,
) -> Visit:
    """Headers as WSGI has them, without its HTTP_."""
    agent = (header_text(headers.get("USER_AGENT", "")) or "")[:LONGEST_VALUE] or None
    known = cookie.visitor_key(headers)
    key = known if known is not None else visitors.key(campaign.id, ip, agent)
    return Visit(
        arrived_at=now,
        parameters=parameters,
        ip=ip,
        user_agent=agent,
        referrer=header_text(headers.get("REFERER", "")),
        language=_language(header_text(headers.get("ACCEPT_LANGUAGE", ""))),
        facts=visitors.facts(ip, agent, headers, now),
        is_returning=known is not None or visitors.knows(key, now),
        visitor_key=key,
    )


def remember(visit: Visit, visitors: Visitors) -> None:
    """From now on this visitor returns; a browser that only loads ahead has not been here."""
    if visit.visitor_key is not None and visit.facts.get("bot") != PREFETCH:
        visitors.remember(visit.visitor_key, visit.arrived_at)


def parameters_of(query: bytes) -> Mapping[str, str]:
    plainly = said_plainly(query)
    return first_said(read_request(query, b"", "", _NAMES)) if plainly is None else plainly


def _language(accepted: str | None) -> str | None:
    match = _LANGUAGE.match(accepted or "")
    return match[0].lower() if match else None
