"""The whole loop on both databases, and a real server on PostgreSQL: every question that the api asks is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.api import by_hand, history, lists, relaying, setup, today
from server.api.data import open_data
from server.api.evidence import evidence
from server.api.explaining import explain
from server.api.listings import Filters
from server.api.replaying import replay_relays
from server.api.reports import report
from server.api.status import status
from server.clock import DAY, MINUTE
from server.errors import BadInput
from server.setup.document import read_document
from tests.ad_network import AdNetwork, setup_with
from tests.loop import Loop
from tests.pipeline.world import World, small_setup
from tests.storage import databases

EVERY_STATUS = 'statuses = ["approved", "pending", "rejected", "refunded"]'


# What the lists of clicks, conversions, postbacks and relays then hold; None where the filter is not of that list.
NARROWED: list[tuple[dict[str, Any], tuple[int | None, ...]]] = [
    ({}, (4, 5, 8, 3)),
    ({"campaign": "summer"}, (4, 5, 6, 3)),
    ({"source": "prop"}, (4, 5, 6, 3)),
    ({"network": "maxi"}, (4, 5, 7, 3)),
    ({"network": "other"}, (0, 0, 0, 0)),
    ({"status": "approved"}, (4, 4, 8, 2)),
    ({"status": "dead"}, (4, 0, 8, 1)),
    ({"state": "held"}, (4, None, 8, 1)),
    ({"outcome": "conflict"}, (4, 5, 1, 3)),
    ({"since": 1_772_600_000_000}, (0, 1, 1, 0)),
    ({"until": 1_772_600_000_000}, (4, 4, 7, 3)),
    ({"limit": 2}, (2, 2, 2, 2)),
    ({"before": 3}, (None, 2, 2, 2)),
    ({"after": 3}, (None, 2, 5, 0)),
    ({"text": "t1"}, (0, 2, None, 0)),
    ({"text": "ZONE"}, (4, 0, 0, 0)),
    ({"text": "100%_\\"}, (0, 0, 0, 0)),
]


@pytest.fixture
def books(empty_world: World) -> World:
    """A sale that was told, one that could not be, a refund on hold, and what came to nothing."""
    world = empty_world
    world.apply(small_setup(relay=EVERY_STATUS, offer="window_days = 3"))
    sold, dead, held, late = (world.click(ext=f"e{number}", sub1="zone") for number in range(4))
    world.post(sold, txn_id="T1", payout="10", custom1="gold")
    world.post(sold, txn_id="T1", payout="10")
    world.post(dead, txn_id="T2", payout="11", event="Deposit")
    for parcel, code in zip(world.claim(), (200, 400), strict=True):
        world.answer(parcel, code)
    world.post(held, txn_id="T3", payout="12", status="refunded")
    world.answer(world.claim()[0], 403)
    world.post(held[:20])
    world.post(dead, txn_id="T1")
    world.post(sold, "nobody")
    world.later(3 * DAY)
    world.post(late, payout="13")
    return world


def test_the_lists_narrowed_in_every_way(books: World) -> None:
    every = (lists.clicks, lists.conversions, lists.postbacks, lists.relays_list)
    for filters, counts in NARROWED:
        for listing, expected in zip(every, counts, strict=True):
            if expected is not None:
                assert len(list(listing(books.data, Filters(**filters)))) == expected, filters


def test_the_lists_of_one_click(books: World) -> None:
    sold = books.clicks()[0]["id"]
    assert [len(rows) for rows in (books.clicks(click=sold), books.conversions(click=sold))] == [1, 1]
    assert [len(rows) for rows in (books.postbacks(click=sold), books.relays(click=sold))] == [2, 1]
    assert [row["id"] for row in books.clicks(before=books.clicks()[2]["id"])] == [row["id"] for row in books.clicks()][
        :2
    ]
    with pytest.raises(BadInput, match="is no click id of this data"):
        books.clicks(click="1" * 23)


def test_what_the_newest_rows_are(books: World) -> None:
    marks = lists.marks(books.data)
    assert (marks.postback, marks.entry, marks.relay, marks.attempt, marks.setup) == (8, 5, 3, 3, 1)


def test_the_chain_of_one_click(books: World) -> None:
    sold, dead, held, late = (row["id"] for row in books.clicks())
    chain = evidence(books.data, sold.upper())
    assert [row["outcome"] for row in chain["postbacks"]] == ["accepted", "duplicate"]
    assert chain["conversions"][0]["custom1"] == "gold"
    assert [row["state"] for row in chain["relays"]] == ["delivered"]
    assert [row["result"] for row in chain["relays"][0]["history"]] == ["delivered"]
    assert [row["state"] for row in evidence(books.data, dead)["relays"]] == ["dead"]
    assert evidence(books.data, held[:20])["asked_for"] == held[:20]
    assert [row["kept"] for row in evidence(books.data, late)["conversions"]] == ["late"]


def test_the_report(books: World) -> None:
    found = report(books.data, ["campaign", "day"])
    (row,) = found.rows
    assert (row["campaign"], row["day"], row["clicks"], row["conversions"], row["reversed"], row["revenue"]) == (
        *("summer", "2026-03-01", 4, 3, 1, "21.00"),
    )


def test_what_a_url_would_do(books: World) -> None:
    sold = books.clicks()[0]["id"]
    found = explain(books.data, f"https://trk.example/p/maxi?click_id={sold}&txn_id=T9&payout=5")
    assert found["result"]["outcome"] == "late"
    assert len(books.conversions()) == 5
    assert explain(books.data, "https://trk.example/c/summer?ext=7&sub1=zone")


def test_what_a_person_does(books: World) -> None:
    data = books.data
    assert [one.held for one in relaying.paused(data)] == [1]
    assert relaying.resume(data, "source:prop") == 1
    relaying.pause(data, "source:prop")
    assert relaying.send_again(data, [1, 2, 3]) == [2, 3]  # the first was delivered
    assert [row["state"] for row in books.relays()] == ["delivered", "waiting", "waiting"]
    assert by_hand.preview_accepting(data, [5])[0].relays[0].reason == "paused_by_owner"
    by_hand.accept_all_late(data, [5])
    by_hand.set_statuses(data, {1: "rejected"})
    assert next(iter(books.conversions()))["status"] == "rejected"
    for parcel in books.claim():
        books.answer(parcel, 400)
    assert replay_relays(data, Filters(status="dead")) == [2, 3]
    history.undo(data)
    assert history.steps(data)


def test_today_and_what_needs_a_hand(books: World) -> None:
    figures = today.today(books.data)
    assert (figures.today["clicks"], figures.today["conversions"]) == (0, 0)
    books.clock.now -= 3 * DAY - MINUTE
    assert today.today(books.data).today["clicks"] == 4
    assert {(one.page, one.word) for one in today.attention(books.data)} >= {
        ("relays", "dead"),
        ("relays", "held"),
        ("conversions", "late"),
        ("conversions", "conflict"),
    }
    assert today.feed(books.data)
    assert status(books.data).needs_attention["relays"] == 2


def test_the_setup_comes_back_as_it_was_applied(books: World) -> None:
    text = setup.exported(books.data, with_secrets=True)
    assert setup.preview(books.data, read_document(text, "export.toml")) == []
    assert setup.apply(books.data, read_document(text, "export.toml")) == []
    assert [link.kind for link in setup.links(books.data, "summer")] == ["tracking", "postback"]


# -- a real server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[str]:
    with databases.migrated("postgresql", tmp_path) as url:
        yield url


def test_two_servers_behind_a_balancer_share_a_postgresql(postgresql: str, tmp_path: Path) -> None:
    loops = [Loop(tmp_path / name / "data") for name in ("one", "two")]
    for loop in loops:
        loop.folder.mkdir(parents=True)
    first, second = loops
    with AdNetwork() as ad_network:
        with open_data(str(first.folder), postgresql) as data:
            setup.apply(data, read_document(setup_with(ad_network.url), "setup.toml"))
        try:
            for loop in loops:
                loop.start("--database", postgresql)
            click_id = first.click("/c/summer?ext=e7")
            assert second.get(f"/p/maxi?token=a-secret&click_id={click_id}&payout=5&txn_id=T1").text == "OK accepted 1"
            assert first.get(f"/p/maxi?token=a-secret&click_id={click_id}&payout=5&txn_id=T1").text == "OK duplicate 1"
            assert json.loads(first.get("/healthz").text)["ok"] is True
            with open_data(str(first.folder), postgresql) as data:

                def told() -> bool:
                    return [row["state"] for row in lists.relays_list(data, Filters())] == ["delivered"]

                first.until(told)
                chain = evidence(data, click_id)
                (row,) = report(data, ["campaign"]).rows
            assert [one.path for one in ad_network.told] == ["/conv?visitor=e7&payout=5.00&status=approved"]
            assert chain["relays"][0]["history"][0]["status"] == 200
            assert (row["clicks"], row["conversions"], row["revenue"]) == (1, 1, "5.00")
        finally:
            stopped = [loop.stop() for loop in loops if loop.process is not None]
    assert stopped == [0, 0]
    assert [loop.errors() for loop in loops] == ["", ""]
