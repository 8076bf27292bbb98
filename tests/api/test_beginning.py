"""What the first run saves, and where it puts the click id."""

from __future__ import annotations

import pytest

from server.api import setup
from server.api.beginning import Beginning, Partner, begin, key_from, place_click_id, words_of
from server.api.checking import problem_with
from server.api.data import open_data
from server.errors import TallybackError


@pytest.fixture
def data(tmp_path):
    with open_data(str(tmp_path / "data")) as data:
        yield data


def answers(**changed):
    given = {
        "base_currency": "EUR",
        "timezone": "Europe/Berlin",
        "source": Partner("PropellerAds", template="propellerads"),
        "network": Partner("Everflow", template="everflow"),
        "offer_url": "https://go.example.net/?a=1&sub1={click_id}",
        "payout": "32",
        "currency": "USD",
    }
    return Beginning(**given | changed)


@pytest.mark.parametrize(
    ("url", "parameter", "after"),
    [
        ("https://x.net/?a=1&sub1=", "sub1", "https://x.net/?a=1&sub1={click_id}"),
        ("https://x.net/?a=1&sub1={your_click_id}&b=2", "sub1", "https://x.net/?a=1&sub1={click_id}&b=2"),
        ("https://x.net/?a=1&SUB1=CLICKID", "sub1", "https://x.net/?a=1&SUB1={click_id}"),
        ("https://x.net/?a=1", "s2", "https://x.net/?a=1&s2={click_id}"),
        ("https://x.net/?a=1&", "s2", "https://x.net/?a=1&s2={click_id}"),
        ("https://x.net/?a=1&s2=#s2#", "s2", "https://x.net/?a=1&s2={click_id}"),
        ("https://x.net/go", "s2", "https://x.net/go?s2={click_id}"),
        ("https://x.net/go#top", "s2", "https://x.net/go?s2={click_id}#top"),
        ("https://x.net/?a=1&aff_sub=[clickid]", "", "https://x.net/?a=1&aff_sub={click_id}"),
        ("https://x.net/?a=1", "", "https://x.net/?a=1&subid={click_id}"),
        ("https://x.net/?a=1&s9={click_id}", "sub1", "https://x.net/?a=1&s9={click_id}"),
        ("https://x.net/?a=1&s9={click_id|none}", "sub1", "https://x.net/?a=1&s9={click_id|none}"),
    ],
)
def test_the_click_id_goes_where_the_network_hands_it_back(url, parameter, after):
    placed = place_click_id(url, parameter)
    assert placed.after == after
    assert "{click_id" in placed.after[placed.start : placed.end]
    untouched = url[: placed.old_start].rstrip("?&")
    assert after[: placed.start].rstrip("?&") == untouched
    assert url[placed.old_end :] == after[placed.end :]


def test_one_transaction_makes_a_whole_campaign(data):
    assert begin(data, answers()) == "propellerads-everflow"
    made = data.setup()
    assert made.owner.base_currency == "EUR"
    assert made.owner.domain is None
    assert made.sources["propellerads"].external_id == "${SUBID}"
    assert made.networks["everflow"].token
    assert made.offers["everflow-offer"].currency == "USD"
    tracking, postback = setup.links(data, "propellerads-everflow")
    assert "ext=${SUBID}" in tracking.url
    assert "click_id={sub1}" in postback.url


def test_export_after_it_applies_without_a_change(data):
    begin(data, answers())
    from server.setup.document import read_document

    assert setup.apply(data, read_document(setup.exported(data, with_secrets=True), "x")) == []


def test_words_of_the_relay_are_filled_in_or_left_for_later(data):
    assert list(words_of("propellerads")) == ["YOUR_AID", "YOUR_TID"]
    begin(data, answers(words={"YOUR_AID": " 12 34", "YOUR_TID": ""}))
    relay = data.setup().sources["propellerads"].relay
    assert "aid=12%2034&" in relay.url
    assert relay.fill_in == ("YOUR_TID",)


def test_a_second_time_uses_what_is_there_and_takes_new_keys(data):
    begin(data, answers())
    again = begin(data, answers(source=Partner("PropellerAds", key="propellerads")))
    assert again == "propellerads-everflow-2"
    made = data.setup()
    assert list(made.sources) == ["propellerads"]
    assert list(made.networks) == ["everflow", "everflow-2"]


def test_partners_of_the_owners_own(data):
    source = Partner("Ádám & Söhne", key="", template="")
    key = begin(
        data,
        answers(
            source=source, network=Partner("日本"), external_id="{cid}", relay_url="https://s.net/?c={external_id}"
        ),
    )
    assert key == "adam-sohne-network"
    assert data.setup().sources["adam-sohne"].relay.url == "https://s.net/?c={external_id}"


@pytest.mark.parametrize("wrong", [{"offer_url": "no url"}, {"payout": "many"}, {"domain": "nope"}])
def test_nothing_is_saved_where_one_answer_is_refused(data, wrong):
    with pytest.raises(TallybackError):
        begin(data, answers(**wrong))
    assert not data.setup().sources


def test_keys_read_like_names_and_are_nobody_elses():
    assert key_from("PropellerAds!", [], "source") == "propellerads"
    assert key_from("PropellerAds", ["propellerads", "propellerads-2"], "source") == "propellerads-3"
    assert key_from("…", [], "source") == "source"


def test_a_field_says_what_is_wrong_with_it(data):
    assert problem_with(data, "owner", "domain", "https://trk.example.com") == ""
    assert "Did you mean 'https://trk.example.com'?" in problem_with(data, "owner", "domain", "trk.example.com")
    assert problem_with(data, "source", "relay.url", "x").startswith("A URL starts with")
    assert "currency" in problem_with(data, "offer", "currency", "XYZ")
