"""Writes specs as the text of a setup file, in the order and the layout in which a person would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w

from server.setup.forms import Form
from server.setup.schema import SCHEMA
from server.setup.secrecy import PLACEHOLDER, masked
from server.setup.specs import KINDS, Spec, Specs

_WHOLE = "# The setup of this Tallyback, with its secrets: keep it to yourself. `tallyback apply` takes it back.\n"
_MASKED = (
    f"# The setup of this Tallyback. Secrets are left out or {PLACEHOLDER}; `tallyback apply` leaves them alone.\n"
)
_TABLES = frozenset({"subs", "relay", "headers", "macros", "params", "status_words", "events"})  # the rest in one line
_ARRAYS = frozenset({"path", "destinations"})
_WIDEST = 120


def export(specs: Specs, *, secrets: bool) -> str:
    """Applying the text again changes nothing, with secrets or without."""
    blocks = ["".join(_table(_in_order(specs.owner, "owner"), ""))]
    for kind in KINDS:
        for key, spec in specs.of(kind).items():
            told = spec if secrets else _without_secrets(spec)
            blocks.append(f"[[{kind}]]\n" + "".join(_table({"key": key, **_in_order(told, kind)}, kind)))
    return "\n".join(filter(None, (_WHOLE if secrets else _MASKED, *blocks)))


def _without_secrets(spec: Spec) -> Spec:
    """A token and the secret of a signature are left out, a secret header is masked."""
    told: Spec = masked(spec)
    if told.get("token") == PLACEHOLDER:
        del told["token"]
    if told.get("hmac", {}).get("secret") == PLACEHOLDER:
        del told["hmac"]["secret"]
    return told


def _in_order(spec: Spec, kind: str) -> Spec:
    fields: Mapping[str, Form] = SCHEMA[kind].fields
    return {name: spec[name] for name in (*fields, *(name for name in spec if name not in fields)) if name in spec}


def _table(table: Spec, name: str) -> Iterator[str]:
    """The lines of a table: first what stands in one line each, then the tables within it."""
    inner = [key for key, value in table.items() if _is_table(key, value) or _is_array(key, value)]
    yield from (_pair(key, value) for key, value in table.items() if key not in inner)
    for key in inner:
        full_name = f"{name}.{_key(key)}"
        if _is_table(key, table[key]):
            yield f"[{full_name}]\n"
            yield from _table(table[key], full_name)
            continue
        for item in table[key]:
            yield f"[[{full_name}]]\n"
            yield from _table(item, full_name)


def _is_table(key: str, value: Any) -> bool:
    return key in _TABLES and isinstance(value, dict)


def _is_array(key: str, value: Any) -> bool:
    return key in _ARRAYS and isinstance(value, list) and bool(value)


def _pair(key: str, value: Any) -> str:
    line = f"{_key(key)} = {_value(value)}\n"
    if isinstance(value, list) and len(line) > _WIDEST:
        return f"{_key(key)} = [\n" + "".join(f"    {_value(item)},\n" for item in value) + "]\n"
    return line


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


def _value(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return (
                f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
                if value
                else "{}"
            )
        case str() if "'" not in value and ('"' in value or "\\" in value) and value.isprintable():
            return f"'{value}'"
        case str() if "'" not in value and "\n" in value and value.replace("\n", "").isprintable():
            return f"'''\n{value}'''"
        case _:
            return tomli_w.dumps({"value": value}).removeprefix("value = ").removesuffix("\n")
