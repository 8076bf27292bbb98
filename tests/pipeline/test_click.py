"""A visit becomes a click, a click takes a step, and what is no campaign of ours is counted by day."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.clock import DAY, HOUR, MINUTE
from server.domain.choosing import Chances
from server.domain.click_id import Keys
from server.pipeline import click, step
from server.pipeline.click import MOST_MISSED_KEYS, Told, Visit
from server.storage.tables import MissedClickRow, StepRow
from tests.pipeline.world import FIRST, NOON, World, small_setup

LANDING = 'landings = [{ landing = "quiz", weight = 100 }]'


def with_landing() -> str:
    offers = 'offers = [{ offer = "keto", weight = 100 }, { offer = "elsewhere", weight = 100 }]'
    return small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', f"{offers}\n{LANDING}")


def missed(world: World) -> dict[tuple[str, str], int]:
    with world.data.database.read() as connection:
        rows = connection.execute(select(MissedClickRow.day, MissedClickRow.key, MissedClickRow.count))
        return {(row.day, row.key): row.count for row in rows}


def test_a_decided_click_is_found_as_it_was_decided(world: World) -> None:
    ground = world.ground
    parameters = {"ext": "s-77", "cost": "0.0125", "sub1": "zone 5", "sub20": "ünï 🙂", "gclid": "G1"}
    visit = Visit(NOON, parameters, "2001:db8::7", "Browser/1.0", "https://news.example/a?b=1", "en-us")
    key = Keys(7).next(NOON)
    sent = click.decide(visit, ground.setup.campaigns["summer"], key, FIRST, ground)
    world.data.database.write(lambda connection: click.record(connection, sent))
    with world.data.database.read() as connection:
        found = click.find(connection, key)
        assert click.find(connection, key + 1) is None
    assert found is not None
    assert found == {name: sent.click[name] for name in found}
    assert set(sent.click) <= set(found)
    assert sent.location == f"https://go.example.net/?sub1={sent.click_id}&sub2=zone%205"
    (shown,) = world.clicks()
    assert {name: value for name, value in shown.items() if value is not None} == {
        "id": sent.click_id,
        "time": "2026-03-01T12:00:00.000Z",
        "campaign": "summer",
        "source": "prop",
        "path": 1,
        "reason": "only_path",
        "offer": "keto",
        "destination": f"https://go.example.net/?sub1={sent.click_id}&sub2=zone%205",
        "external_id": "s-77",
        "cost": "0.0125",
        "currency": "USD",
        "language": "en-us",
        "ip": "2001:db8::7",
        "user_agent": "Browser/1.0",
        "referrer": "https://news.example/a?b=1",
        "sub1": "zone 5",
        "sub20": "ünï 🙂",
        "platform_ids": {"gclid": "G1"},
        "direct": False,
        "test": False,
    }


def test_two_clicks_never_share_a_key(world: World) -> None:
    ground = world.ground
    sent = click.decide(Visit(NOON, {}, "::1"), ground.setup.campaigns["summer"], 77, FIRST, ground)
    world.data.database.write(lambda connection: click.record(connection, sent))
    with pytest.raises(Exception, match=r"(?i)unique"):
        world.data.database.write(lambda connection: click.record(connection, sent))


def test_a_click_with_a_landing_page_takes_its_steps_later(empty_world: World) -> None:
    world = empty_world
    world.apply(with_landing())
    click_id = world.click()
    (before,) = world.clicks()
    assert (before["landing"], before["offer"]) == ("quiz", None)
    assert before["destination"] == f"https://lp.example.com/quiz?c={click_id}"
    world.later(MINUTE)
    assert world.step(click_id, 2) == f"https://other.example.net/?s={click_id}"
    world.later(MINUTE)
    assert world.step(click_id, 1) == f"https://go.example.net/?sub1={click_id}&sub2="
    world.later(MINUTE)
    assert world.step(click_id, 3) == f"https://go.example.net/?sub1={click_id}&sub2="  # no third one: by weight
    with world.data.database.read() as connection:
        steps = connection.execute(select(StepRow.time, StepRow.offer_id, StepRow.network_id).order_by(StepRow.id))
        assert [tuple(step) for step in steps] == [
            (NOON + MINUTE, 2, 2),
            (NOON + 2 * MINUTE, 1, 1),
            (NOON + 3 * MINUTE, 1, 1),
        ]
    (after,) = world.clicks()  # the latest step is where the visitor is
    assert (after["landing"], after["offer"]) == ("quiz", "keto")
    assert after["destination"] == f"https://go.example.net/?sub1={click_id}&sub2="
    assert len(world.clicks(network="maxi")) == 1


def test_a_paused_campaign_goes_to_the_owners_fallback(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(top='fallback_url = "https://me.example/"', campaign="paused = true"))
    ground = world.ground
    sent = click.decide(Visit(NOON, {}, "::1"), ground.setup.campaigns["summer"], 77, Chances(0, 0, 0), ground)
    assert (sent.location, sent.click["reason"], sent.click["path"]) == ("https://me.example/", "paused", None)


# -- where it goes -----------------------------------------------------------------------------------------------------

PATHS = """
[[campaign.path]]
when = { country = "US", hour = "13-14" }
offers = [{ offer = "elsewhere" }]
"""


def gone(world: World, visit: Visit, key: int = 77, chances: Chances = FIRST) -> click.Sent:
    ground = world.ground
    return click.decide(visit, ground.setup.campaigns["summer"], key, chances, ground)


@pytest.mark.parametrize(
    ("facts", "moment", "reason", "path"),
    [
        ({"country": "US"}, NOON, "conditions", 1),
        ({"country": "US"}, NOON - HOUR, "default", 0),
        ({"country": "us"}, NOON + HOUR, "conditions", 1),
        ({"country": "US"}, NOON + 2 * HOUR, "default", 0),
        ({"country": "DE"}, NOON, "default", 0),
        ({}, NOON, "default", 0),
    ],
)
def test_a_path_takes_whom_its_conditions_let_in_by_the_owners_clock(
    empty_world: World, facts: dict[str, str], moment: int, reason: str, path: int
) -> None:
    world = empty_world
    text = small_setup(top='timezone = "Europe/Berlin"').replace(
        "[[campaign.path]]", "[[campaign.path]]\ndefault = true"
    )
    world.apply(text + PATHS)
    sent = gone(world, Visit(moment, {}, "::1", facts=facts))
    assert (sent.click["reason"], sent.click["path"]) == (reason, path)


def test_bots_go_where_the_campaign_says_and_their_clicks_say_so(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(campaign='bots = "https://bots.example/?c={click_id}&s={sub1}"'))
    sent = gone(world, Visit(NOON, {"sub1": "z 1"}, "::1", facts={"bot": "agent: Googlebot"}))
    assert sent.location == f"https://bots.example/?c={sent.click_id}&s=z%201"
    assert (sent.click["reason"], sent.click["path"], sent.click["offer_id"]) == ("bot", None, None)
    assert gone(world, Visit(NOON, {}, "::1")).click["reason"] == "only_path"
    world.data.database.write(lambda connection: click.record(connection, sent))
    (shown,) = world.clicks()
    assert (shown["reason"], shown["path"], shown["destination"]) == ("bot", None, sent.location)


@pytest.mark.parametrize(
    ("top", "campaign", "location"),
    [
        ("", 'otherwise = "https://else.example/?c={click_id}"', "https://else.example/?c={}"),
        ('fallback_url = "https://me.example/"', "", "https://me.example/"),
        ('fallback_url = "https://me.example/"', 'otherwise = "https://else.example/"', "https://else.example/"),
        ("", "", "https://go.example.net/?sub1={}&sub2="),
    ],
)
def test_a_visitor_whom_no_path_takes_never_goes_nowhere(
    empty_world: World, top: str, campaign: str, location: str
) -> None:
    world = empty_world
    text = small_setup(top=top, campaign=campaign)
    world.apply(text.replace("[[campaign.path]]", '[[campaign.path]]\nwhen = { country = "CA" }'))
    sent = gone(world, Visit(NOON, {}, "::1"))
    assert (sent.location, sent.click["reason"]) == (location.format(sent.click_id), "no_path_open")
    assert sent.click["path"] == (None if campaign or top else 0)


@pytest.mark.parametrize("is_sticky", [True, False])
def test_a_sticky_campaign_decides_by_the_visitor_instead_of_by_chance(empty_world: World, is_sticky: bool) -> None:
    world = empty_world
    text = small_setup(campaign=f"sticky = {str(is_sticky).lower()}")
    world.apply(text.replace("weight = 100 }]", 'weight = 100 }, { offer = "elsewhere" }]'))

    def offers(key: int | None) -> set[int]:
        visit = Visit(NOON, {}, "::1", visitor_key=key)
        every = [Chances(0, 0, chance / 10) for chance in range(10)]
        return {gone(world, visit, chances=chances).click["offer_id"] for chances in every}

    assert {len(offers(key)) for key in range(20)} == ({1} if is_sticky else {2})
    assert len(set[int]().union(*(offers(key) for key in range(20)))) == 2
    assert len(offers(None)) == 2  # of whom nothing is known chance decides


def test_a_sticky_campaign_leads_the_same_visitor_from_its_landing_page_to_the_same_offer(empty_world: World) -> None:
    world = empty_world
    world.apply(with_landing().replace('source = "prop"\n', 'source = "prop"\nsticky = true\n', 1))
    ground = world.ground
    told = {"campaign_id": 1, "path": 0, "id": 77, "user_agent": "a", "ip": "::1", "test_echo": None}
    found = [step.decide_step(Told(told), None, chance / 10, ground) for chance in range(10)]
    assert len({one.location for one in found if one}) == 1


# -- missed ----------------------------------------------------------------------------------------------------------


def miss(world: World, *keys: str) -> None:
    now = world.clock.now
    for key in keys:
        world.data.database.write(lambda connection, key=key: click.record_missed(connection, key, now))


def test_visits_to_what_is_no_campaign_are_counted_by_day(world: World) -> None:
    miss(world, "sumer", "sumer", "winter")
    world.later(DAY)
    miss(world, "sumer")
    assert missed(world) == {
        ("2026-03-01", "sumer"): 2,
        ("2026-03-01", "winter"): 1,
        ("2026-03-02", "sumer"): 1,
    }


def test_a_flood_of_addresses_is_counted_together_past_a_limit(world: World) -> None:
    rows = [{"day": "2026-03-01", "key": f"k{number}", "count": 1} for number in range(MOST_MISSED_KEYS - 1)]
    world.data.database.write(lambda connection: connection.execute(MissedClickRow.__table__.insert(), rows))
    miss(world, "the last", "one too many", "another", "k7")
    found = missed(world)
    assert len(found) == MOST_MISSED_KEYS + 1
    assert found["2026-03-01", "…"] == 2
    assert found["2026-03-01", "k7"] == 2


def test_any_address_can_be_counted(world: World) -> None:
    miss(world, "a\x00b", "x" * 1000, "🙂")
    assert missed(world) == {
        ("2026-03-01", "a%00b"): 1,
        ("2026-03-01", "x" * 64): 1,
        ("2026-03-01", "🙂"): 1,
    }


# -- tickets ---------------------------------------------------------------------------------------------------------


def test_a_ticket_is_good_for_a_day(world: World) -> None:
    world.data.database.write(lambda connection: click.new_ticket(connection, "t1", "http://127.0.0.1:9/", NOON))
    with world.data.database.read() as connection:
        assert click.echo_of(connection, "t1", NOON) == "http://127.0.0.1:9/"
        assert click.echo_of(connection, "t1", NOON + DAY - 1) == "http://127.0.0.1:9/"
        assert click.echo_of(connection, "t1", NOON + DAY) is None
        assert click.echo_of(connection, "t2", NOON) is None


def test_a_ticket_ends_with_its_test(world: World) -> None:
    for ticket in ("t1", "t2"):
        world.data.database.write(lambda connection, t=ticket: click.new_ticket(connection, t, "http://x/", NOON))
    world.data.database.write(lambda connection: click.end_ticket(connection, "t1"))
    with world.data.database.read() as connection:
        assert [click.echo_of(connection, ticket, NOON) for ticket in ("t1", "t2")] == [None, "http://x/"]
