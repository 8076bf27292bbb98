"""What every answer has to be like, whatever was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.fuzz.talk import Answer, Exchange, Owed

STATUSES = {200, 302, 400, 403, 404, 413, 429, 431, 501}
NAMES = {
    *("Cache-Control", "Connection", "Content-Length", "Content-Type", "Date", "Location", "Referrer-Policy"),
    *("Retry-After", "Server"),
}
_LINE = re.compile(r"([A-Za-z-]+): ([ -~]*)")
_FIRST = re.compile(rb"HTTP/1\.[01] \d{3} [ -~]+")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_LOCATION = re.compile(
    r"https://(?:go\.example\.net(?:/in/[^/?#]*|/[a-z]+/[^/?#]*/|/)?\?sub1=|lp\.example\.com/quiz/[^/?#]*\?c=)"
    r"[0-9a-z]{23}(?:&[!-~]*)?(?:#[!-~]*)?"
)
_FALLBACK = "https://fallback.example/none"
_SAID = re.compile(rb"OK [a-z]+ [0-9]+|STORED [a-z_]+")


def complaints(made: Exchange) -> Iterator[str]:
    if made.attempt.ending == "reads":
        yield from made.trouble
        if made.seconds > 2:
            yield f"took {made.seconds:.2f} s"
    for owed, answer in made.answered:
        yield from _head(owed, answer)
        yield from _body(owed, answer)


def _head(owed: Owed, answer: Answer) -> Iterator[str]:
    first, *lines = answer.head.split(b"\r\n")
    if not _FIRST.fullmatch(first):
        yield f"{first[:100]!r} begins no answer"
    if answer.status not in STATUSES:
        yield f"{owed.method} {owed.path[:80]!r} was answered {answer.status}"
    headers: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line.decode("latin-1"))
        if match is None or match[1] not in NAMES:
            yield f"{line[:100]!r} is no header of ours"
        elif match[1] in headers:
            yield f"{match[1]} stands there twice"
        else:
            headers[match[1]] = match[2]
    if not _DATE.fullmatch(headers.get("Date", "")):
        yield "it has no date"
    if ("Location" in headers) != (answer.status == 302):
        yield f"{answer.status} with the headers {sorted(headers)}"
    where = headers.get("Location", _FALLBACK)
    if where != _FALLBACK and not _LOCATION.fullmatch(where):
        yield f"it leads to {where[:300]!r}"
    if answer.status == 501 and not owed.is_refused:
        yield "501, and it is not the parser's"


def _body(owed: Owed, answer: Answer) -> Iterator[str]:
    if owed.is_refused:
        if b"Traceback" in answer.body or b"waitress" in answer.body:
            yield f"it tells what we are made of: {answer.body[:200]!r}"
    elif answer.status == 302 and answer.body:
        yield f"a body where none belongs: {answer.body[:100]!r}"
    elif answer.status != 302 and owed.method in ("GET", "POST") and is_said(owed, answer):
        if not _SAID.fullmatch(answer.body):
            yield f"a network is answered {answer.body[:100]!r}"
    elif answer.status not in (200, 429) and answer.body:
        yield f"{answer.status} with a body: {answer.body[:100]!r}"


def is_said(owed: Owed, answer: Answer) -> bool:
    """Whether a network hears what became of its request."""
    is_there = owed.path == "/p" or owed.path.startswith("/p/")
    return is_there and answer.status in (200, 400, 403, 404) and answer.body != b""
