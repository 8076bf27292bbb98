"""A page that registers its visitors by itself: the click that it makes, and what a sale finds of it."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.choosing import Chances
from server.pipeline import click, page, spooled, step
from server.pipeline.click import Sent, Visit
from tests.pipeline.world import World, small_setup

PAGE = "https://lp.example.com/a"
TWO_OFFERS = 'offers = [{ offer = "keto", weight = 0 }, { offer = "elsewhere", weight = 100 }]'


@pytest.fixture
def world(empty_world: World) -> World:
    empty_world.apply(small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', TWO_OFFERS))
    return empty_world


def registered(world: World) -> Sent:
    ground = world.ground
    visit = Visit(ground.now, {"ext": "e1", "cost": "0.3"}, "198.51.100.4", "Browser/1.0")
    campaign, key = ground.setup.campaigns["summer"], world.keys.next(ground.now)
    return page.decide(visit, campaign, key, Chances(0, 0, 0), ground, PAGE)


def recorded(world: World) -> str:
    sent = registered(world)
    world.data.database.write(lambda connection: click.record(connection, sent))
    return sent.click_id


def left(world: World, click_id: str, number: int | None, link: str) -> str | None:
    ground = world.ground
    with world.data.database.read() as connection:
        found = click.find(connection, ground.click_key(click_id) or 0)
    gone = step.decide_direct(found or {}, number, link, ground)
    if gone:
        world.data.database.write(lambda connection: step.record_step(connection, gone))
    return gone.location if gone else None


def offers_of(world: World) -> list[tuple[Any, ...]]:
    return [(sale["network"], sale["offer"]) for sale in world.conversions()]


def test_the_click_is_where_it_is_and_chose_no_more_than_its_path(world: World) -> None:
    sent = registered(world)
    told = {name: sent.click[name] for name in ("path", "reason", "landing_id", "offer_id", "network_id", "is_direct")}
    assert told == {
        "path": 0,
        "reason": "only_path",
        "landing_id": None,
        "offer_id": None,
        "network_id": None,
        "is_direct": True,
    }
    assert (sent.click["destination"], sent.click["cost"]) == (PAGE, 300_000)
    assert page.unpaid(sent).click["cost"] is None


def test_a_sale_belongs_to_the_offer_of_the_path_that_its_network_pays_for(world: World) -> None:
    for network in ("maxi", "other"):
        assert world.post(recorded(world), network).outcome == "accepted"
    assert offers_of(world) == [("maxi", "keto"), ("other", "elsewhere")]


def test_of_two_offers_of_a_network_it_is_the_first_until_a_step_says_otherwise(world: World) -> None:
    more = '\n[[offer]]\nkey = "more"\nnetwork = "maxi"\nurl = "https://more.example.net/?s={click_id}"\npayout = "3"\n'
    offers = 'offers = [{ offer = "keto" }, { offer = "more" }]'
    world.apply(small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', offers) + more)
    quiet, told = recorded(world), recorded(world)
    assert left(world, told, None, "https://more.example.net/?s=1") == "https://more.example.net/?s=1"
    for click_id in (quiet, told):
        world.post(click_id)
    assert offers_of(world) == [("maxi", "keto"), ("maxi", "more")]


@pytest.mark.parametrize(
    ("number", "link", "goes"),
    [
        (None, "https://other.example.net/x", True),
        (2, "https://short.example/x", True),
        (3, "https://short.example/x", False),
        (None, "https://short.example/x", False),
        (1, "data:text/html,x", False),
        (1, "https://short.example/\x00", False),
    ],
)
def test_only_a_link_to_an_offer_of_the_path_is_a_step(world: World, number: int | None, link: str, goes: bool) -> None:
    assert (left(world, recorded(world), number, link) is not None) == goes


def test_the_only_offer_of_a_path_is_meant_by_every_marked_link(empty_world: World) -> None:
    empty_world.apply(small_setup())
    assert left(empty_world, recorded(empty_world), None, "https://short.example/x")


def test_what_waited_in_the_spool_comes_back_as_it_was(world: World) -> None:
    sent = registered(world)
    assert spooled.read(1, spooled.of_click(sent)).click["is_direct"] is True


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/b?c=1#d", "https://a.example/b"),
        ("http://a.example:8080", "http://a.example:8080"),
        *(
            (text, None)
            for text in (None, "", "a", "ftp://a.example/", "https:///b", "https://a@b.example/", "https://é")
        ),
        ("https://[::1", None),
    ],
)
def test_a_plain_address_is_one_of_a_page_and_no_more(text: str | None, address: str | None) -> None:
    assert page.plain_address(text) == address
