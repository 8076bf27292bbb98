"""Caps, bots and places for whom no path takes, on a real server and on both of its ways."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from server.domain.choosing import REASONS
from tests.loop import Loop, running

SETUP = """
[[source]]
key = "prop"
[[network]]
key = "maxi"
token = ""
currency = "USD"
[[offer]]
key = "spare"
network = "maxi"
url = "https://spare.example/?sub1={click_id}"
payout = 1
[[landing]]
key = "quiz"
url = "https://lp.example/?c={click_id}"
[[campaign]]
key = "picky"
source = "prop"
otherwise = "https://else.example/?c={click_id}"
bots = "https://bots.example/"
[[campaign.path]]
when = { sub1 = "a", referrer = { contains = "news" } }
offers = [{ offer = "spare" }]
""" + "".join(
    f"""
[[offer]]
key = "{key}"
network = "maxi"
url = "https://{key}.example/?sub1={{click_id}}"
payout = 1
cap = {{ {cap}, alternative = "spare" }}
[[campaign]]
key = "{key}"
source = "prop"
[[campaign.path]]
{landing}
offers = [{{ offer = "{key}" }}]
"""
    for key, cap, landing in (
        ("clicks", "clicks = 3", ""),
        ("many", "clicks = 20", ""),
        ("sold", "conversions = 1", ""),
        ("stepped", "clicks = 2", 'landings = [{ landing = "quiz" }]'),
    )
)
PLAIN = {"Content-Type": "text/plain"}  # means nothing to either way, but the fast one leaves it to the plain one


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with running(tmp_path_factory.mktemp("caps"), SETUP) as loop:
        yield loop
        assert loop.errors() == ""


def host(loop: Loop, target: str, headers: dict[str, str] | None = None) -> str:
    return loop.request("GET", target, None, {"User-Agent": "Browser/1.0", **(headers or {})}).location.split("/")[2]


def reasons(loop: Loop, campaign: str) -> list[str]:
    return [row["reason"] for row in loop.rows("clicks", "--campaign", campaign)][::-1]


def test_a_full_offer_is_left_alone_on_both_ways_and_after_a_start(loop: Loop) -> None:
    ways = [None, PLAIN, None, PLAIN, None]
    assert [host(loop, "/c/clicks", way) for way in ways] == ["clicks.example"] * 3 + ["spare.example"] * 2
    assert reasons(loop, "clicks") == ["only_path"] * 3 + ["capped"] * 2
    loop.request("HEAD", "/c/clicks")
    assert loop.stop() == 0
    loop.start()
    assert [host(loop, "/c/clicks", way) for way in (None, PLAIN)] == ["spare.example"] * 2
    assert reasons(loop, "clicks")[-1] in REASONS


def test_many_at_once_never_pass_the_cap(loop: Loop) -> None:
    port = int(loop.url.rsplit(":", 1)[1])
    request = b"GET /c/many HTTP/1.1\r\nHost: a\r\nUser-Agent: Browser/1.0\r\nConnection: close\r\n\r\n"
    with_open: list[socket.socket] = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(60)]
    for connection in with_open:
        connection.sendall(request)
    for connection in with_open:
        with connection:
            while connection.recv(65536):
                pass
    rows = loop.rows("clicks", "--campaign", "many")
    assert sorted(row["offer"] for row in rows) == ["many"] * 20 + ["spare"] * 40


def test_a_conversion_fills_its_offer(loop: Loop) -> None:
    click_id = loop.click("/c/sold")
    assert loop.get(f"/p/maxi?click_id={click_id}&txn_id=1").text.startswith("OK accepted")
    loop.until(lambda: host(loop, "/c/sold") == "spare.example")
    assert host(loop, "/c/sold", PLAIN) == "spare.example"


def test_a_step_from_a_landing_page_obeys_the_cap_too(loop: Loop) -> None:
    came = [loop.get("/c/stepped").location.split("?c=")[1] for _ in range(3)]
    assert [host(loop, f"/go?click={click_id}") for click_id in came] == ["stepped.example"] * 2 + ["spare.example"]
    assert host(loop, f"/go?click={came[0]}&offer=1") == "spare.example"


@pytest.mark.parametrize("way", [None, PLAIN])
def test_conditions_are_asked_of_what_the_request_says(loop: Loop, way: dict[str, str] | None) -> None:
    said = {**(way or {}), "Referer": "https://a.News.example/x"}
    assert host(loop, "/c/picky?sub1=A", said) == "spare.example"
    assert host(loop, "/c/picky?sub1=b", said) == "else.example"
    assert host(loop, "/c/picky?sub1=A", way) == "else.example"
    assert host(loop, "/c/picky?sub1=A", {**said, "User-Agent": "Googlebot/2.1"}) == "bots.example"
    assert reasons(loop, "picky")[-4:] == ["conditions", "no_path_open", "no_path_open", "bot"]
