"""One geo database, an .mmdb of whichever maker: what it tells of an address, by the columns of a click."""

from __future__ import annotations

import functools
import itertools
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import maxminddb

from server.clock import SECOND
from server.errors import BadInput

SUFFIX = ".mmdb"
_LONGEST = 100
_KEPT = 8192  # addresses that were looked up, 3 MB of them
_SAMPLE = 1000  # records that are read to see whether a file is sound and what it tells
_REMEDY = "Load it again from where it came, then `tallyback visitor add FILE`."

_Place = tuple[str | int, ...]
_Places = tuple[tuple[str, tuple[_Place, ...]], ...]

# Where makers keep a fact: MaxMind and DB-IP within tables, others flat. The first that is there counts.
_PLACES: Mapping[str, tuple[_Place, ...]] = {
    "country": (("country", "iso_code"), ("country_code",), ("country",)),
    "region": (
        *(("subdivisions", 0, "iso_code"), ("subdivisions", 0, "names", "en")),
        *(("state1",), ("region",), ("region_name",)),
    ),
    "isp": (
        *(("isp",), ("traits", "isp"), ("autonomous_system_organization",)),
        *(("traits", "autonomous_system_organization"), ("as_organization",), ("as_name",), ("organization",)),
    ),
}
# By a word in the name of the file or of its type; what is shown wherever its results are.
_CREDITS = (
    (re.compile(r"db-?ip", re.IGNORECASE), "IP geolocation by DB-IP, https://db-ip.com (CC BY 4.0)"),
    (re.compile(r"geolite", re.IGNORECASE), "GeoLite data created by MaxMind, https://www.maxmind.com"),
    (re.compile(r"ipinfo", re.IGNORECASE), "IP address data powered by IPinfo, https://ipinfo.io"),
)
_COUNTRY = re.compile(r"(?a:[A-Za-z]{2})")

log = logging.getLogger(__name__)


class GeoFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_damaged = False
        try:
            self._reader = _open(path)
            said = self._reader.metadata()
            self.kind = str(said.database_type)[:_LONGEST]
            self.built_at = int(said.build_epoch) * SECOND
            self.is_for_ipv6 = said.ip_version == 6
            self.licence = str(said.description.get("en", ""))[:_LONGEST]
        except OSError as error:
            raise BadInput(
                f"It cannot be read: {error.strerror}.", where=str(path), remedy="Mend its rights."
            ) from error
        except Exception as error:  # whatever is no database fails in its own way
            raise BadInput("This is no .mmdb database.", where=str(path), remedy=_REMEDY) from error
        self.facts = functools.lru_cache(maxsize=_KEPT)(self._look_up)  # carriers have thousands behind one address
        self.credit = next((text for word, text in _CREDITS if word.search(f"{path.name} {self.kind}")), "")

    def _look_up(self, ip: str) -> Mapping[str, str]:
        if ":" in ip and not self.is_for_ipv6:
            return {}
        try:
            record = self._reader.get(ip)
        except ValueError:  # no address
            return {}
        except Exception:  # whatever lies in a damaged file
            if not self._is_damaged:
                self._is_damaged = True
                log.exception("%s is damaged: what it should tell is not known", self.path)
            return {}
        return dict(_read(record)) if isinstance(record, dict) else {}

    def sample(self) -> Mapping[str, int]:
        """How many of its first records tell which fact."""
        counts = dict.fromkeys(_PLACES, 0)
        try:
            for _network, record in itertools.islice(self._reader, _SAMPLE):
                for name, _value in _read(record) if isinstance(record, dict) else ():
                    counts[name] += 1
        except Exception as error:
            raise BadInput(f"It is damaged: {error}", where=str(self.path), remedy=_REMEDY) from error
        return {name: count for name, count in counts.items() if count}


def _open(path: Path) -> maxminddb.Reader:
    """A copy that nobody else knows of: whoever writes over the file cannot pull it away under a click.

    Windows lets nobody write over a file that is mapped, so there it is read into memory.
    """
    if os.name == "nt":
        return maxminddb.open_database(path, maxminddb.MODE_MEMORY)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        return maxminddb.open_database(shutil.copyfile(path, Path(folder, path.name)))


def _read(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, places in _places_in(tuple(record)):
        for place in places:
            value = _at(record, place)
            if value and name == "country":
                value = _country(value)
            if value:
                yield name, value
                break


@functools.lru_cache(maxsize=1024)
def _country(value: str) -> str | None:
    return value.upper() if _COUNTRY.fullmatch(value) else None


@functools.lru_cache(maxsize=256)  # the records of a file have few shapes
def _places_in(keys: tuple[str, ...]) -> _Places:
    """Where a record with these keys can hold a fact."""
    there = [(name, tuple(place for place in places if place[0] in keys)) for name, places in _PLACES.items()]
    return tuple((name, places) for name, places in there if places)


def _at(record: Any, place: tuple[str | int, ...]) -> str | None:
    for step in place:
        if isinstance(record, dict):
            record = record.get(step)
        elif isinstance(record, list) and isinstance(step, int) and len(record) > step:
            record = record[step]
        else:
            return None
    if not isinstance(record, str) or not record.isprintable():
        return None
    return record.strip()[:_LONGEST]


def checked(path: Path) -> Mapping[str, int]:
    """What it tells, of which records; refused where that is nothing."""
    told = GeoFile(path).sample()
    if not told:
        raise BadInput(
            "It tells neither country nor region nor network.",
            where=str(path),
            remedy="Take a country, city or ASN file.",
        )
    return told
