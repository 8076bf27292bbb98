"""Templates of URLs, bodies and headers: `{macro}`, encoded for where it stands.

`{payout:EUR}` converts, `{status|approved=1|rejected=0}` maps, `{event|raw}` leaves as is, `{sub3|none}` is a default.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, quote_plus, urlsplit

Place = Literal["url", "json", "form", "header"]
Values = Callable[[str, str | None], str | None]  # macro and the currency asked for -> its value

MACROS = (
    *("click_id", "external_id", "payout", "sale_amount", "currency", "status", "event", "txn_id", "conversion_id"),
    *("time", "time_ms", "time_iso", "click_time", "click_time_ms", "campaign", "source", "network", "offer"),
    *("landing", "country", "device", "os", "browser", "ip", "user_agent"),
    *(f"sub{number}" for number in range(1, 21)),
    *(f"custom{number}" for number in range(1, 6)),
)
_KNOWN = frozenset(MACROS)
_CONVERTIBLE = frozenset({"payout", "sale_amount"})
_MACRO = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z]{3,5}))?((?:\|[^{}|]*)*)\}")
_LIKE_A_MACRO = re.compile(r"\{([A-Za-z_][\w.-]*+)([:|][^{}\"\s]*+)?\}")  # {click-id}, {payout:EU}
_LIKE_A_MACRO_OR_ONE = re.compile(f"{_MACRO.pattern}|{_LIKE_A_MACRO.pattern}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ITSELF = re.compile(r"[A-Za-z0-9_~-]+")  # means the same wherever it stands
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")  # as JSON writes it: 007 is a word there


@dataclass(frozen=True, slots=True)
class Macro:
    name: str
    currency: str | None
    is_raw: bool
    words: Mapping[str, str]
    default: str | None
    in_text: bool  # JSON: within quotes


Part = str | Macro


@functools.lru_cache(maxsize=1024)
def parse(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    in_text = False
    for match in _MACRO.finditer(template):
        fixed = template[end : match.start()]
        in_text ^= (fixed.replace("\\\\", "").replace('\\"', "").count('"') % 2) == 1
        if fixed:
            parts.append(fixed)
        parts.append(_macro(match, in_text=in_text))
        end = match.end()
    if end < len(template):
        parts.append(template[end:])
    return tuple(parts)


@functools.lru_cache(maxsize=1024)
def with_click_id(url: str) -> str:
    """The template of a page's URL, with the click id in its query where it says it nowhere."""
    if any(isinstance(part, Macro) and part.name == "click_id" for part in parse(url)):
        return url
    address, sign, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}click={{click_id}}{sign}{fragment}"


def render(template: str, place: Place, values: Values) -> str:
    return "".join(text for text, _ in pieces(template, place, values))


def pieces(template: str, place: Place, values: Values) -> Iterator[tuple[str, bool]]:
    """What a template renders to, piece by piece: its own text, and (True) what stands for a macro."""
    in_query = False
    for part in parse(template):
        if isinstance(part, str):
            in_query = in_query or "?" in part
            yield part, False
            continue
        value = values(part.name, part.currency)
        if value is not None and part.words:
            value = part.words.get(value, part.words.get(value.casefold(), value))
        if value is None or value == "":
            value = part.default or ""
        yield _encode(value, place, part, in_query=in_query), True


def macro_spans(template: str) -> Iterator[tuple[int, int, bool]]:
    """Where macros stand, and what looks like one: start, end, whether it is known."""
    for match in _LIKE_A_MACRO_OR_ONE.finditer(template):
        is_macro = _MACRO.fullmatch(match[0])
        yield match.start(), match.end(), bool(is_macro and is_macro[1] in _KNOWN)


def problem_of(template: str, place: Place) -> str | None:
    """A sentence that says what is wrong with a template, or None."""
    for part in parse(template):
        if problem := _macro_problem(part) if isinstance(part, Macro) else _left_problem(part):
            return problem
    match place:
        case "url":
            return _url_problem(template)
        case "header":
            return "a header cannot hold a line break or control character" if _CONTROL.search(template) else None
        case "json":
            return _json_problem(template)
        case "form":
            return None


def _macro(match: re.Match[str], *, in_text: bool) -> Macro:
    name, currency, modifiers = match.groups()
    words: dict[str, str] = {}
    default: str | None = None
    is_raw = False
    for modifier in modifiers.split("|")[1:]:
        if modifier == "raw":
            is_raw = True
        elif "=" in modifier:
            word, _, meaning = modifier.partition("=")
            words[word] = meaning
        else:
            default = modifier
    return Macro(name, currency.upper() if currency else None, is_raw, words, default, in_text)


def _encode(value: str, place: Place, macro: Macro, *, in_query: bool) -> str:
    if place != "json" and _ITSELF.fullmatch(value):
        return value
    clean = value.encode("utf-8", "replace").decode()
    if place == "json":
        if macro.in_text:
            return json.dumps(clean)[1:-1]
        return clean if _NUMBER.fullmatch(clean) else json.dumps(clean) if clean else "null"
    if macro.is_raw or place == "header":
        clean = _CONTROL.sub("", clean)
        return quote(clean, safe=_ASCII) if place != "header" else clean.encode("ascii", "xmlcharrefreplace").decode()
    if place == "form":
        return quote_plus(clean)
    return quote(clean, safe="") if in_query else _path_segment(clean)


_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))


def _path_segment(value: str) -> str:
    """A value in a path stays one segment: a lone dot or two would climb."""
    return value.replace(".", "%2E") if value in (".", "..") else quote(value, safe="")


def _macro_problem(macro: Macro) -> str | None:
    if macro.name not in _KNOWN:
        return _unknown(macro.name, macro.name)
    if macro.currency and macro.name not in _CONVERTIBLE:
        return f"{{{macro.name}:{macro.currency}}}: only {{payout}} and {{sale_amount}} convert to a currency"
    return None


def _left_problem(fixed: str) -> str | None:
    left = _LIKE_A_MACRO.search(fixed)
    return _unknown(left[1] + (left[2] or ""), left[1]) if left else None


def _unknown(macro: str, name: str) -> str:
    near = difflib.get_close_matches(name.lower(), MACROS, 1)
    hint = f"; did you mean {{{near[0]}}}?" if near else ""
    return f"unknown macro {{{macro}}}{hint}"


def _url_problem(template: str) -> str | None:
    if re.search(r"\s", template) or _CONTROL.search(template):
        return "a URL holds no blanks or line breaks"
    try:
        parts = urlsplit(template)
        _ = parts.port
    except ValueError as error:
        return f"not a URL: {error}"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "a URL starts with https:// or http:// and a host"
    if "{" in parts.netloc or "{" in parts.scheme:
        return "a macro cannot stand in the host of a URL: it would let strangers choose where visitors go"
    if "@" in parts.netloc:
        return "a URL with a user name or password in it is refused"
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        return "the host of a URL is a name that cannot be looked up"
    return None


def _json_problem(template: str) -> str | None:
    sample = render(template, "json", lambda _name, _currency: "1")
    try:
        json.loads(sample)
    except (ValueError, RecursionError) as error:
        return f"the body is not JSON: {error}"
    return None
