"""Conversions that a browser tells of, in a real Chromium: once each, whoever else tells of them."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import World
from tests.browser.test_script import click_of


def test_a_sale_that_the_page_tells_of_and_the_networks_postback_are_one(world: World, tab: Any) -> None:
    tab.goto(world.page("/shop", "<a href=/thanks>buy</a>") + "?ext=shop")
    world.page("/thanks")
    click = click_of(tab)
    tab.click("a")
    tab.wait_for_url("**/thanks")
    assert click_of(tab) == click
    for _ in range(2):
        with tab.expect_response("**/pixel/maxi.gif?*") as answer:
            tab.evaluate("tallyback.convert({ network: 'maxi', txn_id: 'A & B/1', payout: 9999 })")
        assert answer.value.status == 200
    (sale,) = world.conversions(click)
    assert (sale["txn_id"], sale["payout"], sale["status"]) == ("A & B/1", "32.00", "approved")
    came = world.loop.get(f"/p/maxi?token=a-secret-token-41&click_id={click}&txn_id=A%20%26%20B/1&payout=32")
    assert came.text.startswith("OK duplicate")
    (same,) = world.conversions(click)
    assert (same["id"], same["net"]) == (sale["id"], sale["net"])
    outcomes = [(one["method"], one["outcome"]) for one in world.postbacks(click)]
    assert outcomes == [("GET", "duplicate"), ("PIXEL", "duplicate"), ("PIXEL", "accepted")]
    assert world.said == []


def test_an_image_tag_of_the_page_does_it_too(world: World, tab: Any) -> None:
    tab.goto(world.page("/shop") + "?ext=tag")
    click = click_of(tab)
    tag = f"<img src='{world.loop.url}/pixel/maxi.gif?click_id={click}&txn_id=tag&event=lead' width=1 height=1 alt=''>"
    world.site.pages["/tagged"] = tag
    tab.goto(world.site.url + "/tagged")
    assert tab.evaluate("document.images[0].naturalWidth") == 1
    (sale,) = world.conversions(click)
    assert (sale["event"], sale["txn_id"]) == ("lead", "tag")
    assert world.said == []


def test_a_network_that_has_not_allowed_it_lets_no_browser_speak(world: World, tab: Any) -> None:
    tab.goto(world.page("/shop") + "?ext=refused")
    click = click_of(tab)
    with tab.expect_response("**/pixel/other.gif?*") as answer:
        tab.evaluate("tallyback.convert({ network: 'other', txn_id: 'r' })")
    assert answer.value.status == 200
    assert world.conversions(click) == []
    assert world.said == []


def test_an_odd_sale_does_not_reach_the_page(world: World, tab: Any) -> None:
    tab.goto(world.page("/shop") + "?ext=odd")
    click_of(tab)
    tab.evaluate("tallyback.convert(); tallyback.convert(null); tallyback.convert({ get network() { throw 1 } })")
    assert tab.evaluate("new Promise(done => setTimeout(done, 0, 'still there'))") == "still there"
    assert world.said == []
