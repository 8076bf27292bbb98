"""What pages ask for: visits as the script registers them, leaving by a link, the script itself, pixels, robots.txt."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence

from server.web.script import served_script
from tests.fuzz.words import CAMPAIGNS, CLICK_NAMES, NETWORKS, Words

SCRIPT = served_script()
PACKED_SCRIPT = gzip.compress(SCRIPT, mtime=0)
TAG, PACKED_TAG = (f'"{hashlib.sha1(made).hexdigest()}"' for made in (SCRIPT, PACKED_SCRIPT))

PAGES = [
    *(
        "https://lp.example.com/a",
        "https://go.example.net/x?y=1#z",
        "https://go.example.net",
        "http://GO.example.net:80/",
    ),
    *("https://elsewhere.example/", "javascript:alert(1)", "https://me:secret@go.example.net/", "//go.example.net/"),
    *("https://[", "https://go.example.net\\@evil.example/", "https://go.example.net/\r\nX: y", "http://", "data:,"),
    "https://go.example.net/" + "x" * 3000,
]
NUMBERS = ("1", "2", "0", "3", "-1", "1.0", "٣", "9" * 50, "01", "1e0", " 1")
ENCODINGS = (
    "gzip",
    "gzip, deflate, br",
    "*",
    "identity",
    "gzip;q=0",
    "br",
    "gzip;q=x",
    "gzip;q=0.0001",
    ",,;",
    "*;q=0",
)
NOT_PIXELS = (
    "maxi.gif/",
    "/maxi.gif",
    ".gif",
    "maxi.png",
    "maxi",
    "%2e%2e/maxi.gif",
    "maxi%00.gif",
    "nobody.gif",
    "é.gif",
)


def visit(words: Words) -> tuple[str, bytes]:
    """As the script tells it."""
    pairs = words.pairs(CLICK_NAMES, 8)
    for name in ("page", "ref"):
        if words.is_so(0.8):
            pairs.append((name, words.written(_page(words))))
    key = words.chance.choice(CAMPAIGNS if words.is_so(0.93) else ("nowhere", "Summer", "", "summer/", "%C3%A9"))
    return f"/t/{key}", words.joined(pairs)


def leaving(words: Words) -> tuple[str, bytes]:
    pairs = [("click", words.written(words.click_id(words.chance.choice(("quiz", *NETWORKS)))))]
    if words.is_so(0.6):
        pairs.append(("offer", words.written(number(words))))
    if words.is_so(0.9):
        pairs.append(("to", words.written(_page(words))))
    return f"/t/{words.chance.choice(CAMPAIGNS)}", words.joined(pairs + words.pairs(CLICK_NAMES, 2))


def number(words: Words) -> str:
    """Which offer of its campaign a page names."""
    return words.chance.choice(NUMBERS) if words.is_so(0.8) else words.value()


def pixel(words: Words) -> tuple[str, bytes]:
    network = words.chance.choice(NETWORKS)
    said = f"{network}.gif" if words.is_so(0.9) else words.chance.choice(NOT_PIXELS)
    return f"/pixel/{said}", words.joined(words.postback(network))


def script_headers(words: Words) -> Sequence[bytes]:
    made = []
    if words.is_so(0.6):
        made.append(b"Accept-Encoding: " + words.chance.choice(ENCODINGS).encode())
    if words.is_so(0.5):
        tags = (TAG, PACKED_TAG, f"W/{TAG}", f'"x", {PACKED_TAG}', "*", TAG[1:-1], '"', "W/", f"{TAG}," * 60)
        made.append(b"If-None-Match: " + words.chance.choice(tags).encode())
    if words.is_so(0.2):
        made.append(b"Range: bytes=" + words.chance.choice((b"0-9", b"5-", b"-1", b"9-1", b"0-0,2-2", b"x")))
    return made


def _page(words: Words) -> str:
    return words.chance.choice(PAGES) if words.is_so(0.75) else words.value()
