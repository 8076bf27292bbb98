"""Regular expressions over text from outside: only those that no text can make slow.

Python's engine tries one way after the other. `ways_of` bounds how many ways there can be on a text of LONGEST
characters, and what could take too many is refused when it is written; what looks behind or ahead, or back at what it
found, cannot be bounded so and is refused too.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

LONGEST = 256  # characters of a value that are looked at
MOST_WAYS = (LONGEST + 1) ** 3
_MOST_LETTERS = 512
_DEEPEST = 8
_TOKEN = re.compile(
    r"(?P<group>\(\?:|\()|(?P<end>\))|(?P<or>\|)|(?P<anchor>[\^$]|\\[AbBZ])"
    r"|(?P<atom>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[^1-9]|[^\\])",
    re.DOTALL,
)
_REPEAT = re.compile(r"(?:[*+?]|\{(?!\})(?P<low>\d{0,4})(?P<comma>,?)(?P<high>\d{0,4})\})[?+]?")


class BadPattern(ValueError):
    """Why a pattern cannot be used; the text says it."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Case does not count."""
    if len(pattern) > _MOST_LETTERS:
        raise BadPattern(f"it is longer than {_MOST_LETTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise BadPattern(str(error)) from None
    if ways_of(pattern) > MOST_WAYS:
        raise BadPattern("some texts would take it too long: too many * and + in a row or within each other")
    return made


def ways_of(pattern: str) -> int:
    """How many ways at most there are to try it; the pattern compiles already."""
    starts = 1 if re.match(r"\^|\\A", pattern) and "|" not in pattern else LONGEST
    return min(starts * _Reader(pattern).either(0), MOST_WAYS + 1)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    def either(self, depth: int) -> int:
        """The ways of what stands up to the end of the group: branches add up."""
        if depth > _DEEPEST:
            raise BadPattern("its groups are nested too deeply")
        ways, branch = 0, 1
        for token in self._tokens():
            if token.lastgroup == "end":
                break
            if token.lastgroup == "or":
                ways, branch = ways + branch, 1
                continue
            inner = self.either(depth + 1) if token.lastgroup == "group" else 1
            branch = min(branch * self._repeated(inner), MOST_WAYS + 1)  # what stands in a row multiplies
        return ways + branch

    def _tokens(self) -> Iterator[re.Match[str]]:
        while self._at < len(self._pattern):
            token = _TOKEN.match(self._pattern, self._at)
            if token is None or (self._pattern.startswith("(?", self._at) and token[0] != "(?:"):
                raise BadPattern("only plain groups can be used: no look-ahead, no look-behind, no reference back")
            self._at = token.end()
            yield token

    def _repeated(self, ways: int) -> int:
        """Each number of times that it may stand there is a way of its own."""
        repeat = _REPEAT.match(self._pattern, self._at)
        if repeat is None:
            return ways
        self._at = repeat.end()
        low, high = _bounds(repeat)
        total = 0
        for times in range(low, high + 1):
            total += 1 if ways == 1 else int(min(ways**times, MOST_WAYS + 1))
            if total > MOST_WAYS:
                break
        return total


def _bounds(repeat: re.Match[str]) -> tuple[int, int]:
    """How often at least and at most, on a text of LONGEST characters."""
    if repeat[0][0] != "{":
        return int(repeat[0][0] == "+"), 1 if repeat[0][0] == "?" else LONGEST
    low = int(repeat["low"] or 0)
    if not repeat["comma"]:
        return low, low
    return low, min(int(repeat["high"] or LONGEST), LONGEST)
