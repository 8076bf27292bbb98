"""One thing at a time: checked, saved, copied, archived, and every step of it undone and done again."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from server.api import archiving, editing, history, setup, things
from server.api.data import Data, open_data
from server.domain.asking import FACTS
from server.domain.conditions import OPERATORS
from server.engine import Engine
from server.errors import BadInput, NothingMatched
from server.setup.document import read_document
from server.setup.problem import BadSetup
from server.storage.tables import DestinationRow

SETUP = """
domain = "https://trk.example.com"
[[source]]
key = "prop"
template = "propellerads"
[source.relay]
url = "https://ads.example/conv?id={external_id}"
[source.relay.headers]
Authorization = "Bearer s3cret"
[[network]]
key = "maxi"
template = "everflow"
token = "a-secret"
[network.hmac]
header = "X-Signature"
secret = "signed"
[[offer]]
key = "keto"
network = "maxi"
url = "https://go.example.net/?sub1={click_id}"
cap = { conversions = 5, alternative = "spare" }
[[offer]]
key = "spare"
network = "maxi"
url = "https://go.example.net/?a=2"
[[landing]]
key = "quiz"
url = "https://lp.example.com/?c={click_id}"
[[campaign]]
key = "summer"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto" }]
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    with open_data(str(tmp_path / "data")) as opened:
        setup.apply(opened, read_document(SETUP, "setup.toml"), "test")
        yield opened


def problems(data: Data, kind: str, key: str, spec: dict, **said: bool) -> dict[tuple, str]:
    return {found.trail: found.text for found in editing.check(data, kind, key, spec, **said).problems}


# -- reading and checking --------------------------------------------------------------------------------------------


def test_a_thing_is_read_as_the_setup_file_says_it_secrets_included(data: Data) -> None:
    assert editing.read(data, "network", "maxi") == {
        "template": "everflow",
        "token": "a-secret",
        "hmac": {"header": "X-Signature", "secret": "signed"},
    }
    with pytest.raises(NothingMatched, match="Did you mean maxi"):
        editing.read(data, "network", "maxy")


def test_several_problems_are_told_at_once_each_at_its_field(data: Data) -> None:
    spec = {**editing.read(data, "offer", "keto"), "url": "nope", "payout": "1,2,3.4.5", "events": {"a": "x"}}
    found = problems(data, "offer", "keto", spec)
    assert set(found) == {("url",), ("payout",), ("events", "a")}
    assert found["url",] == "A URL starts with https:// or http:// and a host."


def test_a_problem_deep_in_a_table_or_a_list_is_told_where_it_is(data: Data) -> None:
    relay = {"url": "https://x.example/?{click-id}", "delay": "3 weeks"}
    assert set(problems(data, "source", "prop", {"relay": relay})) == {("relay", "url"), ("relay", "delay")}
    spec = {"source": "prop", "path": [{"offers": [{"offer": "keto"}, {"offer": "ketu"}]}]}
    assert problems(data, "campaign", "summer", spec) == {
        ("path", 0, "offers", 1, "offer"): "There is no offer 'ketu'. Did you mean 'keto'?"
    }


def test_what_was_not_written_yet_is_told_apart_from_what_is_wrong(data: Data) -> None:
    missing = editing.check(data, "offer", "", {"url": "https://x.example/"}, is_new=True).problems
    assert [(found.trail, found.is_missing) for found in missing] == [(("key",), True), (("network",), True)]
    wrong = editing.check(data, "landing", "-x", {"url": "https://x.example/"}, is_new=True).problems
    assert [(found.trail, found.is_missing) for found in wrong] == [(("key",), False)]


def test_an_empty_list_is_not_written_yet(data: Data) -> None:
    spec = {"source": "prop", "path": [{"when": {"country": []}, "offers": [{"offer": "keto"}]}]}
    (found,) = editing.check(data, "campaign", "summer", spec).problems
    assert (found.trail, found.is_missing) == (("path", 0, "when", "country"), True)
    spec["path"][0]["when"] = {"country": ["USA"]}
    (found,) = editing.check(data, "campaign", "summer", spec).problems
    assert (found.trail, found.is_missing) == (("path", 0, "when", "country", 0), False)


def test_every_fact_is_told_with_the_operators_that_it_takes() -> None:
    assert list(editing.CONDITIONS["sub1"]) == list(OPERATORS)
    assert list(editing.CONDITIONS["weekday"]) == ["is", "is_not"]
    assert set(editing.CONDITIONS) == set(FACTS)


