"""Reads the templates of resources/: a file is a template, its name the key, and one that is broken is left out."""

from __future__ import annotations

import logging
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from server.catalog.shapes import NETWORK, SOURCE, Misfit, Shape
from server.errors import TallybackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LARGEST_FILE = 16 * 1024  # a deep one takes tomllib the square of its size
_NAMED = re.compile(r"\s*(?:\[\s*([\w.-]+)\s*\]|([\w.-]+)\s*=)")  # [a.table], or a key =
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")

log = logging.getLogger(__name__)


class BadTemplate(TallybackError):
    """A file of the catalog that cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class NetworkTemplate:
    key: str
    name: str
    kind: str
    confidence: str
    facts: tuple[str, ...]
    notes: str
    click_id_param: str | None  # the parameter of the network's tracking link that takes our click id
    spec: Mapping[str, Any]  # as under [[network]] in the setup file


@dataclass(frozen=True, slots=True)
class SourceTemplate:
    key: str
    name: str
    kind: str
    confidence: str
    facts: tuple[str, ...]
    notes: str
    fill_in: Mapping[str, str]  # a word in the relay that the owner replaces: what to put there
    spec: Mapping[str, Any]  # as under [[source]] in the setup file


@dataclass(frozen=True, slots=True)
class Catalog:
    networks: Mapping[str, NetworkTemplate]
    sources: Mapping[str, SourceTemplate]
    left_out: Sequence[BadTemplate] = ()  # what was wrong with the files that are no template


def load_catalog(folder: Path | None = None) -> Catalog:
    """Read networks/ and sources/ of a folder, by default those that come with Tallyback."""
    return _built_in() if folder is None else _read(folder)


@cache
def _built_in() -> Catalog:
    catalog = _read(files("resources"))
    for problem in catalog.left_out:
        log.warning("a template is left out: %s", problem)
    return catalog


def _read(folder: Traversable) -> Catalog:
    left_out: list[BadTemplate] = []
    networks = {key: _network(key, document) for key, document in _documents(folder / "networks", NETWORK, left_out)}
    sources = {key: _source(key, document) for key, document in _documents(folder / "sources", SOURCE, left_out)}
    return Catalog(networks, sources, left_out)


def _network(key: str, document: dict[str, Any]) -> NetworkTemplate:
    return NetworkTemplate(
        **_head(key, document),
        click_id_param=document.get("click_id_param"),
        spec=document.get("network", {}),
    )


def _source(key: str, document: dict[str, Any]) -> SourceTemplate:
    return SourceTemplate(
        **_head(key, document),
        fill_in=document.get("fill_in", {}),
        spec=document.get("source", {}),
    )


def _head(key: str, document: dict[str, Any]) -> dict[str, Any]:
    words = {name: document[name] for name in ("name", "kind", "confidence", "notes")}
    return {"key": key, "facts": tuple(document["facts"]), **words}


def _documents(folder: Traversable, shape: Shape, left_out: list[BadTemplate]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not folder.is_dir():
        raise BadTemplate("There is no such folder of templates.", where=str(folder))
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            try:
                yield _key(file), _document(file, shape)
            except BadTemplate as problem:
                left_out.append(problem)


def _key(file: Traversable) -> str:
    key = file.name.removesuffix(".toml")
    if not _KEY.fullmatch(key):
        raise BadTemplate(
            f"The file's name, {key!r}, is no key.",
            where=str(file),
            remedy="Use small letters, digits, - and _, the first a letter or digit.",
        )
    return key


def _document(file: Traversable, shape: Shape) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST_FILE + 1)
        text = raw.decode() if len(raw) <= _LARGEST_FILE else ""
    except (OSError, ValueError) as problem:
        raise BadTemplate(f"The file cannot be read: {problem}.", where=str(file)) from problem
    if not text:
        raise BadTemplate("The file is empty, or larger than a template can be.", where=str(file))
    try:
        document = tomllib.loads(text)
        shape("", document)
    except Misfit as misfit:
        line = _line_of(misfit.key, text)
        where = f"{file}:{line}" if line else str(file)
        raise BadTemplate(_printable(str(misfit)), where=where, remedy=_printable(misfit.remedy)) from misfit
    except (RecursionError, ValueError) as problem:  # no TOML, or far too deep
        what = str(problem).removesuffix(" (at end of document)")
        match = _AT_LINE.search(what)
        line = int(match[1]) if match else text.rstrip("\n").count("\n") + 1
        what = _printable(what[: match.start()] if match else what)
        raise BadTemplate(f"The file cannot be read: {what}.", where=f"{file}:{line}") from problem
    return document


def _line_of(key: str, text: str) -> int:
    """Where the key stands, or the nearest around it; 0 where none is."""
    table, nearest, found = "", 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _NAMED.match(line):
            if match[1]:
                table = match[1]
            name = match[1] or ".".join(filter(None, (table, match[2])))
            if len(name) > nearest and f"{key}.".startswith((f"{name}.", f"{name}[")):
                nearest, found = len(name), number
    return found


def _printable(words: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in words[:300])
