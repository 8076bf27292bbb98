"""Reads the templates of resources/: a file is a template, its name the key, and nothing else lists it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from server.catalog.shapes import NETWORK, SOURCE, Misfit, Shape
from server.errors import TallybackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")


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


def load_catalog(folder: Path | None = None) -> Catalog:
    """Read networks/ and sources/ of a folder, by default those that come with Tallyback."""
    return _built_in() if folder is None else _read(folder)


@cache
def _built_in() -> Catalog:
    return _read(files("resources"))


def _read(folder: Traversable) -> Catalog:
    return Catalog(
        networks={key: _network(key, document) for key, document in _documents(folder / "networks", NETWORK)},
        sources={key: _source(key, document) for key, document in _documents(folder / "sources", SOURCE)},
    )


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


def _documents(folder: Traversable, shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    if not folder.is_dir():
        raise BadTemplate("There is no such folder of templates.", where=str(folder))
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield _key(file), _document(file, shape)


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
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        shape("", document)
    except Misfit as misfit:
        raise BadTemplate(str(misfit), where=str(file), remedy=misfit.remedy) from misfit
    except (OSError, ValueError) as problem:  # unreadable; no UTF-8; no TOML
        raise BadTemplate(f"The file cannot be read: {problem}.", where=str(file)) from problem
    return document
