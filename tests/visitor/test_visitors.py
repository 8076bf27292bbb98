"""What is known of a visitor, put together from agent, address and headers; data that comes, breaks and goes meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.clock import DAY, HOUR
from server.visitor.visitors import VISITORS_REMEMBERED, Visitors
from tests.visitor.mmdb import write_mmdb

NOW = 1_772_366_400_000
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
OF_PHONE = {
    "device": "mobile",
    "os": "iOS",
    "os_version": "17.4",
    "browser": "Mobile Safari",
    "browser_version": "17.4",
}
IP = "81.2.69.142"


@pytest.fixture
def visitors(tmp_path: Path) -> Visitors:
    return Visitors(tmp_path / "geo", tmp_path / "bots", b"secret")


@pytest.fixture
def country(tmp_path: Path) -> Callable[[str], Path]:
    def write(code: str) -> Path:
        new = write_mmdb(tmp_path / "new.mmdb", {"81.2.69.0/24": {"country_code": code}})
        (tmp_path / "geo").mkdir(exist_ok=True)
        return new.replace(tmp_path / "geo" / "country.mmdb")

    return write


def bots_in(visitors: Visitors, name: str, text: str) -> None:
    visitors.ranges.path.mkdir(exist_ok=True)
    (visitors.ranges.path / name).write_text(text)
    assert list(visitors.look()) == []


def test_without_any_data_the_agent_is_known_and_the_country_is_not(visitors: Visitors) -> None:
    assert list(visitors.look()) == []
    assert visitors.facts(IP, PHONE, {}, NOW) == OF_PHONE


def test_several_files_fill_what_the_others_lack(visitors: Visitors) -> None:
    folder = visitors.geo.path
    write_mmdb(folder / "a-country.mmdb", {"81.2.69.0/24": {"country_code": "GB"}}, ip_version=4)
    write_mmdb(
        folder / "b-asn.mmdb",
        {"81.2.0.0/16": {"autonomous_system_organization": "AAISP"}, "2a02::/16": {"as_name": "DT"}},
    )
    city = {"country": {"iso_code": "FR"}, "subdivisions": [{"iso_code": "ENG"}]}
    write_mmdb(folder / "c-city.mmdb", {"81.2.69.0/24": city})
    visitors.look()
    assert visitors.facts(IP, PHONE, {}, NOW) == {**OF_PHONE, "country": "GB", "region": "ENG", "isp": "AAISP"}
    assert visitors.facts("2a02::1", PHONE, {}, NOW) == {**OF_PHONE, "isp": "DT"}


def test_a_broken_file_is_named_and_the_others_tell(visitors: Visitors, country: Callable[[str], Path]) -> None:
    country("GB")
    (visitors.geo.path / "broken.mmdb").write_bytes(b"no database")
    [trouble] = visitors.look()
    assert "broken.mmdb: This is no .mmdb database. Load it again" in str(trouble)
    assert visitors.facts(IP, PHONE, {}, NOW)["country"] == "GB"


def test_what_was_exchanged_broken_or_removed_is_noticed(visitors: Visitors, country: Callable[[str], Path]) -> None:
    def seen() -> str | None:
        visitors.look()
        return visitors.facts(IP, PHONE, {}, NOW).get("country")

    country("GB")
    assert seen() == "GB"
    file = country("DE")
    assert seen() == "DE"
    file.write_bytes(b"half of a")
    assert seen() == "DE"
    file.unlink()
    assert seen() is None
    country("FR")
    assert seen() == "FR"
    shutil.rmtree(visitors.geo.path)
    assert seen() is None


# -- bots ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agent", [None, ""])
def test_who_names_no_agent_is_a_bot(visitors: Visitors, agent: str | None) -> None:
    assert visitors.facts(IP, agent, {}, NOW) == {"device": "bot", "bot": "no agent"}


def test_an_agent_that_says_what_it_is(visitors: Visitors) -> None:
    assert visitors.facts(IP, "Googlebot/2.1 (+http://www.google.com/bot.html)", {}, NOW)["bot"] == "agent: Googlebot"


def test_an_address_of_a_list_is_called_by_the_lists_name(visitors: Visitors) -> None:
    bots_in(visitors, "datacentre-x.txt", "81.2.0.0/16 # all of it\n2001:db8::/32\n")
    assert visitors.facts(IP, PHONE, {}, NOW) == {**OF_PHONE, "bot": "range: datacentre-x"}
    assert visitors.facts("2001:db8::7", PHONE, {}, NOW)["bot"] == "range: datacentre-x"
    assert "bot" not in visitors.facts("81.3.0.1", PHONE, {}, NOW)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PURPOSE", "prefetch"),
        ("SEC_PURPOSE", "prefetch;prerender"),
        ("SEC_PURPOSE", "Prefetch; anonymous-client-ip"),
        ("X_PURPOSE", "preview"),
        ("X_MOZ", "prefetch"),
    ],
)
def test_a_browser_that_loads_ahead(visitors: Visitors, name: str, said: str) -> None:
    assert visitors.facts(IP, PHONE, {"HOST": "a", name: said}, NOW)["bot"] == "prefetch"
    assert "bot" not in visitors.facts(IP, PHONE, {"HOST": "a", name: "navigate"}, NOW)


def test_who_asked_for_robots_lately(visitors: Visitors) -> None:
    visitors.asked_for_robots(IP, NOW)
    assert visitors.facts(IP, PHONE, {}, NOW + 23 * HOUR)["bot"] == "robots.txt"
    assert "bot" not in visitors.facts(IP, PHONE, {}, NOW + DAY)
    assert "bot" not in visitors.facts("81.2.69.143", PHONE, {}, NOW)


# -- new or returning ----------------------------------------------------------------------------------------------------


def test_a_visitor_of_a_campaign_has_one_key_and_no_other_has_it(visitors: Visitors, tmp_path: Path) -> None:
    keys = {visitors.key(c, ip, agent) for c in (1, 2) for ip in (IP, "::1") for agent in (PHONE, "x", None)}
    assert len(keys) == 12
    again = Visitors(tmp_path, tmp_path, b"secret")
    assert again.key(1, IP, PHONE) == visitors.key(1, IP, PHONE)
    assert Visitors(tmp_path, tmp_path, b"another").key(1, IP, PHONE) != visitors.key(1, IP, PHONE)


def test_who_came_within_a_day_returns(visitors: Visitors) -> None:
    key = visitors.key(1, IP, PHONE)
    assert not visitors.knows(key, NOW)
    visitors.remember(key, NOW)
    assert visitors.knows(key, NOW + 23 * HOUR)
    assert not visitors.knows(key, NOW + DAY)


def test_the_memory_has_room_for_many_in_few_megabytes(visitors: Visitors) -> None:
    assert VISITORS_REMEMBERED >= 200_000
    assert visitors._visits.size <= 4 * 1024 * 1024


# -- while a server runs -------------------------------------------------------------------------------------------------


@pytest.fixture
def looking(visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitors]:
    monkeypatch.setattr("server.visitor.visitors.LOOK_S", 0.01)
    visitors.start()
    visitors.wait_until_ready()
    yield visitors
    visitors.stop()


def test_new_data_needs_no_restart(
    looking: Visitors, country: Callable[[str], Path], until: Callable[[Callable[[], object]], None]
) -> None:
    country("GB")
    until(lambda: looking.facts(IP, PHONE, {}, NOW).get("country") == "GB")
    country("DE").write_bytes(b"broken")
    until(lambda: looking.geo.troubles)
    assert looking.facts(IP, PHONE, {}, NOW)["country"] in ("GB", "DE")
