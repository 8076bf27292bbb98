"""`/pixel/<network>.gif`: a browser's word for a sale, which anybody can speak."""

from __future__ import annotations

import pytest

from tests.web.conftest import TOKEN, World


def told(world: World, click: str, query: str, network: str = "shop") -> dict[str, object]:
    """A pixel is called; its receipt."""
    before = len(world.postbacks())
    raw = world.raw(
        f"GET /pixel/{network}.gif?click_id={click}&{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
        5,
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nContent-Type: image/gif\r\n" in head
    assert b"\r\nCache-Control: no-store" in head
    assert body.startswith(b"GIF89a")
    kept = world.postbacks()
    assert len(kept) == before + 1
    return kept[0]


@pytest.fixture
def click(world: World) -> str:
    return world.click("/c/shop?ext=pixel")


def test_it_is_a_receipt_that_says_it_came_from_a_browser(world: World, click: str) -> None:
    receipt = told(world, click, "txn_id=t1&status=approved")
    assert (receipt["method"], receipt["outcome"], receipt["network"]) == ("PIXEL", "accepted", "shop")
    [sale] = world.conversions(click)
    assert (sale["txn_id"], sale["status"], sale["payout"], sale["currency"]) == ("t1", "approved", "12.00", "USD")


def test_the_offer_says_what_it_pays_where_it_does_and_the_page_only_where_it_does_not(
    world: World, click: str
) -> None:
    told(world, click, "txn_id=t2&payout=9999&currency=EUR")
    assert [sale["payout"] for sale in world.conversions(click)] == ["12.00"]
    cart = world.click("/c/carts?ext=pixel")
    told(world, cart, "txn_id=t3&payout=19.90&currency=EUR")
    assert [(sale["payout"], sale["currency"]) for sale in world.conversions(cart)] == [("19.90", "EUR")]


def test_the_network_has_the_last_word_whoever_speaks_first(world: World, click: str) -> None:
    assert told(world, click, "txn_id=t4")["outcome"] == "accepted"
    came = world.get(f"/p/shop?token={TOKEN}&click_id={click}&order=t4&payout=11&status=approved")
    assert came.text.startswith("OK updated")
    assert told(world, click, "txn_id=t4&payout=1")["outcome"] == "duplicate"
    assert told(world, click, "")["outcome"] == "duplicate"
    [sale] = world.conversions(click)
    assert (sale["payout"], sale["status"]) == ("11.00", "approved")


@pytest.mark.parametrize("word", ["rejected", "refunded", "chargeback"])
def test_a_browser_takes_nothing_back(world: World, click: str, word: str) -> None:
    told(world, click, "txn_id=t5&status=approved")
    receipt = told(world, click, f"txn_id=t5&status={word}")
    assert receipt["outcome"] == "unauthorised"
    assert "browser" in str(receipt["reason"])
    assert [sale["status"] for sale in world.conversions(click)] == ["approved"]


def test_where_the_network_has_not_allowed_it_nothing_is_believed_though_the_token_is_right(world: World) -> None:
    click = world.click("/c/summer?ext=pixel")
    receipt = told(world, click, f"txn_id=t6&token={TOKEN}", network="maxi")
    assert (receipt["outcome"], receipt["reason"]) == (
        "unauthorised",
        "A browser may not speak for network maxi: its pixel is not true.",
    )
    assert TOKEN not in str(receipt["query"])
    assert world.conversions(click) == []


@pytest.mark.parametrize(
    ("query", "outcome"),
    [("x=1", "no_click_id"), ("click_id=%7Bclick_id%7D", "macro_not_replaced"), ("click_id=abc", "click_id_damaged")],
)
def test_without_a_click_it_is_none(world: World, query: str, outcome: str) -> None:
    assert world.get(f"/pixel/shop.gif?{query}").status == 200
    assert world.postbacks()[0]["outcome"] == outcome


def test_a_network_that_is_none_is_kept_with_its_address(world: World) -> None:
    world.get("/pixel/nobody.gif?txn_id=1")
    receipt = world.postbacks()[0]
    assert (receipt["outcome"], receipt["method"]) == ("unauthorised", "PIXEL")
    assert receipt["reason"] == "There is no network behind the address /pixel/nobody.gif."


def test_a_stranger_who_calls_too_often_still_gets_the_dot_and_fills_nothing(world: World) -> None:
    before = len(world.postbacks())
    for _ in range(90):
        came = world.request("GET", "/pixel/maxi.gif?n=1", headers={"X-Forwarded-For": "203.0.113.9"}, peer="127.0.0.2")
        assert came.status == 200
    assert before + 60 <= len(world.postbacks()) < before + 90
