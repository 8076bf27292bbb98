"""Lists of ranges: lines of CIDR with comments, of both kinds of address."""

from __future__ import annotations

import ipaddress
import random
from pathlib import Path

import pytest

from server.errors import BadInput
from server.visitor import ranges
from server.visitor.ranges import Ranges


def listed(folder: Path, text: str) -> Ranges:
    (folder / "datacentre-x.txt").write_text(text, encoding="utf-8")
    return Ranges(folder / "datacentre-x.txt")


def test_a_list_with_comments_is_read(tmp_path: Path) -> None:
    text = (
        "\ufeff# data centres\n\n192.0.2.0/24  # the first\n198.51.100.7\n2001:db8::/32\n10.0.0.9/8 # not its first\n"
    )
    found = listed(tmp_path, text)
    assert (found.name, found.count) == ("datacentre-x", 4)
    for ip in ("192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8::1", "2001:db8:ffff::", "10.255.255.255"):
        assert found.holds(ip), ip
    for ip in (
        "192.0.1.255",
        "192.0.3.0",
        "198.51.100.8",
        "2001:db9::",
        "9.255.255.255",
        "",
        "nobody",
        "1.2.3",
        "::1%0",
    ):
        assert not found.holds(ip), ip


def test_ranges_that_touch_or_overlap_are_one(tmp_path: Path) -> None:
    found = listed(tmp_path, "192.0.2.0/25\n192.0.2.128/25\n192.0.2.64/26\n0.0.0.0/32\n255.255.255.255\n")
    assert all(found.holds(f"192.0.2.{number}") for number in range(256))
    assert [found.holds(ip) for ip in ("0.0.0.0", "0.0.0.1", "255.255.255.254", "255.255.255.255")] == [1, 0, 0, 1]


def test_an_address_is_in_the_list_exactly_if_a_line_holds_it(tmp_path: Path) -> None:
    chance = random.Random(3)
    networks = [
        ipaddress.ip_network((chance.getrandbits(10) << 22, chance.randrange(8, 30)), strict=False) for _ in range(60)
    ]
    found = listed(tmp_path, "\n".join(map(str, networks)))
    for _ in range(2000):
        address = ipaddress.IPv4Address(chance.getrandbits(10) << 22 | chance.getrandbits(3) << 19)
        assert found.holds(str(address)) == any(address in network for network in networks)


@pytest.mark.parametrize(
    "line", ["nobody", "192.0.2.0/33", "192.0.2.0-192.0.2.9", "example.com", "192.0.2.0/24 10.0.0.1"]
)
def test_a_line_that_is_no_range_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(
        BadInput, match=r"datacentre-x\.txt, line 2: .* is no range of addresses\. Write one range a line"
    ):
        listed(tmp_path, f"192.0.2.0/24\n{line}\n")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BadInput, match="This is no text"):
        Ranges(tmp_path / "a.txt")


def test_more_ranges_than_are_taken_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "MOST_RANGES", 3)
    assert listed(tmp_path, "1.1.1.1\n" * 3).count == 3
    with pytest.raises(BadInput, match="more than 3 ranges"):
        listed(tmp_path, "1.1.1.1\n" * 4)
