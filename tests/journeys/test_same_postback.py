"""A hundred postbacks in the same instant, each on a connection of its own: a sale is counted once, and told once."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from server.api import lists
from server.api.data import Data, open_data
from server.api.lists import Filters
from tests.ad_network import AdNetwork, Told, setup_with
from tests.loop import Answer, Loop, running

HUNDRED = 100
Request = tuple[str, str, bytes | None, dict[str, str]]


@dataclass
class World:
    loop: Loop
    data: Data
    ad: AdNetwork

    def at_once(self, requests: list[Request]) -> list[Answer]:
        """All of them wait for the last one before any is sent."""
        gate = threading.Barrier(len(requests))

        def send(request: Request) -> Answer:
            gate.wait(30)
            return self.loop.request(*request)

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(send, requests))

    def conversions(self, click: str) -> list[dict[str, Any]]:
        return list(lists.conversions(self.data, Filters(click=click)))

    def relays(self, click: str) -> list[dict[str, Any]]:
        return list(lists.relays_list(self.data, Filters(click=click)))

    def relayed(self, click: str, count: int = 1) -> list[dict[str, Any]]:
        """The relays of a click, once so many of them were told and none is on its way any more."""
        [visitor] = [seen["external_id"] for seen in lists.clicks(self.data, Filters(click=click))]
        self.loop.until(lambda: len(self.told(visitor)) >= count, 30)
        self.loop.until(lambda: {relay["state"] for relay in self.relays(click)} == {"delivered"})
        return self.relays(click)

    def told(self, visitor: str) -> list[Told]:
        return [told for told in self.ad.told if f"visitor={visitor}&" in told.path]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("same")
    with AdNetwork() as ad, running(folder, setup_with(ad.url)) as loop, open_data(str(loop.folder)) as data:
        yield World(loop, data, ad)


def get(query: str) -> Request:
    return "GET", f"/p/maxi?token=a-secret&{query}", None, {}


def post_form(query: str) -> Request:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return "POST", "/p/maxi", f"token=a-secret&{query}".encode(), form


def post_json(query: str) -> Request:
    pairs = dict(pair.split("=") for pair in f"token=a-secret&{query}".split("&"))
    return "POST", "/p/maxi", json.dumps(pairs).encode(), {"Content-Type": "application/json"}


@pytest.mark.parametrize("write", [get, post_form, post_json])
def test_the_same_postback_a_hundred_times_at_once_is_one_conversion_and_one_relay(world: World, write: Any) -> None:
    visitor = f"same-{write.__name__}"
    click = world.loop.click(f"/c/summer?ext={visitor}")
    answers = world.at_once([write(f"click_id={click}&payout=12.50&txn_id={visitor}")] * HUNDRED)
    assert Counter(answer.status for answer in answers) == {200: 100}
    [conversion] = world.conversions(click)
    said = Counter(answer.text for answer in answers)
    assert said == {f"OK accepted {conversion['id']}": 1, f"OK duplicate {conversion['id']}": 99}
    assert (conversion["payout"], conversion["net"], conversion["counted"]) == ("12.50", "12.50", True)
    [relay] = world.relayed(click)
    assert relay["attempts"] == 1
    [told] = world.told(visitor)
    assert told.path == f"/conv?visitor={visitor}&payout=12.50&status=approved"
    assert told.headers["Idempotency-Key"] == relay["key"]
    assert len(list(lists.postbacks(world.data, Filters(click=click)))) == 100


def test_a_hundred_transactions_of_one_click_at_once_are_a_hundred_conversions(world: World) -> None:
    visitor = "different"
    click = world.loop.click(f"/c/summer?ext={visitor}")
    query = f"click_id={click}&payout=0.25&txn_id={visitor}-"
    answers = world.at_once([get(f"{query}{number}") for number in range(HUNDRED)])
    assert Counter(answer.status for answer in answers) == {200: 100}
    conversions = world.conversions(click)
    assert {answer.text for answer in answers} == {f"OK accepted {one['id']}" for one in conversions}
    assert {one["txn_id"] for one in conversions} == {f"{visitor}-{number}" for number in range(100)}
    assert {one["net"] for one in conversions} == {"0.25"}
    relays = world.relayed(click, 100)
    assert len(relays) == 100
    told = world.told(visitor)
    assert len(told) == 100
    assert {one.headers["Idempotency-Key"] for one in told} == {relay["key"] for relay in relays}


def test_the_same_sale_told_in_every_way_at_once_is_one_conversion(world: World) -> None:
    click = world.loop.click("/c/summer?ext=mixed")
    ways = [get, post_form, post_json]
    query = f"click_id={click}&payout=7&txn_id=mixed"
    answers = world.at_once([ways[number % 3](query) for number in range(99)])
    [conversion] = world.conversions(click)
    said = Counter(answer.text for answer in answers)
    assert said == {f"OK accepted {conversion['id']}": 1, f"OK duplicate {conversion['id']}": 98}
    assert len(world.relayed(click)) == len(world.told("mixed")) == 1


def test_a_conversion_that_had_no_transaction_id_is_one_whoever_comes_first(world: World) -> None:
    click = world.loop.click("/c/summer?ext=bare")
    answers = world.at_once(
        [get(f"click_id={click}&payout=3")] * 50 + [get(f"click_id={click}&payout=3&txn_id=t")] * 50
    )
    [conversion] = world.conversions(click)
    assert {answer.status for answer in answers} == {200}
    assert conversion["txn_id"] == "t"
    assert Counter(answer.text.split()[1] for answer in answers)["accepted"] == 1
    assert len(world.relayed(click)) == len(world.told("bare")) == 1


def test_a_hundred_sales_of_a_hundred_clicks_at_once_are_all_counted_and_told(world: World) -> None:
    visits: list[Request] = [("GET", f"/c/summer?ext=crowd{number}", None, {}) for number in range(HUNDRED)]
    clicks = [came.location.split("sub1=")[1] for came in world.at_once(visits)]
    assert len(set(clicks)) == 100
    answers = world.at_once([post_json(f"click_id={click}&payout=1&txn_id=c{click}") for click in clicks])
    assert {answer.text.split()[1] for answer in answers} == {"accepted"}
    assert len({answer.text for answer in answers}) == 100
    for click in clicks:
        world.relayed(click)
    crowd = Counter(told.path.split("visitor=")[1].split("&")[0] for told in world.ad.told if "=crowd" in told.path)
    assert crowd == {f"crowd{number}": 1 for number in range(100)}
