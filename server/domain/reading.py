"""Reads a network's request, however it was written, into parameters; what was odd about it is said, not dropped."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from html.entities import html5
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from server.domain.unreplaced import is_unreplaced

QUOTES = "\"'“”‘’«»„`"
_NOTHING = frozenset({"", "null", "undefined", "nil"})
_BLANKS = "".join(map(chr, range(0x21))) + "\x7f\x85\xa0\u200b\u200c\u200d\u2028\u2029\u202f\u3000\ufeff"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_AMP = re.compile(rb"&(?:amp;)+", re.IGNORECASE)
_SECOND_QUESTION_MARK = re.compile(rb"\?(?=[A-Za-z0-9_.\-\[\]%]+=)")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITIES = {sign: name for name, sign in html5.items() if not name.endswith(";") and not sign.isascii()}
_SWALLOWED = re.compile(f"([{''.join(map(re.escape, _ENTITIES))}])([A-Za-z0-9_]*)=")
# Nothing to clean, and no macro: those are words in capitals, or stand between xx and xx.
_QUICK = re.compile(
    r"([a-z][a-z0-9_]*)="
    r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|(?!xx)(?=[A-Za-z.-]*[0-9])[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
)
_MAX_DEPTH = 20
_LONGEST_HEADER = 1000
# Codecs that stand for no older charset, and some of which give half characters.
_NO_CHARSETS = frozenset({"unicode-escape", "raw-unicode-escape", "punycode", "idna", "utf-7", "undefined"})
_FIELD_NAME = re.compile(r';\s*name\s*=\s*(?:"([^"]*)"|([^\s";]+))', re.IGNORECASE)


class Parameter(NamedTuple):
    """One parameter: its name without case, its value cleaned, and both readings of a macro nobody replaced."""

    name: str
    value: str
    is_macro: bool = False

    @property
    def is_nothing(self) -> bool:
        return self.is_macro or self.value.casefold() in _NOTHING

    def twice_decoded(self) -> Parameter:
        """For the fields that are known to come encoded twice."""
        if "%" not in self.value or not _ESCAPED.search(self.value):
            return self
        value = clean(_to_text(unquote_to_bytes(self.value.encode()), None)[0])
        return Parameter(self.name, value, self.is_macro or is_unreplaced(value))


@dataclass(slots=True)
class Reading:
    parameters: list[Parameter] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)  # what passed through careless hands, in words
    unreadable: str | None = None  # why the body could not be read


def first_said(reading: Reading) -> dict[str, str]:
    """The first value of each name that says something."""
    found: dict[str, str] = {}
    for parameter in reading.parameters:
        if not parameter.is_nothing:
            found.setdefault(parameter.name, parameter.value)
    return found


def said_plainly(query: bytes) -> dict[str, str] | None:
    """What `first_said` finds, where each pair says plainly what it says; None where one does not."""
    if not query.isascii():
        return None
    found: dict[str, str] = {}
    for pair in query.decode().split("&"):
        quick = _QUICK.fullmatch(pair)
        if quick is None:
            return None
        if quick[2].casefold() not in _NOTHING:
            found.setdefault(quick[1], quick[2])
    return found


def read_request(query: bytes, body: bytes, content_type: str, names: Collection[str]) -> Reading:
    """The query first, then the body; `names` are the parameter names that mean something to the network."""
    reading = Reading()
    _read_pairs(reading, query, None, names)
    if body.strip():
        _read_body(reading, body, content_type, names)
    return reading


def clean(value: str) -> str:
    """Blanks, quotes and a trailing slash around a value fall away; control bytes inside are kept, escaped."""
    if value.isprintable() and value[:1].isalnum() and value[-1:].isalnum():
        return value
    while (shorter := value.strip(_BLANKS).strip(QUOTES).rstrip("/")) != value:
        value = shorter
    return _CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", value)


def _read_pairs(reading: Reading, raw: bytes, charset: str | None, names: Collection[str]) -> None:
    mended = raw.lstrip(b"?")
    if mended != raw:
        reading.oddities.append("a second ? before the first parameter")
    for sign, pattern, oddity in (
        (b";", _AMP, "&amp; stands for &"),
        (b"?", _SECOND_QUESTION_MARK, "a second ? stands for &"),
    ):
        again = pattern.sub(b"&", mended) if sign in mended else mended
        if again != mended:
            reading.oddities.append(oddity)
            mended = again
    if _is_plain(mended):
        _add_plain(reading, mended)
        return
    for pair in mended.split(b"&"):
        if _is_plain(pair):
            _add_plain(reading, pair)
            continue
        name, _, value = pair.partition(b"=")
        name_text, _ = _decode(name, charset)
        value_text, odd = _decode(value, charset)
        if odd:
            reading.oddities.append(odd)
        raw_value = value.decode("latin-1")
        if value_text.isascii():
            _add(reading, name_text, value_text, raw_value)
            continue
        for one_name, one_value in _unswallow(name_text, value_text, names, reading.oddities):
            _add(reading, one_name, one_value, raw_value if one_value == value_text else "")


def _is_plain(raw: bytes) -> bool:
    """It stands there as it is meant."""
    return raw.isascii() and b"%" not in raw and b"+" not in raw


def _add_plain(reading: Reading, raw: bytes) -> None:
    for pair in raw.decode().split("&"):
        if quick := _QUICK.fullmatch(pair):
            reading.parameters.append(Parameter(quick[1], quick[2]))
        elif pair:
            name, _, value = pair.partition("=")
            _add(reading, name, value)


def _unswallow(name: str, value: str, names: Collection[str], oddities: list[str]) -> Iterator[tuple[str, str]]:
    """`¤cy=` is what HTML leaves of `&currency=`: found again where the whole is a name that means something."""
    start = 0
    for match in _SWALLOWED.finditer(f"{value}="):
        whole = (_ENTITIES[match[1]] + match[2]).casefold()
        if whole in names:
            oddities.append(f"HTML turned &{whole}= into {match[0]}")
            yield name, value[start : match.start()]
            name, start = whole, match.end()
    yield name, value[start:]


def _add(reading: Reading, name: str, value: str, raw_value: str = "") -> None:
    cleaned = clean(value)
    is_macro = is_unreplaced(cleaned) or (raw_value not in ("", value) and is_unreplaced(clean(raw_value)))
    is_clean_name = name.isidentifier() and name.isascii() and name.islower()
    reading.parameters.append(Parameter(name if is_clean_name else clean(name).casefold(), cleaned, is_macro))


def _decode(raw: bytes, charset: str | None) -> tuple[str, str | None]:
    return _to_text(unquote_to_bytes(raw.replace(b"+", b" ")) if b"%" in raw or b"+" in raw else raw, charset)


def _to_text(raw: bytes, charset: str | None) -> tuple[str, str | None]:
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        if charset and (text := _decode_as(raw, charset)) is not None:
            return text, f"text in {charset}"
        return raw.decode("utf-8", _KEEP), "bytes that are no text"


def _decode_as(raw: bytes, charset: str) -> str | None:
    try:
        return None if codecs.lookup(charset).name in _NO_CHARSETS else raw.decode(charset)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _keep_as_escapes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"%{byte:02X}" for byte in error.object[error.start : error.end]), error.end


_KEEP = "tallyback-keep"
codecs.register_error(_KEEP, _keep_as_escapes)


def _read_body(reading: Reading, body: bytes, content_type: str, names: Collection[str]) -> None:
    kind, charset = _content_type(content_type)
    body = _without_byte_order_mark(reading, body)
    if kind == "multipart/form-data":
        _read_multipart(reading, body, content_type)
        return
    is_called_json = kind.endswith("json")
    if body.lstrip()[:1] in (b"{", b"["):
        if not is_called_json and kind:
            reading.oddities.append(f"JSON called {kind}")
        _read_json(reading, body, charset)
    elif is_called_json and b"=" not in body:
        _read_json(reading, body, charset)
    else:
        if is_called_json:
            reading.oddities.append("a form called JSON")
        _read_pairs(reading, body.strip(), charset, names)


def _content_type(content_type: str) -> tuple[str, str | None]:
    kind, *options = content_type.lower().split(";")
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "charset":
            return kind.strip(), value.strip(" \"'")
    return kind.strip(), None


def _without_byte_order_mark(reading: Reading, body: bytes) -> bytes:
    for mark, charset in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            reading.oddities.append("a byte-order mark")
            text = _decode_as(body if charset == "utf-16" else body[len(mark) :], charset)
            return body[len(mark) :] if text is None else text.encode("utf-8", "surrogatepass")
    return body


def _read_json(reading: Reading, body: bytes, charset: str | None) -> None:
    text, oddity = _to_text(body, charset)
    if oddity:
        reading.oddities.append(oddity)
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        reading.unreadable = f"the body is not JSON ({error})"[:200]
        return
    if not text.lstrip().startswith("{"):
        reading.unreadable = "the body is JSON, but not one object"
        return
    for name, value in _leaves(document, "", _MAX_DEPTH):
        _add(reading, _without_surrogates(name), _without_surrogates(value))


def _leaves(pairs: list[tuple[str, Any]], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        if isinstance(value, str):
            yield prefix + name, value
        elif isinstance(value, bool):
            yield prefix + name, str(value).lower()
        elif value is None:
            yield prefix + name, ""
        elif depth and isinstance(value, list) and all(isinstance(item, tuple) for item in value):
            yield from _leaves(value, f"{prefix}{name}.", depth - 1)


def _without_surrogates(text: str) -> str:
    """Half a character is no text: kept the way JSON wrote it."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _read_multipart(reading: Reading, body: bytes, content_type: str) -> None:
    """By the plainest policy and a name of our own finding: the richer ones stumble over hostile headers."""
    head = f"Content-Type: {' '.join(content_type[:_LONGEST_HEADER].split())}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=compat32).parsebytes(head + body)
    parts = message.get_payload()
    if not isinstance(parts, list):
        reading.unreadable = "the body is not the multipart form that it is called"
        return
    for part in parts:
        if not isinstance(part, Message):
            continue
        name = _FIELD_NAME.search(str(part.get("content-disposition", ""))[:_LONGEST_HEADER])
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            _add(reading, name[1] or name[2] or "", _to_text(content, None)[0])
