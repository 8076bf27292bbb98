"""What a visitor's request says, as both ways of a click read it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.domain.reading import first_said, read_request
from server.pipeline.click import PLATFORM_IDS, Visit
from server.web.request import header_text

TICKET = "tallyback_test"
_NAMES = frozenset({"ext", "cost", *(f"sub{number}" for number in range(1, 21)), *PLATFORM_IDS})
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def visit_of(parameters: Mapping[str, str], headers: Mapping[str, str], ip: str, now: int) -> Visit:
    """Headers as WSGI has them, without its HTTP_."""
    return Visit(
        arrived_at=now,
        parameters=parameters,
        ip=ip,
        user_agent=header_text(headers.get("USER_AGENT", "")),
        referrer=header_text(headers.get("REFERER", "")),
        language=_language(header_text(headers.get("ACCEPT_LANGUAGE", ""))),
    )


def parameters_of(query: bytes) -> Mapping[str, str]:
    return first_said(read_request(query, b"", "", _NAMES))


def _language(accepted: str | None) -> str | None:
    match = _LANGUAGE.match(accepted or "")
    return match[0].lower() if match else None
