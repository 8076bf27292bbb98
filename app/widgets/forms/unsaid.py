"""Finds in a template what only its owner knows, so that it is left out of everything that is only looked at."""

from __future__ import annotations

import re

from server.domain.masking import MASK, is_secret_name

# A value with a macro in it is no secret: only examples are shown for macros.
_PAIR = re.compile(r"(?:^|[?&])(?P<name>[^=&?#]+)=(?P<value>[^&#{}]+)(?=[&#]|$)")
_MEMBER = re.compile(r'"(?P<name>[^"]+)"\s*:\s*"(?P<value>[^"{}]+)"')


def secrets_in(template: str) -> list[tuple[int, int]]:
    """Where the values of a URL or body stand whose names say that they are secrets."""
    found = list(_MEMBER.finditer(template)) or list(_PAIR.finditer(template))
    return [match.span("value") for match in found if is_secret_name(match["name"])]


def unsaid(template: str) -> str:
    """The same template with a mask for each secret."""
    for start, end in reversed(secrets_in(template)):
        template = template[:start] + MASK + template[end:]
    return template
