"""Masks what is secret in a request before anybody keeps or shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

MASK = "***"
IDEMPOTENCY_KEY = "Idempotency-Key"  # the relay's own id, which the other side may know
_SECRET = re.compile(r"(^|[^a-z])(auth\w*|cookie|token|secret|key|apikey|password|passwd|pwd|signature|sig)([^a-z]|$)")
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|key|password", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_secret_name(name: str) -> bool:
    return _SECRET.search(_CAMEL.sub("_", name).lower()) is not None


def is_secret_header(name: str) -> bool:
    """A header's name says so more loosely than a parameter's: `X-Apitoken` counts."""
    return name != IDEMPOTENCY_KEY and (is_secret_name(name) or _SECRET_HEADER.search(name) is not None)


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if is_secret_header(name) else value for name, value in headers.items()}


def masked_url(url: str) -> str:
    parts = urlsplit(url)
    pairs = [_masked_pair(pair) for pair in parts.query.split("&")]
    return urlunsplit(parts._replace(query="&".join(pairs)))


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={MASK}" if equals and value and is_secret_name(name) else pair
