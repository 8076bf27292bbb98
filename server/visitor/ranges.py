"""A list of address ranges that the owner calls bots: lines of CIDR, with comments after `#`."""

from __future__ import annotations

import ipaddress
import socket
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

from server.errors import BadInput

SUFFIX = ".txt"
MOST_RANGES = 300_000
REMEDY = "Write one range a line: 192.0.2.0/24, 2001:db8::/32 or a single address."


class Ranges:
    """Whether an address lies in one of them; ranges that touch are one."""

    def __init__(self, path: Path) -> None:
        found: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        try:
            with path.open(encoding="utf-8-sig") as lines:
                for network in _networks(lines, str(path)):
                    found[network.version].append((int(network[0]), int(network[-1])))
        except OSError as error:
            raise BadInput(
                f"It cannot be read: {error.strerror}.", where=str(path), remedy="Mend its rights."
            ) from error
        except UnicodeDecodeError as error:
            raise BadInput("This is no text.", where=str(path), remedy=REMEDY) from error
        self.name = path.stem
        self.count = sum(map(len, found.values()))
        first, last = _merged(found[4])
        self._v4 = array("I", first), array("I", last)
        self._v6 = _merged(found[6])

    def holds(self, ip: str) -> bool:
        try:
            is_v6 = ":" in ip
            address = int.from_bytes(socket.inet_pton(socket.AF_INET6 if is_v6 else socket.AF_INET, ip))
        except OSError:
            return False
        first, last = self._v6 if is_v6 else self._v4
        at = bisect_right(first, address) - 1
        return at >= 0 and address <= last[at]


def _networks(lines: Iterable[str], where: str) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    count = 0
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            yield ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            what = f"{text[:40]!r} is no range of addresses."
            raise BadInput(what, where=f"{where}, line {number}", remedy=REMEDY) from error
        count += 1
        if count > MOST_RANGES:
            raise BadInput(f"There are more than {MOST_RANGES} ranges.", where=where, remedy="Leave some out.")


def _merged(ranges: list[tuple[int, int]]) -> tuple[Sequence[int], Sequence[int]]:
    """Their first and their last addresses, in order."""
    first: list[int] = []
    last: list[int] = []
    for begin, end in sorted(ranges):
        if last and begin <= last[-1] + 1:
            last[-1] = max(last[-1], end)
        else:
            first.append(begin)
            last.append(end)
    return first, last
