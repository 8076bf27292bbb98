"""Explaining a click: what is told of a made-up visitor is what the server then decides, and says why not otherwise."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.api import editing
from server.api.data import open_data
from server.api.explaining import MadeUp, explain, misread, plain, simulate
from server.domain.asking import FACTS, facts_of
from server.domain.choosing import Chances
from server.domain.click_id import first_key, key_time
from server.errors import BadInput, NothingMatched
from server.evidence.simulating import Simulated, percent
from server.evidence.simulating import simulate as simulated_by
from server.pipeline import click
from server.pipeline.click import Visit
from tests.pipeline.world import NOON, HandClock, World, small_setup, world_on
from tests.storage import databases

PATHS = """
[[campaign.path]]
name = "North America"
priority = 2
when = { country = ["US", "CA"], hour = "8-18" }
offers = [{ offer = "keto", weight = 1 }, { offer = "elsewhere", weight = 2 }]
[[campaign.path]]
weight = 30
match = "any"
when = { device = "tablet", sub1 = { matches = '^z\\d+$' }, returning = "yes" }
offers = [{ offer = "elsewhere" }]
[[campaign.path]]
weight = 70
when = { sub1 = { is_not = "bad", contains_not = "worse" }, country = { is_not = "RU" } }
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto" }]
[[campaign.path]]
default = true
when = {}
offers = [{ offer = "third" }, { offer = "keto", weight = 0 }]
"""
THIRD = '\n[[offer]]\nkey = "third"\nname = "Third"\nnetwork = "other"\nurl = "https://third.example/?c={country}"\n'


def whole_setup(campaign: str = "", offer: str = "", top: str = "") -> str:
    head, _, _ = small_setup(campaign=campaign, offer=offer, top=top).partition("[[campaign.path]]")
    offers, _, campaigns = head.partition("[[campaign]]")
    return f"{offers}{THIRD}\n[[campaign]]{campaigns}{PATHS}"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = world_on(databases.without_rows("sqlite"), tmp_path)
    world.apply(whole_setup())
    return world


def told(world: World, spec: dict[str, Any] | None = None, **facts: str) -> Simulated:
    return simulate(world.data, "summer", MadeUp(facts), spec)


def odds(simulated: Simulated) -> list[Fraction]:
    return [path.odds for path in simulated.paths]


# -- what is told ------------------------------------------------------------------------------------------------------


def test_which_paths_are_open_how_likely_each_is_and_what_shuts_the_others(world: World) -> None:
    found = told(world, country="de", sub1="z5")
    assert odds(found) == [0, Fraction(3, 10), Fraction(7, 10), 0]
    assert [path.is_open for path in found.paths] == [False, True, True, False]
    assert [list(path.shut_by) for path in found.paths] == [
        ["country is DE, wanted US or CA"],
        [],
        [],
        ["another path is open"],
    ]
    assert [path.reason for path in found.paths] == ["", "conditions", "conditions", ""]
    assert (found.reason, found.url) == ("", None)
    assert found.paths[0].asks == ["country is US or CA", "hour is 8-18"]
    assert [(one.key, percent(one.odds)) for one in found.paths[0].offers] == [
        ("keto", "33.33 %"),
        ("elsewhere", "66.67 %"),
    ]
    assert [(one.key, one.odds) for one in found.paths[2].landings] == [("quiz", 1)]
    assert [(one.key, one.name, one.odds, one.note) for one in found.paths[3].offers] == [
        ("third", "Third", 1, ""),
        ("keto", "", 0, "its weight is 0"),
    ]


def test_a_path_of_higher_priority_shuts_the_others(world: World) -> None:
    found = told(world, country="US", sub1="z5")
    assert odds(found) == [1, 0, 0, 0]
    assert found.paths[1].shut_by == ("a path with a higher priority is open",)
    night = told(world, country="US", sub1="bad", hour="3")
    assert odds(night) == [0, 0, 0, 1]
    assert night.paths[0].shut_by == ("hour is 3, wanted 8-18",)
    assert night.paths[1].shut_by == (
        "device is not known, wanted tablet",
        "sub1 is bad, wanted something that matches ^z\\d+$",
        "whether the visitor came before is not known, wanted: the visitor came before",
    )
    assert night.paths[3].why == "No other path was open, so the default one was taken."


def test_a_moment_says_hour_and_weekday_in_the_owners_zone(world: World) -> None:
    found = simulate(world.data, "summer", MadeUp({"country": "CA"}, at=NOON + 10 * 3_600_000))
    assert (found.facts["hour"], found.facts["weekday"], found.paths[0].is_open) == ("22", "sunday", False)


def test_an_agent_tells_what_the_server_would_know_of_it(world: World) -> None:
    agent = "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/604.1"
    found = simulate(world.data, "summer", MadeUp({"sub1": "x"}, agent=agent))
    assert (found.facts["device"], found.facts["os"], found.facts["bot"]) == ("tablet", "iOS", "no")
    assert found.paths[1].is_open
    given_outright = simulate(world.data, "summer", MadeUp({"device": "desktop"}, agent=agent))
    assert (given_outright.facts["device"], given_outright.facts["os"]) == ("desktop", "iOS")


def test_bots_and_pauses_and_whom_no_path_takes(world: World) -> None:
    world.apply(whole_setup('bots = "https://bots.example/"\notherwise = "https://else.example/"\nsticky = true'))
    person, bot = told(world), told(world, bot="yes")
    assert (bot.reason, bot.url, odds(bot)) == ("bot", "https://bots.example/", [0, 0, 0, 0])
    assert list(person.notes) == [
        "A bot would go to https://bots.example/",
        "A visitor whom no path takes goes to https://else.example/",
        "The same visitor always comes to the same choice.",
    ]
    world.apply(whole_setup('otherwise = "https://else.example/"\npaused = true'))
    paused = told(world, country="US")
    assert (paused.reason, paused.url, odds(paused)) == ("paused", "https://else.example/", [0, 0, 0, 0])
    world.apply(whole_setup("paused = true"))
    assert told(world, country="US").reason == ""
    assert "The campaign is paused, but nobody said where its visitors go." in told(world).notes


def test_where_no_path_is_open_and_nothing_else_is_said_it_is_the_first(world: World) -> None:
    spec = {"source": "prop", "path": [{"when": {"country": ["CA"]}, "offers": [{"offer": "keto"}]}]}
    found = told(world, spec, country="US")
    assert (found.reason, found.url, odds(found)) == ("no_path_open", None, [1])
    assert found.paths[0].shut_by == ("country is US, wanted CA",)


def test_a_full_offer_shows_who_takes_its_place(world: World) -> None:
    world.apply(whole_setup(offer='cap = { clicks = 1, alternative = "elsewhere" }'))
    assert [one.key for one in told(world, country="US").paths[0].offers] == ["keto", "elsewhere"]
    ground = world.ground
    sent = click.decide(
        Visit(NOON, {}, "::1", facts={"country": "US"}),
        ground.setup.campaigns["summer"],
        world.keys.next(NOON),
        Chances(0, 0, 0),
        ground,
    )
    world.data.database.write(lambda connection: click.record(connection, sent))
    found = told(world, country="US")
    assert [(one.key, one.odds, one.note[:14]) for one in found.paths[0].offers] == [
        ("elsewhere", Fraction(1, 3), "The offer had "),
        ("elsewhere", Fraction(2, 3), ""),
        ("keto", 0, "it has reached"),
    ]
    assert "Offer keto has reached its cap for the day: its visitors go to elsewhere." in found.notes


def test_a_campaign_that_is_not_saved_yet_can_be_asked(world: World) -> None:
    spec = editing.read(world.data, "campaign", "summer")
    spec["path"] = [{"name": "All", "offers": [{"offer": "third"}]}]
    assert [path.name for path in told(world, spec).paths] == ["All"]
    assert simulate(world.data, "brand-new", MadeUp(), spec).campaign == "brand-new"
    assert len(told(world).paths) == 4
    with pytest.raises(Exception, match="all weights are 0"):
        told(world, {**spec, "path": [{"weight": 0, "offers": [{"offer": "third"}]}]})


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"contry": "US"}, "visitor: contry is nothing that paths ask. Did you mean country?"),
        ({"country": "USA"}, "visitor: country: 'USA' is no country. Write its two letters, such as US or DE."),
        ({"hour": "8-18"}, "visitor: hour: '8-18' is a range. Name one."),
    ],
)
def test_a_fact_that_cannot_be_is_refused(world: World, facts: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        told(world, **facts)
    assert str(refusal.value) == words


# -- a URL -------------------------------------------------------------------------------------------------------------


def test_a_url_brings_its_own_facts_and_what_is_given_goes_before_them(world: World) -> None:
    found = explain(world.data, "https://trk.example/c/summer?sub1=z5&ext=1", visitor=MadeUp({"country": "RU"}))
    assert [path["odds"] for path in found["simulated"]["paths"]] == ["0 %", "100 %", "0 %", "0 %"]
    assert found["result"]["reason"] == "conditions"
    assert found["result"]["example_destination"].startswith("https://other.example.net/")
    assert found["simulated"]["facts"]["sub1"] == "z5"
    again = explain(world.data, "/c/summer?sub1=z5", visitor=MadeUp({"country": "RU", "sub1": "bad"}))
    assert again["result"]["example_destination"] == "https://third.example/?c=RU"
    assert explain(world.data, "summer")["simulated"] == plain(told(world))
    assert world.clicks() == []


def test_what_cannot_be_said_of_a_visitor_is_told_by_fact() -> None:
    said = {"country": "Canada", "hour": "8-18", "device": "tv", "bot": "perhaps", "height": "2 m"}
    assert misread(MadeUp(said)) == {
        "country": "'Canada' is no country. Write its two letters, such as US or DE.",
        "hour": "'8-18' is a range. Name one.",
        "bot": "'perhaps' is neither yes nor no.",
        "height": "height is nothing that paths ask. Known are " + ", ".join(FACTS) + ".",
    }
    assert misread(MadeUp({"country": "us"})) == {}


def test_what_cannot_be_explained_is_refused(world: World) -> None:
    with pytest.raises(NothingMatched, match="Did you mean summer"):
        explain(world.data, "sumer")
    with pytest.raises(BadInput, match="A postback has no visitor"):
        explain(world.data, "https://x.example/p/maxi?click_id=1", visitor=MadeUp({"bot": "yes"}))
    with pytest.raises(BadInput, match="is no address of ours"):
        explain(world.data, "https://x.example/q")
    assert explain(world.data, "https://x.example/p/maxi?click_id=1")["result"]["outcome"] == "click_id_damaged"


# -- what is told is what happens --------------------------------------------------------------------------------------

VISITS = st.builds(
    Visit,
    arrived_at=st.integers(0, 7 * 24).map(lambda hour: NOON + hour * 3_600_000),
    parameters=st.fixed_dictionaries({}, optional={"sub1": st.sampled_from(["z5", "bad", "x"])}),
    ip=st.just("::1"),
    facts=st.fixed_dictionaries(
        {},
        optional={
            "country": st.sampled_from(["US", "CA", "DE", "RU"]),
            "device": st.sampled_from(["mobile", "tablet"]),
            "bot": st.just("agent: a"),
        },
    ),
    is_returning=st.none() | st.booleans(),
)
NUMBERS = itertools.count()
WAYS = st.tuples(
    *[st.sampled_from([None, f"https://{name}.example/"]) for name in ("bots", "else")],
    st.booleans(),
    st.sets(st.sampled_from(["keto", "elsewhere"])),
)


@settings(max_examples=300, deadline=None)
@given(visit=VISITS, ways=WAYS, chances=st.randoms(use_true_random=False))
def test_every_stored_click_agrees_with_what_is_explained_for_the_same_facts(
    stored: World, visit: Visit, ways: tuple[str | None, str | None, bool, set[str]], chances: random.Random
) -> None:
    bots, otherwise, is_paused, full = ways
    ground = replace(stored.ground, full=full, now=visit.arrived_at)
    campaign = replace(ground.setup.campaigns["summer"], bots=bots, otherwise=otherwise, paused=is_paused)
    by_chance = Chances(chances.random(), chances.random(), chances.random())
    key = first_key(visit.arrived_at) + next(NUMBERS)
    sent = click.decide(visit, campaign, key, by_chance, ground)
    stored.data.database.write(lambda connection: click.record(connection, sent))
    with stored.data.database.read() as connection:
        row = click.find(connection, sent.click["id"])
    assert row is not None
    found = simulated_by(campaign, facts_of(FACTS, row, key_time(row["id"]), "UTC"), ground.setup, full)
    if found.url is not None:
        assert (row["reason"], row["path"], row["destination"]) == (found.reason, None, found.url)
        return
    path = found.paths[row["path"]]
    assert path.odds > 0
    if row["landing_id"] is not None:
        keys = ground.setup.key_of_landing
        assert keys[row["landing_id"]] in {one.key for one in path.landings if one.odds}
        assert row["reason"] == path.reason
        return
    left = {one.key: one for one in path.offers if one.odds}
    if not left:
        assert row["reason"] == "no_offer_open"
        assert otherwise is None or row["destination"] == otherwise
        return
    offer = ground.setup.offer_by_id[row["offer_id"]].key
    assert offer in left
    assert row["reason"] in {path.reason, "capped"}
    assert offer not in full


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A data folder of its own, for all examples."""
    clock = HandClock()
    with open_data(str(tmp_path_factory.mktemp("stored")), clock=clock) as data:
        world = World(data, clock)
        world.apply(whole_setup(offer='cap = { clicks = 1, alternative = "elsewhere" }'))
        yield world
