"""Caps: what an offer took on the owner's day is counted alike in the database and in memory, and fills it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.clock import DAY, HOUR, MINUTE, SECOND
from server.domain.things import Setup
from server.pipeline import click
from server.pipeline.capping import Caps, day_of, full_now
from server.pipeline.click import Visit
from tests.pipeline.world import FIRST, NOON, World, small_setup

LANDING = 'landings = [{ landing = "quiz" }]'


def capped(cap: str, *, campaign: str = "", path: str = "") -> str:
    text = small_setup(offer=f'cap = {{ {cap}, alternative = "elsewhere" }}', campaign=campaign)
    return text + path


def full(world: World) -> set[str]:
    with world.data.database.read() as connection:
        return set(full_now(connection, world.data.setup(), world.clock.now))


def visit(world: World, caps: Caps, *, echo: str | None = None) -> str:
    """As a server lets a visitor in; which reason the click keeps."""
    setup = world.data.setup()
    ground = replace(world.ground, full=caps.full(setup, world.clock.now))
    key = world.keys.next(ground.now)
    sent = click.decide(Visit(ground.now, {}, "::1"), setup.campaigns["summer"], key, FIRST, ground, echo)
    world.data.database.write(lambda connection: click.record(connection, sent))
    caps.took(None if echo else sent.click["offer_id"])
    return str(sent.click["reason"])


def recount(world: World, caps: Caps, *, with_clicks: bool = True) -> None:
    with world.data.database.read() as connection:
        caps.recount(connection, world.data.setup(), world.clock.now, with_clicks=with_clicks)


# -- the owner's day ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hours"), [("UTC", 24), ("Asia/Kolkata", 24), ("America/Sao_Paulo", 24), ("Pacific/Kiritimati", 24)]
)
def test_the_day_is_the_owners(zone: str, hours: int) -> None:
    day = day_of(NOON, zone)
    assert day.start <= NOON < day.end
    assert day.end - day.start == hours * HOUR
    assert day_of(day.start, zone) == day_of(day.end - 1, zone) == day
    assert day_of(day.end, zone).start == day.end


@pytest.mark.parametrize(("moment", "hours"), [("spring", 23), ("autumn", 25)])
def test_a_day_on_which_the_clock_is_moved_is_shorter_or_longer(moment: str, hours: int) -> None:
    at = {"spring": 1_774_778_400_000, "autumn": 1_792_922_400_000}[moment]  # 2026-03-29 and 2026-10-25, 10:00Z
    day = day_of(at, "Europe/Berlin")
    assert day.end - day.start == hours * HOUR
    assert day_of(day.end - 1, "Europe/Berlin") == day


# -- from the database -------------------------------------------------------------------------------------------------


def test_clicks_of_the_day_fill_an_offer_and_tests_take_no_place(empty_world: World) -> None:
    world = empty_world
    world.apply(capped("clicks = 2"))
    world.click()
    world.click(echo="http://127.0.0.1:9/")
    assert full(world) == set()
    world.click()
    assert full(world) == {"keto"}
    world.later(DAY)
    assert full(world) == set()


def test_steps_from_a_landing_page_take_a_place_on_the_day_on_which_they_are_taken(empty_world: World) -> None:
    world = empty_world
    world.apply(capped("clicks = 1").replace("[[campaign.path]]", f"[[campaign.path]]\n{LANDING}"))
    clicked, tested = world.click(), world.click(echo="http://127.0.0.1:9/")
    world.step(tested)
    assert full(world) == set()
    world.later(13 * HOUR)
    world.step(clicked)
    assert full(world) == {"keto"}
    world.later(DAY)
    assert full(world) == set()


def test_conversions_that_count_fill_an_offer(empty_world: World) -> None:
    world = empty_world
    world.apply(capped("conversions = 2"))
    clicked = [world.click() for _ in range(3)]
    world.post(clicked[0], txn_id="1")
    world.post(clicked[0], txn_id="1")  # the same again
    world.post(clicked[1], txn_id="1")  # a conflict: kept, not counted
    assert full(world) == set()
    world.post(clicked[2], txn_id="2")
    assert full(world) == {"keto"}


def test_without_caps_nothing_is_counted(world: World) -> None:
    caps = Caps()
    assert visit(world, caps) == "only_path"
    assert not caps.is_needed
    assert full(world) == set()


# -- in memory ---------------------------------------------------------------------------------------------------------


def test_a_full_offer_gives_its_visitors_to_its_alternative_until_the_day_ends(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply(capped("clicks = 2"))
    assert [visit(world, caps) for _ in range(4)] == ["only_path", "only_path", "capped", "capped"]
    assert [row["offer"] for row in world.clicks()] == ["keto", "keto", "elsewhere", "elsewhere"]
    world.clock.now = day_of(NOON, "UTC").end - SECOND
    assert visit(world, caps) == "capped"
    world.later(SECOND)
    assert visit(world, caps) == "only_path"


def test_tests_take_no_place_in_memory_either(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply(capped("clicks = 1"))
    reasons = [visit(world, caps, echo="http://127.0.0.1:9/"), visit(world, caps), visit(world, caps)]
    assert reasons == ["only_path", "only_path", "capped"]


def test_a_server_that_starts_knows_what_the_day_has_seen(empty_world: World) -> None:
    world, before, after = empty_world, Caps(), Caps()
    world.apply(capped("clicks = 2"))
    visit(world, before)
    visit(world, before)
    recount(world, after)
    assert visit(world, after) == "capped"


def test_what_others_sent_is_counted_and_what_is_under_way_is_not_forgotten(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply(capped("clicks = 3"))
    recount(world, caps)
    world.click()
    keto = world.data.setup().offers["keto"].id
    for _ in range(2):
        caps.took(keto)  # they are not committed yet
    recount(world, caps)
    assert visit(world, caps) == "only_path"
    world.click()
    recount(world, caps)
    assert visit(world, caps) == "capped"


def test_conversions_come_from_the_database_alone_and_can_become_fewer(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply(capped("conversions = 1"))
    clicked = world.click()
    world.post(clicked, txn_id="1")
    assert visit(world, caps) == "only_path"
    recount(world, caps, with_clicks=False)
    assert visit(world, caps) == "capped"
    world.later(DAY)
    recount(world, caps, with_clicks=False)
    assert visit(world, caps) == "only_path"


def test_a_change_of_the_setup_is_obeyed_at_once(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply(capped("clicks = 1"))
    assert [visit(world, caps), visit(world, caps)] == ["only_path", "capped"]
    for cap, reason in (("clicks = 2", "only_path"), ("clicks = 2", "capped"), ("conversions = 9", "only_path")):
        caps.is_stale.clear()
        world.apply(capped(cap))
        assert visit(world, caps) == reason
    world.apply(small_setup())
    assert visit(world, caps) == "only_path"
    assert caps.is_stale.is_set()
    assert caps.full(Setup(), world.clock.now) == set()


def test_where_all_is_full_the_campaign_says_where_else_the_offer_stays(empty_world: World) -> None:
    world = empty_world
    text = capped("clicks = 1").replace(
        'key = "elsewhere"\n', 'key = "elsewhere"\ncap = { clicks = 1, alternative = "third" }\n'
    )
    third = '\n[[offer]]\nkey = "third"\nnetwork = "maxi"\nurl = "https://third.example/"\n'
    world.apply(text + third)
    caps = Caps()
    assert [visit(world, caps) for _ in range(3)] == ["only_path", "capped", "capped"]
    assert [row["offer"] for row in world.clicks()] == ["keto", "elsewhere", "third"]
    everything = replace(world.ground, full={"keto", "elsewhere", "third"})
    campaign = world.data.setup().campaigns["summer"]
    stays = click.decide(Visit(NOON, {}, "::1"), campaign, 77, FIRST, everything)
    assert stays.click["reason"] == "no_offer_open"
    assert stays.location == f"https://go.example.net/?sub1={stays.click_id}&sub2="
    elsewhere = replace(campaign, otherwise="https://else.example/?c={click_id}")
    sent = click.decide(Visit(NOON, {}, "::1"), elsewhere, 77, FIRST, everything)
    assert sent.location == f"https://else.example/?c={sent.click_id}"
    assert (sent.click["reason"], sent.click["path"], sent.click["offer_id"]) == ("no_offer_open", 0, None)


def test_the_owners_midnight_empties_the_counts(empty_world: World) -> None:
    world, caps = empty_world, Caps()
    world.apply('timezone = "Asia/Tokyo"\n' + capped("clicks = 1"))  # 21:00 there
    assert [visit(world, caps), visit(world, caps)] == ["only_path", "capped"]
    world.later(3 * HOUR - MINUTE)
    assert visit(world, caps) == "capped"
    world.later(MINUTE)
    assert visit(world, caps) == "only_path"
