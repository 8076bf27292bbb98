"""`/go`: the step from a landing page to an offer, whatever became of the click id on the way."""

from __future__ import annotations

import pytest

from tests.web.conftest import FALLBACK, World


def test_a_landing_page_whose_address_says_nothing_of_the_click_is_told_its_id(world: World) -> None:
    landed = world.get("/c/plain?ext=e").location
    before, _, click = landed.removesuffix("#top").partition("&click=")
    assert before == "https://lp.example.com/plain?a=1"
    assert landed.endswith("#top")
    assert world.clicks(click=click)[0]["landing"] == "plain"


def test_a_step_twice_is_two_and_the_last_one_has_the_sale(world: World) -> None:
    click = world.get("/c/plain?ext=e").location.removesuffix("#top").partition("&click=")[2]
    before = world.steps()
    assert world.get(f"/go?click={click}").location.startswith("https://shop.example.net/")
    assert world.get(f"/go?offer=2&click={click}").location.startswith("https://carts.example.net/")
    assert world.steps() == before + 2
    world.get(f"/p/shop?token=a-secret-token-41&click_id={click}&payout=9&order=twice")
    assert world.conversions(click)[0]["offer"] == "carts"


def test_an_id_is_known_in_whatever_parameter_it_stands(world: World) -> None:
    click = world.click("/c/quiz?ext=e")
    assert world.get(f"/go?c={click}").location == f"https://go.example.net/?sub1={click}"


@pytest.mark.parametrize("click_id", ["", "click=x&", "click=%7Bclick_id%7D&", "click=" + "0" * 23 + "&"])
def test_without_an_id_a_campaign_that_is_named_takes_the_visitor_as_a_new_one(world: World, click_id: str) -> None:
    before = world.counts()
    came = world.get(f"/go?{click_id}campaign=plain", {"Referer": "https://lp.example.com/plain?a=1"})
    click = came.location.partition("sub1=")[2]
    assert came.location == f"https://shop.example.net/?sub1={click}"
    assert world.counts() == (before[0] + 1, before[1], before[2] + 1)
    [seen] = world.clicks(click=click)
    assert (seen["campaign"], seen["offer"], seen["destination"]) == ("plain", "shop", came.location)
    assert (seen["cost"], seen["currency"]) == (None, None)  # the visit was paid for when it came


def test_without_an_id_and_a_campaign_there_is_the_fallback(world: World) -> None:
    for query in ("", "?campaign=", "?campaign=nowhere", "?click=x&offer=2"):
        assert world.get(f"/go{query}").location == FALLBACK
