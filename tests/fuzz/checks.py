"""What every answer has to be like, whatever was asked."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator

from tests.fuzz.answers import REFUSED, STATUSES, VARYING, headers_due, kind_of, type_due
from tests.fuzz.pages import SCRIPT
from tests.fuzz.talk import Answer, Exchange, Owed

FALLBACK = "https://fallback.example/none"
DOT = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
_LINE = re.compile(r"([A-Za-z-]+): ([ -~]*)")
_FIRST = re.compile(rb"HTTP/1\.[01] \d{3} [ -~]+")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_REST = r"[0-9a-z]{23}(?:&[!-~]*)?(?:#[!-~]*)?"
_OFFER = re.compile(rf"https://go\.example\.net(?:/in/[^/?#]*|/[a-z]+/[^/?#]*/|/)?\?sub1={_REST}")
_PAGE = re.compile(rf"https://lp\.example\.com/(?:quiz/[^/?#]*\?c=|page/[^/?#]*\?a=1&click=){_REST}")
_INSTEAD = re.compile(rf"https://(?:else|bots)\.example/[^/?#]*\?c={_REST}")
_LEADS_TO = {"go": (_OFFER,), "click": (_OFFER, _PAGE, _INSTEAD)}
_SAID = re.compile(rb"OK [a-z]+ [0-9]+|STORED [a-z_]+")
_REGISTERED = re.compile(rb'\{"click":"[0-9a-z]{23}"\}\n')
_ROBOTS = b"User-agent: *\nDisallow: /\n"
_TOO_MANY = b"too many requests for what is not here"


def complaints(made: Exchange) -> Iterator[str]:
    if made.attempt.ending == "reads":
        yield from made.trouble
        if made.seconds > 2:
            yield f"took {made.seconds:.2f} s"
    for owed, answer in made.answered:
        kind = kind_of(owed)
        if answer.status not in STATUSES[kind]:
            yield f"{owed.method} {owed.path[:80]!r} ({kind}) was answered {answer.status}"
        yield from _head(kind, owed, answer, made.attempt.peer)
        if owed.method != "HEAD" and not _is_right(kind, answer):
            yield f"{kind} is answered {answer.status} with {answer.body[:200]!r}"


def _head(kind: str, owed: Owed, answer: Answer, peer: str) -> Iterator[str]:
    first, *lines = answer.head.split(b"\r\n")
    if not _FIRST.fullmatch(first):
        yield f"{first[:100]!r} begins no answer"
    headers: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line.decode("latin-1"))
        if match is None:
            yield f"{line[:100]!r} is no header of ours"
        elif match[1] in headers:
            yield f"{match[1]} stands there twice"
        else:
            headers[match[1]] = match[2]
    found = {name: value for name, value in headers.items() if name not in VARYING}
    due = headers_due(kind, owed, answer, found, peer)
    if found != due:
        yield f"{kind} has the headers {found}, due are {due}"
    yield from _varying(kind, owed, answer, headers)


def _varying(kind: str, owed: Owed, answer: Answer, headers: dict[str, str]) -> Iterator[str]:
    if not _DATE.fullmatch(headers.get("Date", "")):
        yield "it has no date"
    if headers.get("Content-Type") != type_due(kind, answer.status):
        yield f"{kind} is of the type {headers.get('Content-Type')}"
    if ("Content-Length" in headers) != (answer.status != 304):
        yield f"{answer.status} with the headers {sorted(headers)}"
    if headers.get("Connection", "close") not in (("close",) if owed.closes else ("close", "Keep-Alive")):
        yield f"the connection is {headers['Connection']!r}"
    if ("Location" in headers) != (answer.status == 302):
        yield f"{answer.status} with the headers {sorted(headers)}"
    where = headers.get("Location", FALLBACK)
    if where != FALLBACK and not any(form.fullmatch(where) for form in _LEADS_TO.get(kind, ())):
        yield f"{kind} leads to {where[:300]!r}"


def _is_right(kind: str, answer: Answer) -> bool:
    """Whether this is a body for whom it is for."""
    match kind, answer.status:
        case (kind, _) if kind == REFUSED:
            return b"Traceback" not in answer.body and b"waitress" not in answer.body
        case ("page", 200):
            return _REGISTERED.fullmatch(answer.body) is not None
        case ("script", 200):
            return (gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body) == SCRIPT
        case ("pixel", _):
            return answer.body == DOT
        case ("robots", _):
            return answer.body == _ROBOTS
        case ("health", _):
            return bool(json.loads(answer.body)["ok"])
        case ("postback", 429):
            return answer.body == _TOO_MANY
        case ("postback", _):
            return _SAID.fullmatch(answer.body) is not None
    return answer.body == b""
