"""The line of every key of a TOML text, which tomllib does not tell; the text has to be valid already."""

from __future__ import annotations

import bisect
import re
import tomllib
from collections.abc import Mapping

from server.setup.problem import Trail

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:\\.|[^"\\])*"|'[^']*\'''',
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Trail, int]:
    """Trails as tomllib nests them, `("source", 0, "relay", "url")`, with the line on which each is first named."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Trail, int] = {}
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Trail, int] = {}  # how many [[tables]] an array has so far

    def document(self) -> None:
        table: Trail = ()
        while self._next():
            if self._next() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> str:
        """The next character that says something, "" at the end."""
        self._skip(_BLANK)
        return self.text[self.at : self.at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no TOML at character {self.at}")
        self.at = match.end()
        return match[0]

    def _note(self, trail: Trail) -> None:
        self.lines.setdefault(trail, bisect.bisect_left(self._ends, self.at) + 1)

    def _header(self) -> Trail:
        is_array = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if is_array else 1
        *parents, last = self._keys()
        after, self.at = self.at + (2 if is_array else 1), start
        trail: Trail = ()
        for key in parents:
            trail = self._within((*trail, key))
        trail = (*trail, last)
        if is_array:
            self._tables[trail] = self._tables.get(trail, 0) + 1
        for end in range(1, len(trail) + 1):
            self._note(trail[:end])
        trail = self._within(trail)
        self._note(trail)
        self.at = after
        return trail

    def _within(self, trail: Trail) -> Trail:
        count = self._tables.get(trail)
        return (*trail, count - 1) if count else trail

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(_decoded(self._skip(_KEY)))
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _pair(self, table: Trail) -> None:
        start = self.at
        keys = self._keys()
        after, self.at = self.at + 1, start
        for end in range(1, len(keys) + 1):
            self._note((*table, *keys[:end]))
        self.at = after
        self._skip(_SPACE)
        self._value((*table, *keys))

    def _value(self, trail: Trail) -> None:
        match self.text[self.at]:
            case "[":
                self._items(trail)
            case "{":
                self._inline_table(trail)
            case '"' | "'":
                self._skip(_TEXT)
            case _:
                self._skip(_BARE)

    def _items(self, trail: Trail) -> None:
        self.at += 1
        index = 0
        while self._next() != "]":
            self._note((*trail, index))
            self._value((*trail, index))
            index += 1
            if self._next() == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, trail: Trail) -> None:
        self.at += 1
        while self._next() != "}":
            self._pair(trail)
            if self._next() == ",":
                self.at += 1
        self.at += 1


def _decoded(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key
