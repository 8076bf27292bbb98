"""Geo databases of any maker tell country, region and network; a damaged one tells nothing and harms nothing."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from server.errors import BadInput
from server.visitor.geo import GeoFile, checked
from tests.visitor.mmdb import BUILT_AT, write_mmdb

MAXMIND_CITY = {
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [{"iso_code": "CA", "names": {"en": "California"}}, {"iso_code": "06075"}],
}
FACTS = [
    (MAXMIND_CITY, {"country": "US", "region": "CA"}),
    (
        {"country": {"iso_code": "DE"}, "subdivisions": [{"names": {"en": "Berlin"}}]},
        {"country": "DE", "region": "Berlin"},
    ),
    ({"country_code": "gb"}, {"country": "GB"}),
    (
        {"country_code": "FR", "state1": "Brittany", "state2": "", "city": "Rennes"},
        {"country": "FR", "region": "Brittany"},
    ),
    ({"country": "NL", "region": "Utrecht", "asn": "AS1103"}, {"country": "NL", "region": "Utrecht"}),
    ({"autonomous_system_number": 3320, "autonomous_system_organization": "Telekom"}, {"isp": "Telekom"}),
    ({"isp": "Orange", "autonomous_system_organization": "Orange S.A.", "organization": "o"}, {"isp": "Orange"}),
    ({"traits": {"autonomous_system_organization": "Vodafone"}}, {"isp": "Vodafone"}),
    ({"autonomous_system_number": "AS15169", "as_organization": "Google LLC"}, {"isp": "Google LLC"}),
    ({"as_name": "Hetzner", "asn": "AS24940"}, {"isp": "Hetzner"}),
    ({"country": {"iso_code": "Europe"}, "subdivisions": []}, {}),
    ({"country": {"iso_code": 7}, "subdivisions": "x", "isp": {"a": "b"}, "as_name": "  "}, {}),
    ({"country": ["US"], "subdivisions": ["CA"], "traits": 4}, {}),
    ({"country_code": "GB", "as_name": "a\x00b", "region": "\x1b[2J"}, {"country": "GB"}),
    ("a text", {}),
    ([1, 2], {}),
    ({"as_name": "x" * 250}, {"isp": "x" * 100}),
]


@pytest.mark.parametrize(("record", "facts"), FACTS)
def test_every_makers_fields_are_read(tmp_path: Path, record: Any, facts: dict[str, str]) -> None:
    file = GeoFile(write_mmdb(tmp_path / "a.mmdb", {"81.2.69.0/24": record}))
    assert file.facts("81.2.69.142") == facts
    assert file.facts("81.2.70.1") == {}


@pytest.mark.parametrize("ip", ["", "unknown", "81.2.69", "999.1.1.1", "::1::", "fe80::1%eth0", "81.2.69.142\n", "é"])
def test_what_is_no_address_is_not_known(tmp_path: Path, ip: str) -> None:
    assert GeoFile(write_mmdb(tmp_path / "a.mmdb", {"81.2.69.0/24": MAXMIND_CITY})).facts(ip) == {}


def test_both_kinds_of_address_are_looked_up(tmp_path: Path) -> None:
    records = {"81.2.69.0/24": {"country_code": "GB"}, "2a02:8108::/32": {"country_code": "DE"}}
    file = GeoFile(write_mmdb(tmp_path / "a.mmdb", records))
    assert (file.facts("81.2.69.142"), file.facts("2a02:8108::7")) == ({"country": "GB"}, {"country": "DE"})


def test_a_file_for_ipv4_alone_knows_no_other_address(tmp_path: Path) -> None:
    file = GeoFile(write_mmdb(tmp_path / "a.mmdb", {"81.2.69.0/24": {"country_code": "GB"}}, ip_version=4))
    assert file.facts("2a02:8108::7") == {}
    assert file.facts("81.2.69.142") == {"country": "GB"}


def test_a_file_says_its_age_and_whom_to_credit(tmp_path: Path) -> None:
    records = {"81.2.69.0/24": {"country_code": "GB"}}
    ours = GeoFile(write_mmdb(tmp_path / "a.mmdb", records, kind="DBIP-Country-Lite", licence="CC BY 4.0"))
    assert (ours.built_at, ours.kind, ours.licence) == (BUILT_AT * 1000, "DBIP-Country-Lite", "CC BY 4.0")
    assert ours.credit.startswith("IP geolocation by DB-IP, https://db-ip.com")
    assert "MaxMind" in GeoFile(write_mmdb(tmp_path / "GeoLite2-City.mmdb", records)).credit
    assert GeoFile(write_mmdb(tmp_path / "own.mmdb", records)).credit == ""


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xab\xcd\xefMaxMind.com", b"\xab\xcd\xefMaxMind.com\xe0", os.urandom(500)]
)
def test_what_is_no_database_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mmdb").write_bytes(content)
    with pytest.raises(BadInput, match=r"a\.mmdb: This is no \.mmdb database\."):
        GeoFile(tmp_path / "a.mmdb")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        GeoFile(tmp_path / "a.mmdb")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="neither country nor region nor network"):
        checked(write_mmdb(tmp_path / "a.mmdb", {"81.2.69.0/24": {"proxy": "yes"}}))


def test_damage_anywhere_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A flipped byte may tell something wrong; it may not fail a click, nor fill the log."""
    records = {f"{number}.0.0.0/8": {**MAXMIND_CITY, "isp": f"Network {number}"} for number in range(1, 200)}
    sound = write_mmdb(tmp_path / "a.mmdb", records).read_bytes()
    chance = random.Random(7)
    opened = 0
    for number in range(150):
        damaged = bytearray(sound)
        for _ in range(chance.randrange(1, 40)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = tmp_path / f"damaged{number}.mmdb"
        path.write_bytes(damaged)
        caplog.clear()
        try:
            file = GeoFile(path)
        except BadInput:
            continue
        opened += 1
        for address in range(1, 200):
            assert set(file.facts(f"{address}.1.1.1")) <= {"country", "region", "isp"}
        assert len(caplog.records) <= 1
    assert opened > 100


def test_who_writes_over_the_file_does_not_pull_it_away(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "a.mmdb", {f"{n}.0.0.0/8": {"country_code": "GB"} for n in range(1, 220)})
    file = GeoFile(path)
    path.write_bytes(b"")  # as `cp` does before it writes: a mapped page of it would be gone
    assert {file.facts(f"{n}.1.1.1")["country"] for n in range(1, 220)} == {"GB"}
    assert [one.name for one in tmp_path.iterdir()] == ["a.mmdb"]
