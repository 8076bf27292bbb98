"""`/t.js` and `/t/<campaign>`: what a page of any origin may ask, and what it hears."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from server.pipeline.click import PLATFORM_IDS
from server.web.script import served_script
from tests.loop import ROOT, Answer
from tests.web.conftest import World

LARGEST = 2048


def id_of(came: Answer) -> str:
    assert came.status == 200, came
    return str(json.loads(came.text)["click"])


# -- the script --------------------------------------------------------------------------------------------------------


def test_the_script_is_small_without_what_only_its_reader_needs() -> None:
    assert len(gzip.compress(served_script(), mtime=0)) < LARGEST
    assert b"//" not in served_script()


def test_the_script_is_written_for_old_phones() -> None:
    """What ECMAScript 5 has not, but for what is asked for before it is used."""
    assert not re.findall(r"=>|`|\?\.[a-z(]|\b(?:let|const|class|async|await|of)\b", served_script().decode())


def test_the_script_passes_on_what_the_server_reads() -> None:
    [ours] = re.findall(r"var ours = /(.*)/i;", (ROOT / "resources/script/t.js").read_text(encoding="utf-8"))
    for name in ("ext", "cost", "sub1", "sub20", "tallyback_test", *PLATFORM_IDS):
        assert re.match(ours, f"{name}=1"), name
    for name in ("extra", "mail", "token", "q", "click", "page"):
        assert not re.match(ours, f"{name}=1"), name


def test_the_script_may_be_kept_for_an_hour(world: World) -> None:
    plain = world.get("/t.js")
    assert plain.text.encode() == served_script()
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=3600"
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in plain.headers
    assert "set-cookie" not in plain.headers
    same = world.get("/t.js", {"If-None-Match": plain.headers["etag"]})
    assert (same.status, same.text) == (304, "")
    raw = world.raw(b"GET /t.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n", 5)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert gzip.decompress(body) == served_script()
    assert b"\r\nContent-Encoding: gzip" in head
    assert b"\r\nVary: Accept-Encoding" in head
    assert plain.headers["etag"].encode() not in head


# -- a visit -----------------------------------------------------------------------------------------------------------


def test_a_visit_is_recorded_as_a_click_that_is_where_it_is(world: World) -> None:
    page = "page=https%3A%2F%2Flp.example.com%2Fa%3Fmail%3Dm%23x&ref=https%3A%2F%2Fnews.example%2F"
    came = world.get(
        f"/t/plain?ext=e1&cost=0.25&sub3=z&gclid=g&{page}",
        {"Referer": "https://lp.example.com/", "User-Agent": "Browser/1.0", "Accept-Language": "de-DE,de"},
    )
    assert came.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in came.headers
    assert came.headers["content-type"] == "application/json"
    assert came.headers["cache-control"].startswith("no-store")
    assert came.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in came.headers
    [seen] = world.clicks(click=id_of(came))
    assert (seen["external_id"], seen["cost"], seen["sub3"], seen["platform_ids"]) == (
        "e1",
        "0.25",
        "z",
        {"gclid": "g"},
    )
    assert (seen["landing"], seen["offer"], seen["path"], seen["reason"]) == (None, None, 1, "only_path")
    assert (seen["destination"], seen["referrer"]) == ("https://lp.example.com/a", "https://news.example")
    assert (seen["user_agent"], seen["language"]) == ("Browser/1.0", "de-de")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://a.example/p?q", "https://a.example/p"),
        ("javascript:alert(1)", "https://lp.example.com/"),
        ("https://me:secret@a.example/", "https://lp.example.com/"),
        ("https://a.example/<b>\r\nX: y", "https://lp.example.com/"),
        ("https://[a", "https://lp.example.com/"),
        ("/a", "https://lp.example.com/"),
        ("", "https://lp.example.com/"),
    ],
)
def test_only_a_plain_address_is_kept_as_the_page(world: World, said: str, kept: str) -> None:
    came = world.get(f"/t/plain?page={quote(said, safe='')}", {"Referer": "https://lp.example.com/?id=7"})
    assert world.clicks(click=id_of(came))[0]["destination"] == kept


def test_an_unknown_campaign_is_told_as_such_to_any_page_and_counted(world: World) -> None:
    before = world.missed("nowhere-t")
    came = world.get("/t/nowhere-t?ext=1")
    assert (came.status, came.text) == (404, "")
    assert came.headers["access-control-allow-origin"] == "*"
    assert world.missed("nowhere-t") == before + 1


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT"])
@pytest.mark.parametrize("target", ["/t/plain", "/t.js", "/go", "/pixel/shop.gif"])
def test_nothing_but_a_plain_get_is_answered(world: World, method: str, target: str) -> None:
    came = world.request(method, target, headers={"Origin": "https://lp.example.com"})
    assert (came.status, came.text) == (404, "")
    assert "access-control-allow-origin" not in came.headers


@pytest.mark.parametrize("target", ["/c/summer", "/go", "/p/open", "/healthz", "/pixel/shop.gif", "/t.js"])
def test_only_a_visit_is_for_pages_of_other_origins(world: World, target: str) -> None:
    came = world.get(target, {"Origin": "https://lp.example.com"})
    assert not [name for name in came.headers if name.startswith("access-control")]


def test_who_only_looks_records_nothing(world: World) -> None:
    click = id_of(world.get("/t/plain?ext=1"))
    before = world.counts()
    world.request("HEAD", "/t/plain?ext=1")
    world.request("HEAD", f"/t/plain?click={click}&to=https%3A%2F%2Fshop.example.net%2F")
    world.request("HEAD", "/go?click=lost&campaign=plain")
    world.request("HEAD", f"/pixel/shop.gif?click_id={click}")
    assert world.counts() == before


# -- going on ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaving", "offer"),
    [
        ("to=https%3A%2F%2Fcarts.example.net%2Fx", "carts"),
        ("to=https%3A%2F%2FSHOP.example.net%2F", "shop"),
        ("to=https%3A%2F%2Felsewhere.example%2F&offer=2", "carts"),
        ("to=https%3A%2F%2Felsewhere.example%2F", None),
        ("to=javascript%3A1&offer=2", None),
        ("to=", None),
    ],
)
def test_who_leaves_by_a_link_straight_to_an_offer_takes_a_step(world: World, leaving: str, offer: str | None) -> None:
    click = id_of(world.get("/t/plain?ext=1"))
    before = world.counts()
    assert id_of(world.get(f"/t/plain?click={click.upper()}&{leaving}")) == click
    assert world.counts() == (*before[:2], before[2] + (offer is not None))
    if offer:
        world.get(f"/p/shop?token=a-secret-token-41&click_id={click}&order=leave-{offer}-{click}")
        assert [sale["offer"] for sale in world.conversions(click)] == [offer]


def test_an_id_that_does_not_hold_is_a_new_visit(world: World) -> None:
    click = id_of(world.get("/t/plain?ext=1"))
    other = id_of(world.get(f"/t/plain?click={click[:-2]}zz"))
    assert other != click
    assert world.clicks(click=other)


def test_the_served_script_is_part_of_an_install() -> None:
    assert '"script/*"' in Path(ROOT / "pyproject.toml").read_text(encoding="utf-8")
