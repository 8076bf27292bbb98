"""How a value is written in the setup file, and how values stand in lists and tables: the bricks of the schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.setup.problem import At, described, hint, quoted

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST = 1_000_000_000


def as_it_is(value: Any, _at: At) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Form:
    """`read` takes a TOML value to its canonical form (again: unchanged), `make` takes that to what the rules use."""

    read: Callable[[Any, At], Any]
    make: Callable[[Any, At], Any] = as_it_is


@dataclass(frozen=True, slots=True)
class Table(Form):
    """A table with known keys, in the order in which they are written."""

    fields: Mapping[str, Form] = field(default_factory=dict)


def expect(kind: type | tuple[type, ...], words: str, raw: Any, at: At) -> None:
    if not isinstance(raw, kind) or (isinstance(raw, bool) and kind is not bool):
        raise at.refusal(f"expects {words}, not {described(raw)}.")


def read_text(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    if _UNPRINTABLE.search(raw):
        raise at.refusal("holds a line break or control character.", "Write it in one line.")
    return str(raw)


def read_lines(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    if _UNSTORABLE.search(raw):
        raise at.refusal("holds a character that cannot be stored.")
    return str(raw)


def read_word(raw: Any, at: At) -> str:
    text = read_text(raw, at)
    if not text.strip():
        raise at.refusal("is empty.")
    return text


def read_key(raw: Any, at: At) -> str:
    expect(str, "text", raw, at)
    if not _KEY.fullmatch(raw):
        raise at.refusal(
            f"{quoted(raw)} is no key.",
            "A key has up to 64 letters, digits, dots, dashes and underscores, the first a letter or digit.",
        )
    return str(raw)


def read_bool(raw: Any, at: At) -> bool:
    expect(bool, "true or false, without quotes", raw, at)
    return bool(raw)


def read_number(raw: Any, at: At) -> int:
    expect((int, float), "a whole number", raw, at)
    if isinstance(raw, float) or not 0 <= raw <= _MOST:
        raise at.refusal(f"expects a whole number from 0 to {_MOST}.")
    return int(raw)


TEXT = Form(read_text)
LINES = Form(read_lines)
WORD = Form(read_word)
KEY = Form(read_key)
BOOL = Form(read_bool)
NUMBER = Form(read_number)


def optional(form: Form, nothing: Any = None) -> Form:
    """Let the empty text say that there is none, which also takes away what a template gives."""

    def read(raw: Any, at: At) -> Any:
        return "" if raw == "" else form.read(raw, at)

    def make(value: Any, at: At) -> Any:
        return nothing if value == "" else form.make(value, at)

    return Form(read, make)


def one_of(*words: str) -> Form:
    def read(raw: Any, at: At) -> str:
        expect(str, "text", raw, at)
        if raw not in words:
            raise at.refusal(f"{quoted(raw)} is not one of {', '.join(words)}.", hint(raw, words))
        return str(raw)

    return Form(read)


def reference(kind: str) -> Form:
    """The key of another thing, which has to exist."""

    def make(value: str, at: At) -> str:
        known = at.context.keys.get(kind, ())
        if value not in known:
            raise at.refusal(f"there is no {kind} {quoted(value)}.", hint(value, known))
        return value

    return Form(read_word, make)


def list_of(form: Form, *, is_empty_allowed: bool = True) -> Form:
    def read(raw: Any, at: At) -> list[Any]:
        expect((list, tuple), "a list", raw, at)
        if not raw and not is_empty_allowed:
            raise at.refusal("is an empty list.", "Name at least one, or leave the key out.")
        return [form.read(item, at / index) for index, item in enumerate(raw)]

    def make(value: list[Any], at: At) -> tuple[Any, ...]:
        return tuple(form.make(item, at / index) for index, item in enumerate(value))

    return Form(read, make)


def mapping_of(form: Form, keys: Collection[str] | None = None, *, name: Form = WORD, is_cased: bool = True) -> Form:
    """A table whose keys are the owner's, or some of a list; an empty value takes away what a template gives."""

    def read(raw: Any, at: At) -> dict[str, Any]:
        expect(Mapping, "a table", raw, at)
        seen: dict[str, str] = {}
        for key in raw:
            if keys is None:
                name.read(key, at / key)
            elif key not in keys:
                raise at.refusal(f"unknown key {quoted(key)}.", hint(key, keys), key=key)
            folded = key if is_cased else key.casefold()
            if (other := seen.setdefault(folded, key)) != key:
                raise at.refusal(f"{quoted(other)} and {quoted(key)} are the same.", "Keep one of them.", key=key)
        return {key: form.read(value, at / key) for key, value in raw.items()}

    def make(value: dict[str, Any], at: At) -> dict[str, Any]:
        return {key: form.make(inner, at / key) for key, inner in value.items() if inner}

    return Form(read, make)


def table(
    fields: Mapping[str, Form],
    make: Callable[[dict[str, Any], At], Any] = as_it_is,
    required: Collection[str] = (),
) -> Table:
    """A table with known keys; `make` gets their values as the rules use them."""

    def read(raw: Any, at: At) -> dict[str, Any]:
        expect(Mapping, "a table", raw, at)
        values = {}
        for key, value in raw.items():
            if key not in fields:
                raise at.refusal(f"unknown key {quoted(key)}.", hint(key, fields), key=key)
            values[key] = fields[key].read(value, at / key)
        return {key: values[key] for key in fields if key in values}

    def make_all(value: dict[str, Any], at: At) -> Any:
        for key in required:
            if value.get(key) in (None, ""):
                raise at.refusal(f"needs {key}.", key=key)
        return make({key: fields[key].make(inner, at / key) for key, inner in value.items()}, at)

    return Table(read, make_all, fields)
