"""`/c/<campaign>` and `/go`: whatever a visitor's request holds, it is recorded as it came and leads where it should."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from server.pipeline import click
from tests.ad_network import setup_with
from tests.relays.ticking import ticking
from tests.web.conftest import FALLBACK, World

NAUGHTY = [
    "' OR 1=1 --",
    '"; DROP TABLE click; --',
    "<script>alert(1)</script>",
    "<img src=file:///etc/passwd>",
    "javascript:alert(1)",
    "//evil.example/",
    "https://evil.example/?x=",
    "@evil.example",
    ".evil.example",
    ":80#",
    "..",
    "../../etc/passwd",
    "..\\..\\windows",
    "%00",
    "%0d%0aSet-Cookie:%20a=b",
    "\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "\u2028\u2029",
    "\u202eevil\u202c",
    "\ufeff\u200b\u00ad",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "👩‍👩‍👧‍👦 🏳️‍🌈 💥",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "مُنَاقَشَةُ سُبُلِ اِسْتِخْدَامِ اللُّغَةِ",
    "１２",
    "NaN",
    "-1",
    "1e999",
    "0x7f",
    "true",
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(1)",
    "a" * 1000,
    "%",
    "%%%",
    "%ff%fe",
    "&amp;",
    "a;b",
    "a\tb",
    "a\x9bb",
    "a\x00b",
    "a\x1bb\x7f",
]
IN_NO_HEADER = "\x00\r\n\x1b\x7f"  # refused with 400 before anybody reads them


def goes_to(location: str, host: str = "go.example.net") -> None:
    """The one place a visitor may be sent to, in one line of plain characters."""
    assert urlsplit(location).netloc == host
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_no_value_moves_a_visitor_elsewhere(world: World, naughty: str) -> None:
    value = quote(naughty, safe="")
    names = ("ext", "cost", "sub1", "sub2", "sub20", "fbclid", "gclid", "click", "offer", "key", "tallyback_test")
    came = world.get("/c/summer?" + "&".join(f"{name}={value}" for name in names))
    assert came.status == 302
    goes_to(came.location)
    assert urlsplit(came.location).path.count("/") == 2
    assert re.fullmatch(r"visitor=[0-9a-f]{16}; [^\r\n]*SameSite=Lax", came.headers["set-cookie"])
    landed = world.get(f"/c/quiz?sub1={value}")
    goes_to(landed.location, "lp.example.com")
    gone = world.get(f"/go?click={world.click('/c/quiz')}&offer={value}&sub1={value}")
    goes_to(gone.location)


@pytest.mark.parametrize("naughty", [one for one in NAUGHTY if not set(one) & set(IN_NO_HEADER)])
def test_no_header_moves_a_visitor_elsewhere_and_each_is_kept_as_it_came(world: World, naughty: str) -> None:
    sent = naughty.encode().decode("latin-1")
    headers = {"User-Agent": sent, "Referer": sent, "Accept-Language": sent, "Cookie": sent, "X-Forwarded-Host": sent}
    came = world.get("/c/summer?ext=naughty-header", headers)
    assert came.status == 302
    goes_to(came.location)
    seen = next(iter(world.clicks(limit=1)))
    kept = naughty.replace("\t", " ").replace("\x9b", " ")
    assert (seen["user_agent"] or "", seen["referrer"] or "") == (kept, kept)
    assert parse_qs(urlsplit(came.location).query).get("ua", [""]) == [kept]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "a b", "é", "[::1", "evil.example/x", "go.example.net@x"]
)
def test_the_host_that_was_asked_for_changes_nothing(world: World, host: str) -> None:
    raw = b"GET /c/summer?ext=e HTTP/1.1\r\nHost: " + host.encode() + b"\r\nConnection: close\r\n\r\n"
    came = world.raw(raw, 5)
    assert came.startswith(b"HTTP/1.1 302 ")
    assert b"\r\nLocation: https://go.example.net/in/?sub1=" in came


def test_what_the_source_tells_is_kept_as_it_came(world: World) -> None:
    subs = {f"sub{number}": f"ünï {number} 💥" for number in range(1, 21)}
    query = "&".join(f"{name}={quote(value)}" for name, value in subs.items())
    click_id = world.click(f"/c/summer?ext=e%2Bx&cost=0,5&{query}&fbclid=f1&gclid=g1&unknown=1")
    [seen] = world.clicks(click=click_id)
    assert {name: seen[name] for name in subs} == subs
    assert (seen["external_id"], seen["cost"], seen["currency"]) == ("e+x", "0.50", "USD")
    assert seen["platform_ids"] == {"fbclid": "f1", "gclid": "g1"}
    assert (seen["campaign"], seen["source"], seen["offer"], seen["ip"]) == ("summer", "prop", "keto", "127.0.0.1")


def test_the_click_id_that_goes_out_is_the_one_that_is_kept(world: World) -> None:
    came = world.get("/c/summer?ext=e")
    click_id = parse_qs(urlsplit(came.location).query)["sub1"][0]
    assert len(click_id) == 23
    assert world.clicks(click=click_id)[0]["destination"] == came.location


def test_a_thousand_parameters_are_read_and_the_first_that_says_something_counts(world: World) -> None:
    click_id = world.click(
        "/c/summer?" + "&".join(f"x{number}={number}" for number in range(1000)) + "&ext=&ext=one&ext=two"
    )
    assert world.clicks(click=click_id)[0]["external_id"] == "one"


# -- addresses that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["nowhere", "Summer", "summer/", "summer/x", "%C3%A9", "a%00b", "x" * 500, "..%2Fgo"])
def test_an_unknown_campaign_leads_to_the_fallback_and_is_counted(world: World, key: str) -> None:
    shown = unquote(key).replace("\x00", "%00")[:64]
    before = len(world.clicks()), world.missed(shown)
    for _ in range(3):
        came = world.get(f"/c/{key}?ext=e")
        assert (came.status, came.location) == (302, FALLBACK)
    assert (len(world.clicks()), world.missed(shown)) == (before[0], before[1] + 3)


@pytest.mark.parametrize("click_id", ["", "x", "0" * 23, "{click_id}", "%00", "a" * 5000])
def test_a_step_of_no_click_leads_to_the_fallback(world: World, click_id: str) -> None:
    before = world.steps()
    came = world.get(f"/go?click={click_id}")
    assert (came.status, came.location) == (302, FALLBACK)
    assert world.steps() == before


def test_a_step_leads_to_the_offer_that_the_page_names(world: World) -> None:
    click_id = world.click("/c/quiz?ext=e&sub1=s")
    assert world.get(f"/go?click={click_id}").location == f"https://go.example.net/?sub1={click_id}"
    assert world.get(f"/go?click={click_id.upper()}&offer=2").location.startswith("https://go.example.net/in/?sub1=")
    for nonsense in ("0", "3", "-1", "%EF%BC%91", "1.0", "9" * 50, "x"):
        assert (
            world.get(f"/go?click={click_id}&offer={nonsense}").location == f"https://go.example.net/?sub1={click_id}"
        )


# -- when nothing can be written -------------------------------------------------------------------------------------


def test_a_visitor_goes_on_though_the_click_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with ticking(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        with monkeypatch.context() as broken:
            for job in ("record", "record_missed"):
                broken.setattr(click, job, full)
            assert loop.get("/c/summer?ext=e").location.startswith("https://go.example.net/")
            assert loop.get("/c/nowhere").status == 404
        assert "database or disk is full" in caplog.text
        assert "Traceback" not in caplog.text
        assert loop.click()
