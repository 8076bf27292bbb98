"""Writes small .mmdb files, as MaxMind's page of the format has it: a tree of bits, the records, and the metadata."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUILT_AT = 1_772_366_400  # 2026-03-01
_MARK = b"\xab\xcd\xefMaxMind.com"
_EMPTY = -1


def write_mmdb(
    path: Path, records: Mapping[str, Any], *, ip_version: int = 6, kind: str = "Test-City", licence: str = ""
) -> Path:
    """Records by their network; IPv4 lies where a file for both has it."""
    tree: list[list[Any]] = [[_EMPTY, _EMPTY]]
    data = bytearray()
    for text, record in records.items():
        network = ipaddress.ip_network(text)
        lead = 96 if ip_version == 6 and network.version == 4 else 0
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        node = 0
        for bit in map(int, "0" * lead + bits[:-1]):
            if tree[node][bit] == _EMPTY:
                tree.append([_EMPTY, _EMPTY])
                tree[node][bit] = len(tree) - 1
            node = tree[node][bit]
        tree[node][int(bits[-1])] = ("data", len(data))
        data += _value(record)
    about = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": (9, 8, BUILT_AT),
        "database_type": kind,
        "description": {"en": licence} if licence else {},
        "ip_version": ip_version,
        "languages": ["en"],
        "node_count": (6, 4, len(tree)),
        "record_size": 24,
    }
    nodes = b"".join(_place(side, len(tree)).to_bytes(3) for node in tree for side in node)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(nodes + bytes(16) + data + _MARK + _value(about))
    return path


def _place(side: Any, count: int) -> int:
    if isinstance(side, tuple):
        return count + 16 + int(side[1])
    return count if side == _EMPTY else int(side)


def _value(value: Any) -> bytes:
    match value:
        case str():
            raw = value.encode()
            return _head(2, len(raw)) + raw
        case int():
            return _head(5, 2) + value.to_bytes(2)
        case (kind, size, number):  # a whole number of another size
            return _head(kind, size) + number.to_bytes(size)
        case dict():
            return _head(7, len(value)) + b"".join(_value(key) + _value(item) for key, item in value.items())
        case list():
            return _head(11, len(value)) + b"".join(map(_value, value))
    raise TypeError(value)


def _head(kind: int, size: int) -> bytes:
    length, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return (bytes([kind << 5 | length]) if kind < 8 else bytes([length, kind - 7])) + more
