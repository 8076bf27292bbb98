"""A test of the loop, hop by hop: what is green, what is red and where it is mended, and what is done only when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.api import editing, lists, relaying, reports, setup
from server.api.data import Data, open_data
from server.api.lists import Filters
from server.api.status import status
from server.api.testing import Colour, Hop, Wishes, run_test
from server.api.today import feed
from server.pipeline import outbox, relay
from server.setup.document import read_document
from tests.ad_network import AdNetwork, Scripted, setup_with

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED


@pytest.fixture
def source() -> Iterator[AdNetwork]:
    with AdNetwork() as network:
        yield network


@pytest.fixture
def offer() -> Iterator[AdNetwork]:
    with AdNetwork() as network:
        yield network


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    with open_data(str(tmp_path / "data")) as data:
        yield data


@pytest.fixture
def world(data: Data, source: AdNetwork, offer: AdNetwork) -> Data:
    """A setup whose source and offer are on this machine; each test fired runs its server for the while."""
    apply(data, setup_with(source.url).replace("https://go.example.net", offer.url))
    return data


def apply(data: Data, text: str) -> None:
    setup.apply(data, read_document(text, "setup.toml"))


def change(data: Data, kind: str, key: str, **words: Any) -> None:
    before = editing.read(data, kind, key)
    relay = {"relay": {**before.get("relay", {}), **words.pop("relay", {})}} if kind == "source" else {}
    editing.save(data, kind, key, {**before, **words, **relay}, before)


def wishing(*, follows: bool = False, is_real: bool = False) -> Wishes:
    return Wishes(follows=follows, is_real=is_real, starts_server=True)


def fired(data: Data, *, follows: bool = False, is_real: bool = False) -> list[Hop]:
    return list(run_test(data, "summer", wishing(follows=follows, is_real=is_real)))


def last(data: Data, *, follows: bool = False, is_real: bool = False) -> Hop:
    return fired(data, follows=follows, is_real=is_real)[-1]


def mended_at(hop: Hop) -> tuple[str, str]:
    assert hop.colour is not GREEN
    assert hop.mend.remedy
    return hop.mend.thing, hop.mend.key


def to(address: str, status: int = 302) -> Scripted:
    return Scripted(status, b"", {"Location": address})


# -- the harmless test -----------------------------------------------------------------------------------------------


def test_nothing_leaves_the_machine_unless_asked(world: Data, source: AdNetwork, offer: AdNetwork) -> None:
    hops = fired(world)
    assert [(hop.name, hop.colour) for hop in hops] == [("click", GREEN), ("postback", GREEN), ("relay", GREEN)]
    assert (source.told, offer.told) == ([], [])


def test_the_relay_is_settled_before_it_is_shown(world: Data) -> None:
    for _ in range(5):
        hop = last(world)
        assert hop.milliseconds is not None
        assert hop.answer == "200 OK"
        [newest] = lists.relays_list(world, Filters(limit=1))
        assert newest["history"][-1]["milliseconds"] == hop.milliseconds


def test_tests_count_nowhere(world: Data) -> None:
    fired(world)
    fired(world, is_real=True)
    now = status(world)
    assert (now.clicks_last_minute, now.relays_waiting) == (0, 0)
    assert dict(now.needs_attention) == {"postbacks": 0, "relays": 0, "conversions": 0}
    assert feed(world) == []
    total = reports.report(world, ["campaign"]).total
    assert (total["clicks"], total["conversions"], total["revenue"]) == (0, 0, "0.00")
    assert all(row["test"] for row in [*lists.clicks(world, Filters()), *lists.conversions(world, Filters())])
    assert [row["reason"] for row in lists.relays_list(world, Filters())] == ["test", "test"]


# -- followed when asked ---------------------------------------------------------------------------------------------


def test_the_way_to_the_offer_is_shown_address_by_address(world: Data, offer: AdNetwork) -> None:
    with AdNetwork() as advertiser:
        offer.script.extend([to("/second?sub1=KEPT&x=1"), to(f"{advertiser.url}/page?aff=9")])
        _, hop, *_ = hops = fired(world, follows=True)
        assert [hop.name for hop in hops] == ["click", "offer", "postback", "relay"]
        assert [(step.status, step.url) for step in hop.steps] == [
            (302, hop.sent),
            (302, f"{offer.url}/second?sub1=KEPT&x=1"),
            (200, f"{advertiser.url}/page?aff=9"),
        ]
        assert hop.milliseconds is not None
        assert hop.milliseconds >= max(step.milliseconds for step in hop.steps)
        assert hop.answer == f"200 {advertiser.url}/page?aff=9"
        assert (hop.colour, mended_at(hop)) == (AMBER, ("offer", "keto"))
        assert "went no further than the first address" in hop.says
        assert advertiser.told[0].headers["User-Agent"].startswith("Mozilla/5.0")


class Echoing(AdNetwork):
    """Redirects as many times as asked, with the query it was called with."""

    def __init__(self, times: int, then: Scripted) -> None:
        super().__init__()
        self.times, self.then = times, then

    def _take(self, told):  # type: ignore[no-untyped-def]
        super()._take(told)
        query = told.path.partition("?")[2]
        return to(f"/{len(self.told)}?{query}") if len(self.told) <= self.times else self.then


@pytest.mark.parametrize(
    ("times", "then", "colour", "says"),
    [
        (0, Scripted(), GREEN, "still in its final address"),
        (2, Scripted(), GREEN, "still in its final address"),
        (10, Scripted(), GREEN, "still in its final address"),
        (11, Scripted(), RED, "redirected more than 10 times"),
        (1, Scripted(403), AMBER, "turned this machine away (403). The offer answers"),
        (1, Scripted(404), RED, "answered 404"),
        (1, Scripted(500), RED, "answered 500"),
        (0, to("market://details?id=x"), AMBER, "ends in an app (market:)"),
        (0, to("http://169.254.169.254/latest"), RED, "lies in a private network"),
        (0, to("http://127.0.0.2:1/"), RED, "lies in a private network"),
        (0, to("http://127.0.0.1:1/"), RED, "could not be reached"),
        (0, to("http://[/"), RED, "http://[/ is no address."),
    ],
)
def test_what_the_way_to_the_offer_says(
    data: Data, source: AdNetwork, times: int, then: Scripted, colour: Colour, says: str
) -> None:
    with Echoing(times, then) as there:
        apply(data, setup_with(source.url).replace("https://go.example.net", there.url))
        hops = fired(data, follows=True)
    assert (hops[1].name, hops[1].colour) == ("offer", colour)
    assert says in hops[1].says
    assert len(there.told) <= 11
    assert [hop.name for hop in hops[2:]] == ["postback", "relay"]  # which a broken offer does not hinder
    assert (hops[1].mend.thing == "offer") is (colour is not GREEN)


# -- for real when asked ---------------------------------------------------------------------------------------------


def test_the_source_is_told_when_asked(world: Data, source: AdNetwork) -> None:
    source.script.append(Scripted(200, b"thanks"))
    hop = last(world, is_real=True)
    assert (hop.colour, hop.answer) == (GREEN, "200 thanks")
    assert hop.milliseconds is not None
    [told] = source.told
    assert told.path.startswith("/conv?visitor=test-")
    assert hop.sent == f"GET {source.url}{told.path}"
    assert "X-Tallyback-Test" not in told.headers
    [conversion] = lists.conversions(world, Filters())
    assert (conversion["test"], conversion["counted"]) == (True, False)


def test_secrets_of_the_request_are_masked(world: Data, source: AdNetwork) -> None:
    change(world, "source", "prop", relay={"url": f"{source.url}/conv?token=s3cr3t&v={{external_id}}"})
    for is_real in (False, True):
        hop = last(world, is_real=is_real)
        assert hop.colour is GREEN
        assert "token=***&v=test-" in hop.sent
        assert "s3cr3t" not in repr(hop)
    assert source.told[0].path.startswith("/conv?token=s3cr3t&v=test-")


def test_a_partner_hears_of_no_test(world: Data, source: AdNetwork) -> None:
    with AdNetwork() as partner:
        further = {"url": f"{partner.url}/p?v={{click_id}}", "allow": ["127.0.0.0/8"]}
        change(world, "campaign", "summer", destinations=[further])
        assert last(world, is_real=True).colour is GREEN
        assert len(source.told) == 1
        assert partner.told == []


def test_a_refused_real_relay_is_red_and_not_tried_again(world: Data, source: AdNetwork) -> None:
    source.script.append(Scripted(500, b"down"))
    hop = last(world, is_real=True)
    assert (hop.colour, hop.answer, mended_at(hop)) == (RED, "500 down", ("source", "prop"))
    assert "answered 500" in hop.says
    [row] = lists.relays_list(world, Filters())
    assert (row["state"], row["reason"], row["next_attempt"]) == ("skipped", "test", None)
    assert row["history"][0]["result"] == "http_500"


def test_no_address_is_reached_that_relays_may_not_reach(world: Data, source: AdNetwork) -> None:
    change(world, "source", "prop", relay={"allow": []})
    hop = last(world, is_real=True)
    assert (hop.colour, mended_at(hop)) == (RED, ("source", "prop"))
    assert "private network" in hop.says
    assert source.told == []
    for is_real, colour in ((True, RED), (False, AMBER)):  # the destination is paused by it
        again = last(world, is_real=is_real)
        assert (again.colour, mended_at(again)) == (colour, ("relays", "prop"))
        assert "are held" in again.says


@pytest.mark.parametrize("is_real", [False, True])
@pytest.mark.parametrize(
    ("words", "colour", "says"),
    [
        ({"relay": {"url": ""}}, RED, "has no relay URL"),
        ({"relay": {"url": "http://127.0.0.1:9/YOUR_ID?v={external_id}"}}, RED, "not filled in"),
        ({"external_id": ""}, RED, "no external id"),
        ({"relay": {"statuses": ["rejected"]}}, AMBER, "This status is not relayed."),
    ],
)
def test_what_a_relay_lacks_is_said_and_mended_at_its_source(
    world: Data, source: AdNetwork, words: dict[str, Any], colour: Colour, says: str, is_real: bool
) -> None:
    change(world, "source", "prop", **words)
    hop = last(world, is_real=is_real)
    assert (hop.name, hop.colour, mended_at(hop)) == ("relay", colour, ("source", "prop"))
    assert says in hop.says
    assert source.told == []


def test_a_source_that_is_told_of_one_event_only_gets_that_event(world: Data, source: AdNetwork) -> None:
    change(world, "source", "prop", relay={"events": ["deposit"]})
    assert last(world, is_real=True).colour is GREEN
    assert len(source.told) == 1


def test_a_paused_source_is_amber_for_the_echo_and_red_for_real(world: Data, source: AdNetwork) -> None:
    relaying.pause(world, "source:prop")
    for is_real, colour in ((False, AMBER), (True, RED)):
        hop = last(world, is_real=is_real)
        assert (hop.colour, mended_at(hop)) == (colour, ("relays", "prop"))
        assert "You paused this destination." in hop.says
    assert source.told == []
    assert relaying.resume(world, "source:prop") == 0  # nothing of a test waited for it


# -- what is red before the relay ------------------------------------------------------------------------------------


def test_a_paused_campaign_says_so(world: Data) -> None:
    apply(world, 'fallback_url = "https://example.com/"')
    change(world, "campaign", "summer", paused=True)
    hop = last(world)
    assert (hop.says[:23], mended_at(hop)) == ("The campaign is paused:", ("campaign", "summer"))


def test_an_offer_that_loses_the_click_id_is_mended_at_the_offer(world: Data) -> None:
    change(world, "offer", "keto", url="https://go.example.net/?a=1")
    hop = last(world)
    assert (hop.name, mended_at(hop)) == ("click", ("offer", "keto"))


def test_a_landing_page_gets_the_click_id_and_an_offer_behind_it_that_loses_it_is_mended_there(world: Data) -> None:
    apply(world, '[[landing]]\nkey = "quiz"\nurl = "https://lp.example.com/"')
    path = {"landings": [{"landing": "quiz", "weight": 1}], "offers": [{"offer": "keto", "weight": 1}]}
    change(world, "campaign", "summer", path=[path])
    assert [hop.name for hop in fired(world, follows=True)] == ["click", "go", "offer", "postback", "relay"]
    change(world, "offer", "keto", url="https://go.example.net/?a=1")
    hop = last(world)
    assert (hop.name, mended_at(hop)) == ("go", ("offer", "keto"))


def test_a_postback_that_is_refused_is_mended_at_the_network(world: Data) -> None:
    change(world, "network", "maxi", ips=["192.0.2.0/24"])
    hop = last(world)
    assert (hop.name, hop.colour, mended_at(hop)) == ("postback", RED, ("network", "maxi"))
    assert hop.answer.startswith("403")


def test_a_network_that_calls_the_click_otherwise_is_spoken_to_in_its_words(world: Data) -> None:
    change(world, "network", "maxi", params={"click_id": "zz", "status": "st"}, status_words={"approved": ["paid"]})
    _, postback, relay = fired(world)
    assert "&zz=" in postback.sent
    assert "&st=paid" in postback.sent
    assert relay.colour is GREEN


def test_where_no_server_runs_nothing_is_fired_unless_one_may_be_started(data: Data, source: AdNetwork) -> None:
    apply(data, setup_with(source.url))
    [hop] = run_test(data, "summer")
    assert (hop.colour, mended_at(hop)) == (RED, ("server", ""))
    assert [one.colour for one in fired(data)] == [GREEN, GREEN, GREEN]


def test_a_domain_that_nobody_answers_is_mended_in_the_settings(world: Data) -> None:
    apply(world, 'domain = "http://127.0.0.1:9"')
    hop = last(world)
    assert (hop.name, mended_at(hop)) == ("click", ("domain", ""))
    assert "cannot be reached" in hop.says
    change(world, "campaign", "summer", domain="http://127.0.0.1:7")
    assert mended_at(last(world)) == ("campaign", "summer")


@pytest.mark.parametrize("other", [Scripted(404), to("https://go.example.net/?sub1=x"), Scripted(200)])
def test_somebody_else_at_the_domain_is_told_apart(world: Data, other: Scripted) -> None:
    assert last(world).colour is GREEN  # the click of an earlier test is not taken for this one's
    with AdNetwork(other) as stranger:
        apply(world, f'domain = "{stranger.url}"')
        hop = last(world)
    assert (hop.name, mended_at(hop)) == ("click", ("domain", ""))
    assert "something else answers there" in hop.says


# -- called off ------------------------------------------------------------------------------------------------------


def test_a_test_that_is_called_off_leaves_nothing_behind(world: Data) -> None:
    wishes = wishing()
    hops = run_test(world, "summer", wishes)
    assert [next(hops).name, next(hops).name] == ["click", "postback"]
    wishes.stop.set()
    hops.close()
    [row] = lists.relays_list(world, Filters())
    assert row["reason"] == "test"
    assert row["state"] in ("skipped", "delivered")


def test_a_way_that_hangs_is_left_at_once(world: Data, offer: AdNetwork) -> None:
    hangs = threading.Event()
    offer.script.append(Scripted(wait=hangs))
    wishes = wishing(follows=True)
    hops = run_test(world, "summer", wishes)
    assert next(hops).name == "click"
    caller = threading.Thread(target=lambda: list(hops))
    caller.start()
    try:
        while not offer.told:
            caller.join(0.02)
        wishes.stop.set()
        caller.join(3)
        assert not caller.is_alive()
    finally:
        hangs.set()


def test_a_relay_that_stands_behind_others_says_so(world: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.hop_relay._IN_LINE_S", 0.3)

    def fail_often(connection):  # type: ignore[no-untyped-def]
        row = outbox.destination_row(connection, "source:prop")
        relay._destination(connection, row.id, failures=5, waits_until=world.clock() + 60_000)

    world.database.write(fail_often)
    hop = last(world)
    assert (hop.colour, mended_at(hop)) == (RED, ("relays", "prop"))
    [row] = lists.relays_list(world, Filters())
    assert (row["state"], row["reason"]) == ("skipped", "test")
