"""Reads a setup file: TOML text into canonical specs, with the line on which each key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.setup.forms import KEY
from server.setup.positions import lines_of
from server.setup.problem import At, BadSetup, Trail, described, hint, quoted
from server.setup.schema import OWNER, SCHEMA
from server.setup.specs import KINDS, Spec, Specs

_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
# Deep keys take tomllib the square of their depth, deep values it gives up without a line: so both are found here.
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
_DEEP_VALUE = re.compile(r"(?:[\[{][^\[\]{}]*+){100}")
_LONG_NUMBER = re.compile(r"[0-9A-Fa-f_]{4000}")


@dataclass(frozen=True, slots=True)
class Document:
    """A setup file that was read: what it says, and where."""

    file: str
    specs: Specs
    lines: Mapping[Trail, int] = field(default_factory=dict)
    indexes: Mapping[tuple[str, str], int] = field(default_factory=dict)  # kind and key -> which [[table]] of the kind

    def line_of(self, kind: str, key: str | int, trail: Trail = ()) -> int | None:
        """The line of a key, or of the nearest key around it; None for a thing that the file does not name."""
        if kind == "owner":
            start: Trail = ()
        else:
            index = key if isinstance(key, int) else self.indexes.get((kind, key))
            if index is None:
                return None
            start = (kind, index)
        ways = ((*start, *trail[:end]) for end in range(len(trail), -1, -1))
        return next((self.lines[way] for way in ways if way in self.lines), None)

    def locate(self, kind: str, key: str | int, trail: Trail = ()) -> str:
        """FILE:LINE, "" for a thing that the file does not name."""
        line = self.line_of(kind, key, trail)
        return f"{self.file}:{line}" if line else ""


def read_document(text: str, file: str) -> Document:
    """Refuse what does not fit at the first line where it does not."""
    text = text.removeprefix("\ufeff")
    raw, lines = _parsed(text, file)
    document = Document(file, Specs(), lines, {})
    document.specs.owner.update(_owner(raw, document))
    indexes: dict[tuple[str, str], int] = {}
    for _, kind, index, thing in sorted(_things(raw, document), key=lambda found: found[0]):
        key, spec = _thing(kind, index, thing, document)
        if (first := indexes.setdefault((kind, key), index)) != index:
            at_lines = [document.line_of(kind, at, ("key",)) for at in (first, index)]
            raise BadSetup(
                f"{kind} {key} is named twice, on lines {at_lines[0]} and {at_lines[1]}.",
                where=f"{file}:{at_lines[1]}",
                remedy="Give one of them another key.",
            )
        document.specs.of(kind)[key] = spec
    return Document(file, document.specs, lines, indexes)


def _parsed(text: str, file: str) -> tuple[dict[str, Any], Mapping[Trail, int]]:
    if match := _DEEP_KEY.search(text):
        raise _too_deep(match, file)
    try:
        return tomllib.loads(text), lines_of(text)
    except RecursionError:
        raise _too_deep(_DEEP_VALUE.search(text), file) from None
    except ValueError as problem:  # no TOML, or a number with thousands of digits
        line, what = _place(str(problem), text)
        raise BadSetup(f"{what}.", where=f"{file}:{line}", remedy="Mend the TOML there.") from None


def _too_deep(match: re.Match[str] | None, file: str) -> BadSetup:
    where = f"{file}:{match.string.count(chr(10), 0, match.start()) + 1}" if match else file
    return BadSetup("This is nested too deeply.", where=where, remedy="No setup goes deeper than a few levels.")


def _place(problem: str, text: str) -> tuple[int, str]:
    if match := _LINE.search(problem):
        return int(match[1]), problem[: match.start()]
    if match := _LONG_NUMBER.search(text):
        return text.count("\n", 0, match.start()) + 1, "This number is too long"
    return text.rstrip("\n").count("\n") + 1, problem.removesuffix(" (at end of document)")


def _owner(raw: Mapping[str, Any], document: Document) -> Spec:
    top = At(where=lambda trail: document.locate("owner", "", trail))
    known = (*OWNER.fields, *KINDS)
    for key, value in raw.items():
        if key not in known:
            raise top.refusal(f"unknown key {quoted(key)}.", hint(key, known), key=key)
        if key in KINDS and not (isinstance(value, list) and all(isinstance(thing, dict) for thing in value)):
            what = described(value) if not isinstance(value, list) else "a list of other values"
            raise (top / key).refusal(f"expects tables, not {what}.", f"Write [[{key}]] above each.")
    spec: Spec = OWNER.read({key: value for key, value in raw.items() if key not in KINDS}, top)
    return spec


def _things(raw: Mapping[str, Any], document: Document) -> Iterator[tuple[int, str, int, dict[str, Any]]]:
    for kind in KINDS:
        for index, thing in enumerate(raw.get(kind, ())):
            yield document.line_of(kind, index) or 0, kind, index, thing


def _thing(kind: str, index: int, raw: dict[str, Any], document: Document) -> tuple[str, Spec]:
    def where(trail: Trail) -> str:
        return document.locate(kind, index, trail)

    unnamed = At(f"{kind} number {index + 1}", where)
    if "key" not in raw:
        raise unnamed.refusal("needs key.", "It is the name under which other things and the commands know it.")
    key = KEY.read(raw["key"], unnamed / "key")
    at = At(f"{kind} {key}", where)
    if stray := next((name for name in raw if name != "key" and name not in SCHEMA[kind].fields), None):
        raise _stray(stray, kind, at)
    return key, SCHEMA[kind].read({name: value for name, value in raw.items() if name != "key"}, at)


def _stray(name: str, kind: str, at: At) -> BadSetup:
    remedy = hint(name, ("key", *SCHEMA[kind].fields))
    if name in OWNER.fields:
        remedy = "It belongs at the top of the file, before the first [[…]]."
    return at.refusal(f"unknown key {quoted(name)}.", remedy, key=name)
