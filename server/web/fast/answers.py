"""Answers as bytes, the same that the plain way would send."""

from __future__ import annotations

import functools
import re
from email.utils import formatdate
from http import HTTPStatus

from server.clock import SECOND
from server.web.fast.reading import Asked
from server.web.postback import Said

# What the plain way would leave as it is: everything else in a Location is for it to write in its own way.
_PLAIN = r"[A-Za-z0-9\-._~%!$&'()*+,/:;=@]"
_HOST = r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*"
_PLAIN_URL = re.compile(
    rf"https?://{_HOST}(?::[1-9][0-9]{{0,4}})?(?:/{_PLAIN}*)?(?:\?(?:{_PLAIN}|\?)+)?(?:#{_PLAIN}+)?"
)
_CLOSE = "Connection: close\r\n"
_CACHE = "Cache-Control: no-store, max-age=0\r\n"
_REFERRER = "Referrer-Policy: no-referrer-when-downgrade\r\n"


def is_plain(location: str) -> bool:
    return _PLAIN_URL.fullmatch(location) is not None


def redirect(asked: Asked, location: str, now: int, cookie: str = "") -> bytes:
    set_cookie = f"Set-Cookie: {cookie}\r\n" if cookie else ""
    return _answer(asked, "302 FOUND", "text/html", now, location=f"Location: {location}\r\n", more=set_cookie)


def line(asked: Asked, said: Said, now: int) -> bytes:
    """One line for a network."""
    again = f"Retry-After: {said.again_in_s}\r\n" if said.again_in_s else ""
    return _answer(asked, _status(said.status), "text/plain", now, more=again, body=said.line)


def _answer(
    asked: Asked, status: str, content: str, now: int, *, location: str = "", more: str = "", body: str = ""
) -> bytes:
    version, connection = "1.1", ""
    if asked.is_old:
        version, connection = "1.0", "Connection: Keep-Alive\r\n" if asked.stays_open else _CLOSE
    elif not asked.stays_open:
        connection = _CLOSE
    return (
        f"HTTP/{version} {status}\r\n{_CACHE}{connection}Content-Length: {len(body)}\r\n"
        f"Content-Type: {content}; charset=utf-8\r\n{_date(now // SECOND)}{location}{_REFERRER}{more}\r\n{body}"
    ).encode("latin-1")


@functools.cache
def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase.upper()}"


@functools.lru_cache(maxsize=2)
def _date(second: int) -> str:
    return f"Date: {formatdate(second, usegmt=True)}\r\n"
