"""What a browser says goes the way of a postback: stored, judged, replayed, and through the spool."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.domain.browser import PIXEL
from server.pipeline import applying, spooled
from server.pipeline.receipt import refusal_of
from server.storage.spool import Spool
from tests.pipeline.world import World, small_setup


@pytest.fixture
def world(empty_world: World) -> World:
    empty_world.apply(small_setup(network='pixel = true\n[network.params]\npayout = "amt"\ntxn_id = "order"'))
    return empty_world


def called(world: World, click_id: str, network: str = "maxi", **said: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"click_id": click_id, **said}.items()).encode()
    world.later(1000)
    return world.receive(world.receipt(query, address=network, method=PIXEL)).outcome.value


def test_a_browser_speaks_in_our_words_whatever_those_of_the_network_are(world: World) -> None:
    assert called(world, world.click(), txn_id="t1", order="x", amt="7") == "accepted"
    sale = world.conversion()
    assert (sale["txn_id"], sale["payout"]) == ("t1", "32.00")
    assert world.relay_states() == [("approved", "waiting", None)]


def test_the_networks_postback_corrects_it_and_not_the_reverse(world: World) -> None:
    click_id = world.click()
    assert called(world, click_id, txn_id="t1") == "accepted"
    assert world.post(click_id, order="t1", amt="30").outcome == "updated"
    assert called(world, click_id, txn_id="t1", payout="99") == "duplicate"
    assert called(world, click_id, txn_id="t1", status="pending") == "duplicate"
    assert called(world, click_id) == "duplicate"
    assert world.conversion()["net"] == "30.00"


@pytest.mark.parametrize("said", [{"status": "rejected"}, {"status": "refunded"}, {"payout": "-5"}])
def test_a_browser_takes_nothing_back_replayed_or_not(world: World, said: dict[str, str]) -> None:
    assert called(world, world.click(), **said) == "unauthorised"
    world.replay(outcome="unauthorised")
    assert world.conversions() == []
    assert [row["outcome"] for row in world.postbacks()] == ["unauthorised"]


def test_once_it_is_allowed_what_was_refused_can_be_replayed(world: World) -> None:
    click_id = world.click()
    world.apply(small_setup())
    assert called(world, click_id, txn_id="t1") == "unauthorised"
    world.apply(small_setup(network="pixel = true"))
    world.replay(outcome="unauthorised")
    assert world.conversion()["txn_id"] == "t1"


@pytest.mark.parametrize("is_allowed", [True, False])
def test_what_waited_in_the_spool_is_judged_as_it_was_allowed_when_it_came(
    world: World, tmp_path: Path, is_allowed: bool
) -> None:
    """Whatever the owner has changed since."""
    allowed, closed = small_setup(network="pixel = true"), small_setup()
    click_id = world.click()
    world.apply(allowed if is_allowed else closed)
    receipt = world.receipt(f"click_id={click_id}&txn_id=s1".encode(), method=PIXEL)
    network = world.ground.setup.networks["maxi"]
    spool = Spool(tmp_path / "spool", b"these data")
    spool.open()
    spool.put([spooled.of_receipt(receipt, network, refusal_of(receipt, network))])
    if is_allowed:
        world.apply(closed)
    world.data.database.write(lambda connection: applying.apply_next(connection, spool, 10, world.ground))
    spool.close()
    assert [(row["method"], row["outcome"]) for row in world.postbacks()] == [
        (PIXEL, "accepted" if is_allowed else "unauthorised")
    ]
