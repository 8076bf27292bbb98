"""Which address a request is for, and what belongs to its answer: these statuses, these headers, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.fuzz.pages import PACKED_TAG, TAG
from tests.fuzz.talk import Answer, Owed
from tests.fuzz.visitors import BROWSERS, is_ahead, is_known_again
from tests.fuzz.words import CAMPAIGNS

REFUSED = "refused"  # by the parser
STATUSES: Mapping[str, set[int]] = {
    REFUSED: {400, 413, 431, 501},
    "nothing": {404},
    "click": {302},
    "go": {302},
    "page": {200, 404},
    "script": {200, 304},
    "pixel": {200},
    "robots": {200},
    "health": {200},
    "postback": {200, 400, 403, 404, 429},
}
VARYING = {"Connection", "Content-Length", "Content-Type", "Date", "Location"}  # each has its own rule
SECURED = ("signed",)  # campaigns whose domain is one of https
TRUSTED = "127.0.0.2"
_ADDRESSES = (
    ("click", re.compile(r"/c/[^/][^\n]*")),
    ("go", re.compile(r"/go/?")),
    ("page", re.compile(r"/t/[^/][^\n]*")),
    ("script", re.compile(r"/t\.js/?")),
    ("pixel", re.compile(r"/pixel/[^/][^\n]*\.gif")),
    ("robots", re.compile(r"/robots\.txt/?")),
    ("health", re.compile(r"/healthz/?")),
    ("postback", re.compile(r"/p(?://?|/[^/][^\n]*)?")),
)
_NO_STORE = {"Cache-Control": "no-store, max-age=0", "Referrer-Policy": "no-referrer-when-downgrade"}
_NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
_OF_ANY_PAGE = {"Cross-Origin-Resource-Policy": "cross-origin", **_NO_SNIFFING}
_HEADERS: Mapping[str, Mapping[str, str]] = {
    "click": _NO_STORE,
    "go": _NO_STORE,
    "page": {"Access-Control-Allow-Origin": "*", **_NO_SNIFFING, **_NO_STORE},
    "script": {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding", **_OF_ANY_PAGE},
    "pixel": {**_OF_ANY_PAGE, **_NO_STORE},
    "health": _NO_STORE,
    "postback": _NO_STORE,
}
_HTML, _JSON, _PLAIN = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"
_TYPES = {
    **dict.fromkeys(("click", "go", "nothing"), _HTML),
    **dict.fromkeys((REFUSED, "robots", "postback"), _PLAIN),
    "page": _JSON,
    "health": _JSON,
    "script": "text/javascript; charset=utf-8",
    "pixel": "image/gif",
}
_COOKIE = "visitor=([0-9a-f]{{16}}); Max-Age=31536000; Path=/c/{}; HttpOnly; SameSite=Lax{}"


def kind_of(owed: Owed) -> str:
    if owed.is_refused:
        return REFUSED
    kind = next((kind for kind, pattern in _ADDRESSES if pattern.fullmatch(owed.path)), "nothing")
    is_asked_so = owed.method in ("GET", "HEAD") or (kind == "postback" and owed.method == "POST")
    return kind if is_asked_so else "nothing"


def key_of(owed: Owed) -> str:
    """What follows the first part of the path: of a campaign, mostly."""
    return owed.path.split("/", 2)[-1]


def type_due(kind: str, status: int) -> str | None:
    if status == 304:
        return None
    return _HTML if kind == "page" and status == 404 else _TYPES[kind]


def headers_due(kind: str, owed: Owed, answer: Answer, found: Mapping[str, str], peer: str) -> Mapping[str, str]:
    """But for those that vary."""
    due = dict(_HEADERS.get(kind, {}))
    if kind == "script":
        is_packed = _is_packed(owed, found)
        due["Etag"] = PACKED_TAG if is_packed else TAG
        if is_packed and answer.status == 200:
            due["Content-Encoding"] = "gzip"
    if kind == "postback" and answer.status == 429:
        due["Retry-After"] = "60"
    cookie = found.get("Set-Cookie")
    if kind == "click" and owed.method == "GET" and _is_cookie_due(owed, cookie, peer):
        form = _COOKIE.format(re.escape(key_of(owed)), "; Secure" if _is_secure(owed, peer) else "")
        due["Set-Cookie"] = cookie if cookie and re.fullmatch(form, cookie) else form
    return due


def _is_packed(owed: Owed, found: Mapping[str, str]) -> bool:
    """As whoever asks wants it; where that is not plain, as it says itself."""
    accepted = owed.headers.get("ACCEPT_ENCODING", "")
    if "gzip" not in accepted.lower() and "*" not in accepted:
        return False
    return accepted in ("gzip", "gzip, deflate, br") or found.get("Etag") == PACKED_TAG


def _is_cookie_due(owed: Owed, cookie: str | None, peer: str) -> bool:
    if key_of(owed) not in CAMPAIGNS or is_known_again(owed.headers):
        return False
    if not is_ahead(owed.headers):
        return True
    is_plain_browser = owed.headers.get("USER_AGENT") in BROWSERS and peer != TRUSTED
    return not is_plain_browser and cookie is not None  # a bot that looks ahead is another kind of bot


def _is_secure(owed: Owed, peer: str) -> bool:
    scheme = owed.headers.get("X_FORWARDED_PROTO", "").split(",")[-1].strip().lower()
    return key_of(owed) in SECURED or (peer == TRUSTED and scheme == "https")
