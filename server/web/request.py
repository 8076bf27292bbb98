"""What a request says, free of the web framework: raw query, headers, address."""

from __future__ import annotations

from flask import Request

_GET_METHODS = ["GET", "HEAD"]
GET_ONLY = {"methods": _GET_METHODS, "provide_automatic_options": False}
GET_AND_POST = {"methods": [*_GET_METHODS, "POST"], "provide_automatic_options": False}
NO_STORE = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer-when-downgrade"}


def raw_query(request: Request) -> bytes:
    """As it came: the framework reads it more kindly than a receipt may be read."""
    return str(request.environ.get("QUERY_STRING", "")).encode("latin-1", "replace")


def header(request: Request, name: str) -> str | None:
    value = request.headers.get(name)
    return "".join(c for c in value if c.isprintable()) if value else None


def address(request: Request) -> str:
    return request.remote_addr or ""
