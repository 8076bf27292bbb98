"""How the demo writes to a terminal: colour where it is wanted, signs that the encoding has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

_GREEN, _RED, _DIM, _BOLD, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


class Ink:
    def __init__(self, stream: TextIO, environment: Mapping[str, str] | None = None) -> None:
        said = os.environ if environment is None else environment
        is_old_console = os.name == "nt" and "WT_SESSION" not in said and "TERM" not in said
        self.is_terminal = stream.isatty() and said.get("TERM") != "dumb" and not is_old_console
        self._has_colour = self.is_terminal and not said.get("NO_COLOR")
        has_signs = _has(stream.encoding, "✓✗━─·")
        self.tick, self.cross = ("✓", "✗") if has_signs else ("ok", "NO")
        self.done, self.left, self.dot = ("━", "─", "·") if has_signs else ("=", "-", "|")

    def good(self, text: str) -> str:
        return self._in(_GREEN, text)

    def bad(self, text: str) -> str:
        return self._in(_RED, text)

    def dim(self, text: str) -> str:
        return self._in(_DIM, text)

    def bold(self, text: str) -> str:
        return self._in(_BOLD, text)

    def mark(self, is_true: bool) -> str:
        return self.good(self.tick) if is_true else self.bad(self.cross)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._has_colour and text.strip() else text


def _has(encoding: str | None, signs: str) -> bool:
    try:
        signs.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