def test_a_key_that_is_taken_is_refused_for_a_new_thing_only(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    assert problems(data, "offer", "keto", spec, is_new=True) == {("key",): "There is an offer keto already."}
    assert problems(data, "offer", "keto", spec) == {}


def test_checking_saves_nothing_and_tells_what_would_follow(data: Data) -> None:
    spec = {**editing.read(data, "network", "maxi"), "token": "other"}
    (link,) = editing.check(data, "network", "maxi", spec).links
    assert link.url.startswith("https://trk.example.com/p/maxi?token=other&click_id={sub1}")
    assert editing.read(data, "network", "maxi")["token"] == "a-secret"
    source = editing.check(data, "source", "prop", {"template": "propellerads"})
    assert source.relay is not None
    assert source.relay.url.startswith("https://ad.propellerads.com/")
    campaign = editing.check(data, "campaign", "summer", editing.read(data, "campaign", "summer"))
    assert [link.kind for link in campaign.links] == ["tracking", "postback", "script"]
    landing = editing.check(data, "landing", "quiz", editing.read(data, "landing", "quiz"))
    assert [link.url for link in landing.links] == ["https://trk.example.com/go?click={click_id}"]


# -- saving ----------------------------------------------------------------------------------------------------------


def test_saving_replaces_the_whole_thing_and_requests_see_it(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    saved = editing.save(data, "offer", "keto", {**spec, "payout": "40"}, spec)
    assert saved["payout"] == "40.00"
    assert data.setup().offers["keto"].payout.micros == 40_000_000
    assert history.steps(data).undo == "change offer keto"


def test_a_secret_that_the_form_removes_is_removed(data: Data) -> None:
    """Unlike a file, which leaves secrets out and leaves them alone, a form shows them all."""
    spec = editing.read(data, "source", "prop")
    without = {**spec, "relay": {"url": spec["relay"]["url"]}}
    assert editing.save(data, "source", "prop", without, spec) == without
    assert data.setup().sources["prop"].relay.headers == {}


def test_a_new_network_is_given_a_token(data: Data) -> None:
    assert len(editing.save(data, "network", "fresh", {}, None)["token"]) > 16
    assert editing.save(data, "network", "open", {"token": ""}, None) == {"token": ""}


def test_what_was_changed_elsewhere_is_not_written_over(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    editing.save(data, "offer", "keto", {**spec, "name": "Mine"}, spec, "apply")
    with pytest.raises(BadInput, match="changed elsewhere"):
        editing.save(data, "offer", "keto", {**spec, "name": "Yours"}, spec)
    with pytest.raises(BadInput, match="already"):
        editing.save(data, "offer", "keto", spec, None)
    assert editing.read(data, "offer", "keto")["name"] == "Mine"


def test_what_is_refused_changes_nothing(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    with pytest.raises(BadSetup):
        editing.save(data, "offer", "keto", {**spec, "network": "nobody"}, spec)
    assert editing.read(data, "offer", "keto") == spec
    assert history.steps(data).undo == ""


def test_pausing_a_source_pauses_its_destination(data: Data) -> None:
    spec = editing.read(data, "source", "prop")
    paused = {**spec, "relay": {**spec["relay"], "paused": True}}
    editing.save(data, "source", "prop", paused, spec)
    (source,) = things.things(data, "source")
    assert source.states == ("paused",)
    history.undo(data)
    (source,) = things.things(data, "source")
    assert source.states == ()


def test_pausing_a_further_destination_pauses_it_and_lets_it_go_on(data: Data) -> None:
    spec = editing.read(data, "campaign", "summer")
    partner = {"url": "https://partner.example/?c={click_id}"}
    running = {**spec, "destinations": [partner, partner]}
    paused = {**spec, "destinations": [partner, {**partner, "paused": True}]}

    def held() -> dict[str, str]:
        with data.database.read() as connection:
            rows = connection.execute(select(DestinationRow.key, DestinationRow.paused))
            return {row.key: row.paused for row in rows if row.paused}

    editing.save(data, "campaign", "summer", running, spec)
    assert held() == {}
    editing.save(data, "campaign", "summer", paused, running)
    assert held() == {"campaign:summer:2": "paused_by_owner"}
    editing.save(data, "campaign", "summer", running, paused)
    assert held() == {}


def test_a_copy_gets_a_free_key_and_a_token_of_its_own(data: Data) -> None:
    key, spec = editing.duplicate(data, "network", "maxi")
    assert key == "maxi-2"
    assert spec["template"] == "everflow"
    assert spec["token"] not in ("", "a-secret")
    assert "maxi-2" not in data.setup().networks


# -- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_says_what_wants_an_eye(data: Data) -> None:
    editing.save(data, "network", "open", {"token": ""}, None)
    editing.save(data, "source", "raw", {"template": "propellerads"}, None)
    assert {thing.key: thing.states for thing in things.things(data, "network")} == {"maxi": (), "open": ("open",)}
    assert {thing.key: thing.states for thing in things.things(data, "source")} == {"prop": (), "raw": ("fill_in",)}
    assert {one.key: one.states for one in things.things(data, "offer")} == {"keto": (), "spare": ("no_click_id",)}
    assert [thing.states for thing in things.things(data, "landing")] == [()]


# -- archiving -------------------------------------------------------------------------------------------------------


def test_archiving_takes_what_depends_on_it_along_when_told_so(data: Data) -> None:
    assert archiving.dependents(data, "offer", "spare") == [("offer", "keto"), ("campaign", "summer")]
    with pytest.raises(BadInput, match="is used by offer keto, campaign summer"):
        archiving.archive(data, "offer", "spare")
    archiving.archive(data, "offer", "spare", with_dependents=True)
    assert archiving.dependents(data, "source", "prop") == []
    assert [thing.key for thing in things.things(data, "offer") if thing.is_archived] == ["keto", "spare"]
    assert history.steps(data).undo == "archive offer spare and 2 more"


def test_taking_back_takes_back_what_it_needs(data: Data) -> None:
    archiving.archive(data, "network", "maxi", with_dependents=True)
    assert set(archiving.unarchive(data, "campaign", "summer")) == {
        ("campaign", "summer"),
        ("offer", "keto"),
        ("offer", "spare"),
        ("network", "maxi"),
    }
    assert "summer" in data.setup().campaigns


def test_every_thing_is_named_with_whether_it_is_archived(data: Data) -> None:
    archiving.archive(data, "landing", "quiz", with_dependents=True)
    named = {(one.kind, one.key): one.is_archived for one in things.names(data)}
    assert named == {
        ("source", "prop"): False,
        ("network", "maxi"): False,
        ("offer", "keto"): False,
        ("offer", "spare"): False,
        ("landing", "quiz"): True,
        ("campaign", "summer"): True,
    }
    found = archiving.archived(data)
    assert {kind: keys for kind, keys in found.items() if keys} == {"landing": {"quiz"}, "campaign": {"summer"}}


def test_an_archived_campaign_is_unknown_to_visitors_and_known_to_its_clicks(data: Data) -> None:
    campaign_id = data.setup().campaigns["summer"].id
    archiving.archive(data, "campaign", "summer")
    current = data.setup()
    assert "summer" not in current.campaigns
    assert current.key_of_campaign[campaign_id] == "summer"
    assert "keto" in current.offers
    engine = Engine(data.folder, url=data.url, host="127.0.0.1", port=0)
    thread = threading.Thread(target=engine.run, daemon=True)
    thread.start()
    assert engine.is_announced.wait(10)
    try:
        with pytest.raises(urllib.error.HTTPError, match="404") as refusal:
            urllib.request.urlopen(f"{engine.url}/c/summer", timeout=10)
        refusal.value.close()
    finally:
        engine.stop()
        thread.join(10)


# -- undo and redo ---------------------------------------------------------------------------------------------------


def test_saved_changes_are_undone_and_done_again_in_order(data: Data) -> None:
    first = editing.read(data, "offer", "keto")
    second = editing.save(data, "offer", "keto", {**first, "name": "Second"}, first)
    editing.save(data, "offer", "keto", {**second, "name": "Third"}, second)
    history.undo(data)
    assert editing.read(data, "offer", "keto")["name"] == "Second"
    history.undo(data)
    assert editing.read(data, "offer", "keto") == first
    with pytest.raises(NothingMatched):
        history.undo(data)
    history.redo(data)
    history.redo(data)
    assert editing.read(data, "offer", "keto")["name"] == "Third"
    with pytest.raises(NothingMatched):
        history.redo(data)


def test_a_new_change_forgets_what_was_undone(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    editing.save(data, "offer", "keto", {**spec, "name": "One"}, spec)
    history.undo(data)
    editing.save(data, "offer", "keto", {**spec, "name": "Two"}, spec)
    assert history.steps(data).redo == ""


def test_undoing_a_creation_archives_the_thing(data: Data) -> None:
    editing.save(data, "landing", "new", {"url": "https://lp.example.com/?c={click_id}"}, None)
    done = history.undo(data)
    assert (done.kind, done.key, done.words) == ("landing", "new", "create landing new")
    assert [thing.key for thing in things.things(data, "landing") if thing.is_archived] == ["new"]
    history.redo(data)
    assert [thing.key for thing in things.things(data, "landing") if thing.is_archived] == []


def test_what_a_file_changed_since_is_not_undone(data: Data) -> None:
    spec = editing.read(data, "offer", "keto")
    saved = editing.save(data, "offer", "keto", {**spec, "name": "Mine"}, spec)
    editing.save(data, "offer", "keto", {**saved, "name": "Theirs"}, saved, "apply")
    with pytest.raises(BadInput, match="changed elsewhere since"):
        history.undo(data)
    assert editing.read(data, "offer", "keto")["name"] == "Theirs"
