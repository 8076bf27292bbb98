"""What the owner sets up: the defaults of the setup file, and the ways to find a thing again."""

from __future__ import annotations

import dataclasses

import pytest

from server.domain.paths import Path, Weighted
from server.domain.status import Status
from server.domain.things import (
    FIELDS,
    SUBS,
    Campaign,
    Landing,
    Network,
    Offer,
    Owner,
    RelayTemplate,
    Setup,
    Source,
)


def test_the_defaults_are_those_of_the_setup_file() -> None:
    relay, network, owner = RelayTemplate(), Network("maxi"), Owner()
    assert (relay.method, relay.statuses, relay.events, relay.share) == ("GET", (Status.APPROVED,), None, 1_000_000)
    assert (relay.minimum, relay.delay, relay.sample, relay.cap, relay.success) == (0, 0, 1_000_000, None, None)
    assert (relay.on_payout_change, relay.on_ambiguous, tuple(relay.allow), relay.paused) == (False, "retry", (), False)
    assert (network.time_zone, network.number_style, network.default_status) == ("UTC", None, Status.APPROVED)
    assert (network.payout_from, network.last_word_wins, network.each_postback_counts) == ("postback", False, False)
    assert (network.txn_prefix, network.strict, network.hmac, tuple(network.ips)) == (None, False, None, ())
    assert (owner.base_currency, owner.timezone, owner.domain, owner.fallback_url) == ("USD", "UTC", None, None)
    assert (Weighted("a").weight, Path([]).weight, Campaign("c", "s", []).paused) == (100, 100, False)
    assert Campaign("c", "s", []).cost.model == "none"


def test_a_network_has_times_where_a_parameter_or_a_macro_names_one() -> None:
    assert not Network("maxi").has_time
    assert Network("maxi", params={"time": "ts"}).has_time
    assert Network("maxi", macros={"time": "{ts}"}).has_time


def test_a_network_is_spoken_to_by_its_own_names_and_by_the_aliases_that_it_uses_for_nothing_else() -> None:
    network = Network("maxi", params={"click_id": "Aff_Click", "txn_id": "revenue", "custom1": ""})
    assert network.names["click_id"] == ("aff_click",)
    assert network.names["payout"] == ("payout", "amount", "sum")
    assert network.names["txn_id"] == ("revenue",)
    assert network.names["custom1"] == ("custom1",)
    assert network.names.keys() == set(FIELDS)
    assert {"aff_click", "revenue", "token", "custom5"} < network.known_names
    assert "txid" not in network.known_names
    assert network.click_names[:3] == ("aff_click", "click_id", "clickid")


def test_what_follows_from_a_network_follows_it_when_it_changes() -> None:
    network = Network("maxi")
    assert (network.has_time, "stamp" in network.known_names) == (False, False)
    changed = dataclasses.replace(network, params={"time": "Stamp"})
    assert (changed.has_time, "stamp" in changed.known_names) == (True, True)
    assert changed != network
    assert dataclasses.replace(changed, params={}) == network


def test_the_fields_of_a_postback_and_the_subs_of_a_click() -> None:
    assert (
        *("click_id", "payout", "sale_amount", "currency", "status", "event", "txn_id", "time"),
        *("custom1", "custom2", "custom3", "custom4", "custom5"),
    ) == FIELDS
    assert (SUBS[0], SUBS[-1], len(SUBS)) == ("sub1", "sub20", 20)


def test_a_stored_thing_is_found_by_its_number() -> None:
    offer = Offer("keto", "maxi", "https://o.example", id=5)
    setup = Setup(
        sources={"prop": Source("prop", id=1)},
        networks={"maxi": Network("maxi", id=2)},
        offers={"keto": offer},
        landings={"quiz": Landing("quiz", "https://l.example", id=3)},
        campaigns={"summer": Campaign("summer", "prop", [], id=4)},
    )
    assert setup.key_of_source == {1: "prop"}
    assert setup.key_of_network == {2: "maxi"}
    assert setup.key_of_landing == {3: "quiz"}
    assert setup.key_of_campaign == {4: "summer"}
    assert setup.offer_by_id == {5: offer}


@pytest.mark.parametrize(
    ("thing", "field"),
    [(Source("prop"), "key"), (Network("maxi"), "token"), (RelayTemplate(), "url"), (Owner(), "domain")],
)
def test_a_thing_cannot_be_changed_behind_its_owners_back(thing: object, field: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, field, "other")
