"""Reads a plain GET of a tracking address straight from its bytes; declines whatever is not plain beyond doubt."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.web.parser import MOST_PARAMETERS

LONGEST = 8 * 1024
LONGEST_KEPT = 256  # of a header: so all that are kept take 2 MB at most
_LINE = re.compile(rb"GET /([cp])/([A-Za-z0-9_~-][A-Za-z0-9_.~-]*)(?:\?([!-\"$-~]*))? HTTP/1\.([01])")
_HEADER = re.compile(rb"([A-Za-z0-9!#$%&'*+.^`|~-]+):[ \t]*([\t -~\x80-\xff]*)")  # no "_": Waitress passes those over
_UNUSUAL = frozenset({"CONTENT_LENGTH", "TRANSFER_ENCODING", "EXPECT", "UPGRADE", "CONTENT_TYPE", "TE", "TRAILER"})
_CONNECTION = {"": None, "close": False, "keep-alive": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """One plain request; headers under the names and with the values that WSGI would give them."""

    raw: bytes
    kind: str  # c or p
    key: str
    query: bytes
    headers: Mapping[str, str]
    is_old: bool  # HTTP/1.0
    stays_open: bool


def read(data: bytes) -> Asked | None:
    if len(data) > LONGEST or data.find(b"\r\n\r\n") != len(data) - 4:
        return None
    first, *lines = data[:-4].split(b"\r\n")
    line = _LINE.fullmatch(first)
    if line is None or data.count(b"&") > MOST_PARAMETERS:
        return None
    headers: dict[str, str] = {}
    for one in lines:
        header = _kept(one) if len(one) <= LONGEST_KEPT else _header(one)
        if header is None or header[0] in headers:
            return None
        headers[header[0]] = header[1]
    connection = headers.get("CONNECTION", "").lower()
    if connection not in _CONNECTION or not _UNUSUAL.isdisjoint(headers):
        return None
    is_old = line[4] == b"0"
    stays_open = connection == "keep-alive" if is_old else connection != "close"
    return Asked(data, line[1].decode(), line[2].decode(), line[3] or b"", headers, is_old, stays_open)


def _header(line: bytes) -> tuple[str, str] | None:
    found = _HEADER.fullmatch(line)
    if found is None:
        return None
    return found[1].decode("ascii").upper().replace("-", "_"), found[2].strip(b" \t").decode("latin-1")


_kept = functools.lru_cache(maxsize=4096)(_header)  # most lines are those of other visitors too
