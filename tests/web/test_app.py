"""Which addresses there are, and that nothing answers anywhere else."""

from __future__ import annotations

import time

import pytest

from tests.web.conftest import FALLBACK, SETUP, TOKEN, World

KNOWN = ("/c/summer?ext=e", "/go?click=x", "/healthz")
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", *METHODS])
@pytest.mark.parametrize(
    "target",
    [
        *(
            "/",
            "/c",
            "/C/summer",
            "/P/maxi",
            "/favicon.ico",
            "/admin",
            "/api/clicks",
            "/.env",
            "/.git/config",
        ),
        *("/c//", "/./c/summer", "/x/../c/summer", "/c.php/summer", "/static/app.js", "/healthz/x", "/go/x"),
        *("/index.html", "/setup", "/apply", "/export", "/backup", "/?c=summer", "/;/c/summer", "/\\c\\summer", "*"),
    ],
)
def test_anything_else_is_an_empty_404(world: World, method: str, target: str) -> None:
    came = world.request(method, target)
    assert (came.status, came.text) == (404, "")
    assert came.headers.keys() <= {"content-length", "content-type", "date", "via", "connection"}


@pytest.mark.parametrize("method", ["POST", *METHODS])
@pytest.mark.parametrize("target", KNOWN)
def test_another_method_at_a_known_address_is_an_empty_404(world: World, method: str, target: str) -> None:
    before = world.counts()
    came = world.request(method, target, b"a=1", {"X-HTTP-Method-Override": "GET"})
    assert (came.status, came.text) == (404, "")
    assert "allow" not in came.headers
    assert world.counts() == before


@pytest.mark.parametrize("host", ["trk.example.com", "trk..example.com", "x" * 64, ".", "a b", "[::1", ""])
@pytest.mark.parametrize("line", ["HEAD /c/summer", f"POST /p/maxi?token={TOKEN}&click_id=1", "GET /t.js"])
def test_whoever_reaches_us_is_answered_whatever_host_he_means(world: World, host: str, line: str) -> None:
    came = world.raw(f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(), 5)
    assert came.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 302 "))


@pytest.mark.parametrize("method", METHODS)
def test_a_postback_is_a_get_or_a_post_and_nothing_else(world: World, method: str) -> None:
    before = world.counts()
    came = world.request(method, f"/p/maxi?token={TOKEN}&click_id=x", b"a=1")
    assert (came.status, came.text) == (404, "")
    assert world.counts() == before


def test_no_answer_says_by_what_it_was_made(world: World) -> None:
    for target in ("/c/summer", "/nothing", "/p/maxi", "/healthz", "/c/unknown", "/robots.txt"):
        headers = world.get(target).headers
        assert not headers.keys() & {"server", "x-powered-by", "etag", "access-control-allow-origin"}
        assert ("set-cookie" in headers) == (target == "/c/summer")
        assert "waitress" not in str(headers)


@pytest.mark.parametrize("target", ["/c/summer", "/c/nowhere", "/go?click=x", f"/p/maxi?token={TOKEN}", "/healthz"])
def test_no_answer_is_kept_by_anybody_on_the_way(world: World, target: str) -> None:
    assert world.get(target).headers["cache-control"] == "no-store, max-age=0"


# -- HEAD ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/c/summer?ext=e&sub1=x", 302),
        ("/c/quiz?ext=e", 302),
        ("/c/nowhere-head", 302),
        ("/go?click=nothing", 302),
        (f"/p/maxi?token={TOKEN}&click_id=x", 200),
        ("/p/maxi?token=wrong", 403),
        ("/p/nobody-head", 403),
        ("/healthz", 200),
        ("/nothing", 404),
    ],
)
def test_head_is_answered_like_get_without_a_body_and_records_nothing(world: World, target: str, status: int) -> None:
    before = world.counts(), world.missed("nowhere-head")
    came = world.request("HEAD", target)
    assert (came.status, came.text) == (status, "")
    assert (world.counts(), world.missed("nowhere-head")) == before
    assert world.request("GET", target).status == status


def test_head_of_a_visit_goes_where_a_get_goes(world: World) -> None:
    head, get = (world.request(method, "/c/summer?ext=e&sub1=x").location for method in ("HEAD", "GET"))
    assert head.split("?")[0] == get.split("?")[0] == "https://go.example.net/in/"
    assert head.endswith("&s1=x&e=e&ua=")


def test_head_of_a_step_records_none(world: World) -> None:
    click = world.click("/c/quiz?ext=e")
    before = world.steps()
    assert world.request("HEAD", f"/go?click={click}").location == f"https://go.example.net/?sub1={click}"
    assert world.steps() == before


# -- changes ---------------------------------------------------------------------------------------------------------


def test_a_new_campaign_is_there_as_soon_as_it_is_applied(world: World) -> None:
    assert world.get("/c/autumn").location == FALLBACK
    world.loop.apply(
        SETUP.replace('key = "open"\nsource', 'key = "autumn"\nsource').replace("AD", "https://ad.example")
    )
    assert world.get("/c/autumn").location.startswith("https://go.example.net/")


def test_a_change_by_another_process_is_seen_within_a_second(world: World) -> None:
    network = '[[network]]\nkey = "late"\ntoken = "{}"\n'
    world.loop.apply(network.format("first-token-1"))
    assert world.get("/p/late?token=first-token-1").text == "STORED no_click_id"
    world.loop.apply(network.format("second-token-2"))
    applied = time.monotonic()
    world.loop.until(lambda: world.get("/p/late?token=second-token-2").status == 200, 1)
    assert time.monotonic() - applied < 1
    assert world.get("/p/late?token=first-token-1").status == 403
