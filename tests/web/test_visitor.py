"""What is known of a visitor is kept on the click, the fast way as the plain way: facts, bots, new or returning."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loop import Answer, running
from tests.pipeline.world import small_setup
from tests.visitor.mmdb import write_mmdb
from tests.web.conftest import World

PROXY = "127.0.0.2"  # which the setup trusts
ASIDE = {"Content-Type": "text/plain"}  # what the fast way leaves to the plain way
WAYS = pytest.mark.parametrize("way", [{}, ASIDE], ids=["fast", "plain"])
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
COOKIE = re.compile(r"(visitor=[0-9a-f]{16}); Max-Age=31536000; Path=/c/summer; HttpOnly; SameSite=Lax")
_HOSTS = itertools.count(1)


@pytest.fixture
def ip() -> str:
    """Nobody has come from there yet."""
    number = next(_HOSTS)
    return f"198.18.{number // 250}.{1 + number % 250}"


def visit(
    world: World, ip: str, *more: dict[str, str], target: str = "/c/summer", agent: str = PHONE, method: str = "GET"
) -> Answer:
    headers = {"X-Forwarded-For": ip, "User-Agent": agent}
    for one in more:
        headers |= one
    return world.request(method, target, None, headers, peer=PROXY)


def click(world: World, ip: str, *more: dict[str, str], **named: str) -> dict[str, Any]:
    came = visit(world, ip, *more, **named)
    assert came.status == 302
    [newest] = world.clicks(limit=1)
    assert newest["ip"] == ip
    return newest


def cookie_of(came: Answer) -> str:
    found = COOKIE.fullmatch(came.headers["set-cookie"])
    assert found, came.headers
    return found[1]


# -- facts ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def geo(world: World) -> Iterator[None]:
    """A database that comes while the server runs."""
    record = {"country_code": "GB", "state1": "England", "as_name": "AAISP"}
    file = write_mmdb(
        world.loop.folder / "new.mmdb", {"81.2.69.0/24": record, "2a02:8108::/32": {"country_code": "DE"}}
    )
    (world.loop.folder / "geo").mkdir()
    file = file.replace(world.loop.folder / "geo" / "city.mmdb")
    world.loop.until(lambda: click(world, "81.2.69.1")["country"])
    yield
    file.unlink()


@WAYS
@pytest.mark.usefixtures("geo")
def test_a_click_keeps_the_facts(world: World, way: dict[str, str]) -> None:
    found = click(world, "81.2.69.142", way)
    told = {name: found[name] for name in ("country", "region", "isp", "device", "os", "os_version")}
    assert told == {
        "country": "GB",
        "region": "England",
        "isp": "AAISP",
        "device": "mobile",
        "os": "iOS",
        "os_version": "17.4",
    }
    assert (found["browser"], found["browser_version"], found["bot"]) == ("Mobile Safari", "17.4", None)
    assert click(world, "2a02:8108::7", way)["country"] == "DE"
    assert world.loop.rows("evidence", found["id"])[0]["click"]["isp"] == "AAISP"


@WAYS
@pytest.mark.parametrize("agent", ["", "\x80\xff", "(", "Mozilla/5.0 (", "a" * 6000, "%s", "'; DROP TABLE click; --"])
def test_whatever_an_agent_says_the_visitor_goes_on(world: World, ip: str, agent: str, way: dict[str, str]) -> None:
    assert click(world, ip, way, agent=agent)["ip"] == ip


# -- bots ----------------------------------------------------------------------------------------------------------------


@WAYS
@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (
            {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
            "agent: Googlebot",
        ),
        ({"User-Agent": ""}, "no agent"),
        ({"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"Purpose": "prefetch"}, "prefetch"),
        ({"X-Purpose": "preview"}, "prefetch"),
        ({"X-Moz": "prefetch"}, "prefetch"),
        ({"X-Moz": "other"}, None),
    ],
)
def test_a_bot_is_told_with_the_reason(
    world: World, ip: str, headers: dict[str, str], why: str | None, way: dict[str, str]
) -> None:
    assert click(world, ip, way, headers)["bot"] == why


@WAYS
def test_who_asks_for_robots_is_a_bot_from_then_on(world: World, ip: str, way: dict[str, str]) -> None:
    assert click(world, ip, way)["bot"] is None
    came = visit(world, ip, way, target="/robots.txt")
    assert (came.status, came.text) == (200, "User-agent: *\nDisallow: /\n")
    assert came.headers["content-type"] == "text/plain; charset=utf-8"
    assert click(world, ip, way)["bot"] == "robots.txt"


def test_what_is_everybodys_address_is_no_bots(world: World) -> None:
    """This machine's own, and that of a proxy that the owner has not named."""
    assert world.request("GET", "/robots.txt").status == 200
    unnamed = {"X-Forwarded-For": "203.0.113.9", "User-Agent": PHONE}
    assert world.request("GET", "/robots.txt", None, unnamed, peer="127.0.0.3").status == 200
    assert world.request("GET", "/c/summer", None, unnamed, peer="127.0.0.3").status == 302
    assert [one["bot"] for one in world.clicks(limit=1)] == [None]
    assert world.request("GET", "/c/summer", None, {"User-Agent": PHONE}).status == 302
    assert [one["bot"] for one in world.clicks(limit=1)] == [None]


