"""Headers as they come: usual, odd, forged, repeated, broken."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fuzz.visitors import AHEAD, agent, cookie
from tests.fuzz.words import Words

HEADERS = [
    *("User-Agent", "Referer", "Accept-Language", "Cookie", "Accept", "X-Forwarded-Host", "X-Forwarded-Proto", "Host"),
    *(
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "Range",
        "If-None-Match",
        "If-Modified-Since",
        "Via",
    ),
    *(
        "Authorization",
        "Proxy",
        "Proxy-Authorization",
        "Upgrade",
        "Te",
        "Trailer",
        "Origin",
        "Accept-Encoding",
        "X-Signature",
    ),
    *("Content-Type", "Content-Encoding", "Keep-Alive", "Expect", "Max-Forwards", "From", "Forwarded", "X-Real-IP"),
    *("X_Forwarded_For", "Content_Length", "Content-Length-", "REMOTE_ADDR", "wsgi.input", "A" * 200, "!#$%&'*+.^`|~-"),
]
HOSTS = [
    "trk.example.com",
    "evil.example",
    "",
    "a b",
    "é",
    "[::1",
    "evil.example/x",
    "a, b",
    "a:b:c",
    "127.0.0.1:0",
    "@x",
]
ADDRESSES = [
    "203.0.113.7",
    "10.0.0.1",
    "2001:db8::7",
    "[2001:db8::7]:80",
    "192.0.2.9",
    "198.51.100.7",
    "127.0.0.1",
    "unknown",
    "999.1.1.1",
    "",
    "1",
    "::",
]
_CONTROL = bytes({*range(0x20), 0x7F} - {0x09})


def headers(words: Words, more: Sequence[bytes]) -> list[bytes]:
    """Those of a browser or a program, some that mean to mislead, and those that the request needs."""
    chance, is_so = words.chance, words.is_so
    made = [b"Host: " + chance.choice(HOSTS[:1] * 12 + HOSTS).encode()] if is_so(0.97) else []
    if is_so(0.4):
        made.append(b"User-Agent: " + line(agent(words)))
    if is_so(0.25):
        made.append(b"Cookie: " + line(cookie(words)))
    if is_so(0.06):
        made.append(chance.choice(AHEAD).encode())
    if is_so(0.1):
        made.append(b"X-Forwarded-Proto: " + chance.choice((b"https", b"http", b"http, HTTPS", b"x", b"https,")))
    if is_so(0.4):
        names = chance.choice((b"X-Forwarded-For: ", b"X-Forwarded-For:", b"x-forwarded-for: ", b"Forwarded: for="))
        made.append(names + b", ".join(chance.choice(ADDRESSES).encode() for _ in range(chance.choice((1, 1, 2, 9)))))
    count = range(chance.choice((0, 0, 0, 1, 1, 2, 6)))
    made += [chance.choice(HEADERS).encode() + b": " + line(words.value()) for _ in count]
    if is_so(0.5):
        made.append(b"Connection: " + chance.choice((b"close",) * 6 + (b"keep-alive", b"Keep-Alive", b"upgrade", b"")))
    if is_so(0.03):
        odd = (
            b" folded",
            b"\tfolded",
            b"nocolon",
            b": x",
            b"X : y",
            b"X-A: b\x00c",
            b"X-A: b\rX-B: c",
            b"X-\xff: a",
            b"",
        )
        made.insert(chance.randrange(len(made) + 1), chance.choice(odd))
    if made and is_so(0.04):
        made.append(chance.choice(made))
    return [*made, *more]


def line(value: str) -> bytes:
    """A header's value that the parser lets through."""
    return value.encode("utf-8", "surrogatepass").translate(None, _CONTROL)[:3000]
