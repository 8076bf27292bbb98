"""What the terminal shows: aligned tables, JSON lines, and text from outside made harmless."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

_FIRST_ROWS = 200  # that decide how wide the columns are
_WIDEST = 48


def print_json(rows: Iterable[Any]) -> bool:
    """One object a line, as they come; False where there were none."""
    is_any = False
    for row in rows:
        is_any = True
        sys.stdout.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    return is_any


def print_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[tuple[str, str]]) -> bool:
    """`columns` are names and headings; the first rows decide the widths, the rest streams."""
    streamed = iter(rows)
    first = list(islice(streamed, _FIRST_ROWS))
    if not first:
        return False
    widths = [min(_WIDEST, max(len(head), *(len(cell(row.get(name))) for row in first))) for name, head in columns]
    is_number = [all(_is_number(row.get(name)) for row in first) for name, _ in columns]
    _line([head for _, head in columns], widths, is_number)
    for row in chain(first, streamed):
        _line([cell(row.get(name)) for name, _ in columns], widths, is_number)
    return True


def print_fields(fields: Mapping[str, Any], indent: str = "  ") -> None:
    """One fact a line; what is absent is left out."""
    shown = {name: cell(value) for name, value in fields.items() if value not in (None, [], {}, "")}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print(f"{indent}{name:<{width}}  {value}")


def cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(cell(one) for one in value) or "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={cell(one)}" for name, one in value.items()) or "–"
    return printable(str(value))


def printable(text: str) -> str:
    """On one line, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def wrapped(text: str, indent: str = "  ") -> Iterator[str]:
    width = max(40, min(100, shutil.get_terminal_size().columns)) - len(indent)
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield indent + line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield indent + line


def _is_number(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return value is None
    return isinstance(value, int) or (isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdecimal())


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> None:
    shown = [
        (text if len(text) <= width else text[: width - 1] + "…").rjust(width)
        if right
        else (text if len(text) <= width else text[: width - 1] + "…").ljust(width)
        for text, width, right in zip(cells, widths, is_number, strict=True)
    ]
    print("  ".join(shown).rstrip())