# -- new or returning ----------------------------------------------------------------------------------------------------


@WAYS
def test_without_cookies_the_same_address_and_agent_return(world: World, ip: str, way: dict[str, str]) -> None:
    assert click(world, ip, way)["returning"] is False
    assert click(world, ip, way)["returning"] is True
    assert click(world, ip, way, agent=f"{PHONE} other")["returning"] is False
    assert click(world, ip, way, target="/c/quiz")["returning"] is False


def test_what_one_way_saw_the_other_knows(world: World, ip: str) -> None:
    assert click(world, ip)["returning"] is False
    assert click(world, ip, ASIDE)["returning"] is True


@WAYS
def test_a_cookie_knows_the_visitor_at_another_address(world: World, ip: str, way: dict[str, str]) -> None:
    cookie = cookie_of(visit(world, ip, way))
    elsewhere = ip.replace("198.18.", "198.19.")
    assert click(world, elsewhere, way, {"Cookie": f"a=b; {cookie}; c=d"})["returning"] is True
    assert "set-cookie" not in visit(world, ip, way, {"Cookie": cookie}).headers


def test_the_cookie_says_nothing_and_is_the_same_both_ways(world: World, ip: str) -> None:
    cookie = cookie_of(visit(world, ip))
    assert cookie == cookie_of(visit(world, ip, ASIDE))
    assert cookie != cookie_of(visit(world, ip, agent="another"))


@WAYS
@pytest.mark.parametrize(
    "said",
    ["visitor=", "visitor=123", "visitor=" + "g" * 16, "xvisitor=0123456789abcdef", "visitor=0123456789abcdef0", ";;;"],
)
def test_a_cookie_that_is_none_of_ours_counts_for_nothing(
    world: World, ip: str, said: str, way: dict[str, str]
) -> None:
    came = visit(world, ip, way, {"Cookie": said})
    assert COOKIE.fullmatch(came.headers["set-cookie"])
    assert [one["returning"] for one in world.clicks(limit=1)] == [False]


@WAYS
def test_over_https_the_cookie_goes_over_https_alone(world: World, ip: str, way: dict[str, str]) -> None:
    came = visit(world, ip, way, {"X-Forwarded-Proto": "https"})
    assert came.headers["set-cookie"].endswith("; SameSite=Lax; Secure")
    headers = {"X-Forwarded-Proto": "https", "User-Agent": ip, **way}
    not_believed = world.request("GET", "/c/summer", None, headers, peer="127.0.0.3")
    assert "Secure" not in not_believed.headers["set-cookie"]


@WAYS
def test_who_only_looks_ahead_has_not_been_here(world: World, ip: str, way: dict[str, str]) -> None:
    ahead = visit(world, ip, way, {"Sec-Purpose": "prefetch"})
    assert (ahead.status, "set-cookie" in ahead.headers) == (302, False)
    assert visit(world, ip, method="HEAD").headers.get("set-cookie") is None
    assert click(world, ip, way)["returning"] is False


def test_a_server_that_starts_knows_who_came_before(tmp_path: Path) -> None:
    with running(tmp_path, small_setup()) as loop:
        loop.click()
        assert loop.stop() == 0
        loop.start()
        loop.click()
        assert [one["returning"] for one in loop.rows("clicks")] == [True, False]
