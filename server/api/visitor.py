"""What is known of visitors: the data that tells it, what it tells of one who is made up, and new data."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from threading import Event
from typing import Any

from server.clock import system_clock
from server.domain.moment import iso
from server.errors import BadInput
from server.settings import DataFolder, data_folder
from server.visitor import incoming
from server.visitor.geo import GeoFile
from server.visitor.visitors import Visitors

_PARSERS = ("ua-parser", "ua-parser-builtins", "crawler-user-agents")
_ANY = "-"
_LATEST = 253_402_300_799_999  # the last moment that a date can say


def known_data(folder: str | None) -> list[dict[str, Any]]:
    """A row for each file and each parser, the broken ones too."""
    visitors = _visitors(data_folder(folder))
    rows = [_geo_row(name, file) for name, file in visitors.geo.contents.items()]
    rows += [
        {"type": "ranges", "name": name, "count": known.count, "kind": "bots"}
        for name, known in visitors.ranges.contents.items()
    ]
    for kind, files in (("geo", visitors.geo), ("ranges", visitors.ranges)):
        rows += [
            {"type": kind, "name": name, "trouble": trouble.what, "remedy": trouble.remedy}
            for name, trouble in files.troubles.items()
        ]
    rows += [{"type": "agents", "name": name, "kind": _version(name)} for name in _PARSERS]
    return rows


def facts(folder: str | None, address: str, agent: str | None) -> dict[str, str | None]:
    """Of a made-up visitor, by the data that is there now; an agent that is not given tells nothing."""
    found = _visitors(data_folder(folder)).facts(address, _ANY if agent is None else agent, {}, system_clock())
    names = ("country", "region", "isp", "device", "os", "os_version", "browser", "browser_version", "bot")
    return {name: found.get(name) for name in names}


def add(folder: str | None, file: str) -> dict[str, Any]:
    """Into the data folder, once it was looked at; a server that runs sees it within seconds."""
    where = data_folder(folder)
    return _row_of(where, incoming.add(Path(file).expanduser(), where.geo_folder, where.bots_folder))


def fetch(folder: str | None, cancel: Event | None = None) -> dict[str, Any]:
    """The free country database."""
    where = data_folder(folder)
    return _row_of(where, incoming.fetch(where.geo_folder, cancel))


def remove(folder: str | None, kind: str, name: str) -> None:
    """A file of that kind, geo or ranges; a server that runs does without it within seconds."""
    where = data_folder(folder)
    incoming.remove(name, where.geo_folder if kind == "geo" else where.bots_folder)


def _visitors(where: DataFolder) -> Visitors:
    visitors = Visitors(where.geo_folder, where.bots_folder, b"")
    visitors.look()
    return visitors


def _row_of(where: DataFolder, file: Path) -> dict[str, Any]:
    rows = known_data(str(where.path))
    return next(row for row in rows if row["name"] == file.name and row["type"] == _type(where, file))


def _type(where: DataFolder, file: Path) -> str:
    return "geo" if file.parent == where.geo_folder else "ranges"


def _geo_row(name: str, file: GeoFile) -> dict[str, Any]:
    row = {
        "type": "geo",
        "name": name,
        "kind": file.kind,
        "built": iso(file.built_at)[:10] if 0 < file.built_at <= _LATEST else None,
        "ipv6": file.is_for_ipv6,
        "licence": file.licence or None,
        "credit": file.credit or None,
    }
    try:
        return {**row, "tells": list(file.sample())}
    except BadInput as error:
        return {**row, "trouble": error.what, "remedy": error.remedy}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
