"""What a request says, free of the web framework: raw query, headers, address."""

from __future__ import annotations

import contextlib
import re

from flask import Request, Response

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_GET_METHODS = ["GET", "HEAD"]
GET_ONLY = {"methods": _GET_METHODS, "provide_automatic_options": False}
GET_AND_POST = {"methods": [*_GET_METHODS, "POST"], "provide_automatic_options": False}
NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
NO_STORE = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer-when-downgrade"}


def raw_query(request: Request) -> bytes:
    """As it came: the framework reads it more kindly than a receipt may be read."""
    return str(request.environ.get("QUERY_STRING", "")).encode("latin-1", "replace")


def headers_of(request: Request) -> dict[str, str]:
    """Under the names of WSGI, without its HTTP_."""
    return {name[5:]: value for name, value in request.environ.items() if name.startswith("HTTP_")}


def header_text(value: str) -> str | None:
    """As it came: WSGI hands the bytes over as Latin-1, browsers send UTF-8. Control characters become blanks."""
    if value.isascii() and value.isprintable():
        return value.strip(" ") or None
    with contextlib.suppress(UnicodeError):
        value = value.encode("latin-1").decode()
    return _CONTROL.sub(" ", value).strip(" ") or None


def address(request: Request) -> str:
    return request.remote_addr or ""


def on_to(location: str | None, cookie: str = "") -> Response:
    """Where a visitor goes; nowhere is an empty 404."""
    if location is None:
        return Response(b"", 404)
    return Response(b"", 302, {"Location": location, **NO_STORE, **({"Set-Cookie": cookie} if cookie else {})})
