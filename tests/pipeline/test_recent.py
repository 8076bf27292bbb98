"""Who came lately is read from the clicks, and a server that starts knows them again."""

from __future__ import annotations

import pytest

from server.clock import DAY, HOUR, MINUTE
from server.domain.click_id import Keys
from server.pipeline import click
from server.pipeline.click import Visit
from server.pipeline.recent import LATEST, visits_before
from server.recall import Recall
from server.visitor.visitors import Visitors
from tests.pipeline.world import FIRST, World


def came(world: World, ip: str, agent: str | None = "Browser/1.0", **facts: str) -> None:
    ground = world.ground
    visit = Visit(ground.now, {}, ip, agent, facts=facts, is_returning=False)
    sent = click.decide(visit, ground.setup.campaigns["summer"], world.keys.next(ground.now), FIRST, ground)
    world.data.database.write(lambda connection: click.record(connection, sent))
    world.later(MINUTE)


def test_those_of_the_last_day_come_back_the_newest_first(world: World) -> None:
    came(world, "198.51.100.1")
    world.later(DAY)
    came(world, "198.51.100.2", None)
    came(world, "198.51.100.3", bot="prefetch")
    came(world, "198.51.100.4", bot="agent: x")
    now = world.clock()
    with world.data.database.read() as connection:
        found = visits_before(connection, LATEST, now, 10)
        assert visits_before(connection, found[0].key, now, 10) == found[1:]
        assert visits_before(connection, LATEST, now, 1) == found[:1]
    assert [(one.ip, one.user_agent, now - one.time) for one in found] == [
        ("198.51.100.4", "Browser/1.0", MINUTE),
        ("198.51.100.2", None, 3 * MINUTE),
    ]


@pytest.fixture
def visitors(world: World) -> Visitors:
    folder = world.data.folder
    return Visitors(folder.geo_folder, folder.bots_folder, world.data.database.digest_key)


def test_all_are_recalled_page_by_page(world: World, visitors: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.recall.AT_ONCE", 2)
    monkeypatch.setattr("server.recall.PAUSE_S", 0)
    for number in range(7):
        came(world, f"198.51.100.{number}")
    recall = Recall(world.data.database, visitors, world.clock)
    recall.start()
    recall._thread.join()
    recall.stop()
    campaign = world.ground.setup.campaigns["summer"].id
    keys = [visitors.key(campaign, f"198.51.100.{number}", "Browser/1.0") for number in range(8)]
    assert [visitors.knows(key, world.clock()) for key in keys] == [True] * 7 + [False]
    assert not any(visitors.knows(key, world.clock() + DAY) for key in keys)


def test_a_visit_meanwhile_is_not_made_older(world: World, visitors: Visitors) -> None:
    came(world, "198.51.100.1")
    world.later(HOUR)
    key = visitors.key(world.ground.setup.campaigns["summer"].id, "198.51.100.1", "Browser/1.0")
    visitors.remember(key, world.clock())
    recall = Recall(world.data.database, visitors, world.clock)
    recall.start()
    recall.stop()
    assert visitors.knows(key, world.clock() + DAY - MINUTE)


def test_where_nobody_came_nothing_is_recalled(world: World, visitors: Visitors) -> None:
    recall = Recall(world.data.database, visitors, world.clock)
    recall.start()
    recall.stop()
    assert not recall._thread.is_alive()


def test_facts_are_columns_of_the_click(world: World) -> None:
    facts = {"country": "GB", "region": "ENG", "isp": "AAISP", "device": "mobile", "os": "iOS", "os_version": "17.4"}
    facts |= {"browser": "Mobile Safari", "browser_version": "17.4", "bot": "range: x"}
    world.keys = Keys(1)
    came(world, "198.51.100.1", **facts)
    [row] = world.clicks()
    assert {name: row[name] for name in facts} == facts
    assert row["returning"] is False
