"""Refusals: where in the setup something stands, what is wrong with it, and the nearest right word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from server.errors import TallybackError, nearest

Trail = tuple[str | int, ...]  # the way to a value within a thing: ("path", 0, "offers", 1, "weight")
Locate = Callable[[str, str, Trail], str]  # kind, key, trail -> FILE:LINE, "" where no file says it

_LONGEST_WORD = 64
_LONGEST_LIST = 12


class BadSetup(TallybackError):
    """Something in the setup that cannot be used as it stands."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may name: the owner's own currencies, and the keys of the other things by kind."""

    currencies: Collection[str] = ()
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class At:
    """A place in the setup, which can say what is wrong there."""

    thing: str = ""
    where: Callable[[Trail], str] = lambda _trail: ""
    trail: Trail = ()
    context: Context = Context()

    def __truediv__(self, step: str | int) -> At:
        return replace(self, trail=(*self.trail, step))

    def refusal(self, what: str, remedy: str = "", *, key: str | None = None) -> BadSetup:
        """Build the error to raise; `key` is one within this place whose line it is about."""
        where = self.where(self.trail if key is None else (*self.trail, key))
        return BadSetup(": ".join(filter(None, (self.thing, shown(self.trail), what))), where=where, remedy=remedy)


def shown(trail: Trail) -> str:
    """`relay.statuses`, `path 1 offers 2`: as a person says it."""
    text = ""
    for before, step in zip(("", *trail), trail, strict=False):
        if isinstance(step, int):
            text += f" {step + 1}"
        else:
            text += (" " if isinstance(before, int) else "." if text else "") + one_line(step)
    return text


def one_line(word: str) -> str:
    """A word of the file, fit for a message of one line."""
    short = word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"
    return repr(short)[1:-1]


def quoted(word: str) -> str:
    return f"'{one_line(word)}'"


def hint(word: str, known: Collection[str]) -> str:
    """The nearest right word; all of them where none is near and they are few."""
    near = nearest(word, known)
    if near is not None:
        return f"Did you mean {quoted(near)}?"
    return f"Known here: {', '.join(known)}." if 0 < len(known) <= _LONGEST_LIST else ""


def described(raw: object) -> str:
    """What a TOML value is, in words."""
    match raw:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a table"
        case _:
            return "a date or time"
