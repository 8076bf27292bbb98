"""What a change of a conversion owes: one relay for each status and destination, or the reason why it is not sent."""

from __future__ import annotations

from typing import Any

import pytest

from server.clock import DAY, HOUR, MINUTE
from server.domain.delivery import TO_THE_SOURCE
from server.pipeline.outbox import destinations, end_test, template_of
from tests.pipeline.world import NOON, World, small_setup

EVERY_STATUS = 'statuses = ["pending", "approved", "rejected", "refunded", "charged_back"]'


@pytest.fixture
def world(empty_world: World) -> World:
    """Not yet set up: each test has its own relay."""
    return empty_world


def apply(world: World, relay: str = "", campaign: str = "", top: str = "") -> None:
    world.apply(small_setup(relay=relay, campaign=campaign, top=top))


def urls(world: World) -> list[str]:
    return [row["url"].removeprefix("https://ad.example.net/conv?") for row in world.relays()]


def test_each_status_owes_one_relay_once(world: World) -> None:
    apply(world, EVERY_STATUS)
    click_id = world.click(ext="e7")
    for parameters in (
        {"status": "pending", "payout": "10"},
        {"status": "pending", "payout": "10"},
        {"status": "approved", "payout": "10"},
        {"status": "approved", "payout": "11"},
        {"status": "refunded", "payout": "4"},
        {"status": "refunded", "payout": "3"},
        {"status": "chargeback", "payout": "2"},
    ):
        world.post(click_id, txn_id="T1", **parameters)
    assert urls(world) == [
        "visitor=e7&payout=10.00&status=pending",
        "visitor=e7&payout=10.00&status=approved",
        "visitor=e7&payout=7.00&status=refunded",
        "visitor=e7&payout=2.00&status=charged_back",
    ]
    assert len({row["key"] for row in world.relays()}) == 4
    assert {len(row["key"]) for row in world.relays()} == {26}


def test_a_relay_is_due_at_once_and_lives_for_seven_days(world: World) -> None:
    apply(world)
    world.post(world.click(), payout="10")
    (row,) = world.relays()
    assert (row["state"], row["attempts"], row["next_attempt"]) == ("waiting", 0, "2026-03-01T12:00:00.000Z")
    assert (row["source"], row["destination"], row["payout"], row["currency"]) == (
        *("prop", "source:prop", "10.00", "USD"),
    )
    world.later(7 * DAY)
    (parcel,) = world.claim()
    assert parcel.tries.expires_at == NOON + 7 * DAY


def test_a_delay_puts_it_off(world: World) -> None:
    apply(world, 'delay = "90s"')
    world.post(world.click())
    assert world.relays()[0]["next_attempt"] == "2026-03-01T12:01:30.000Z"
    world.later(88_999)
    assert world.claim() == []
    world.later(1)
    assert len(world.claim()) == 1


# -- reasons not to send ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relay", "parameters", "reason"),
    [
        ("", {"status": "pending"}, "status_not_relayed"),
        ('events = ["deposit", "Lead"]', {}, "event_not_relayed"),
        ('events = ["deposit", "Lead"]', {"event": "other"}, "event_not_relayed"),
        ('events = ["deposit", "Lead"]', {"event": "LEAD"}, None),
        ('minimum = "10.01"', {"payout": "10"}, "below_minimum"),
        ('minimum = "10"', {"payout": "10"}, None),
        ('minimum = "5"\nshare = "40%"', {"payout": "10"}, "below_minimum"),
        ('sample = "0%"', {}, "not_in_sample"),
        ('sample = "100%"', {}, None),
        ("cap = 0", {}, "over_cap"),
    ],
)
def test_a_relay_that_is_not_to_be_sent_is_a_row_with_its_reason(
    world: World, relay: str, parameters: dict[str, str], reason: str | None
) -> None:
    apply(world, relay)
    world.post(world.click(), **parameters)
    (row,) = world.relays()
    assert (row["state"], row["reason"]) == (("skipped", reason) if reason else ("waiting", None))
    assert (row["next_attempt"] is None) == (reason is not None)
    world.later(DAY)
    assert len(world.claim()) == (reason is None)


def test_without_an_external_id_the_source_cannot_be_told(world: World) -> None:
    apply(world)
    world.post(world.click(ext="${SUBID}"))
    assert world.relay_states() == [("approved", "skipped", "no_external_id")]


def test_a_relay_without_a_url_and_one_that_is_not_filled_in(world: World) -> None:
    apply(world, campaign='destinations = [{ url = "https://p.example/?aid=YOUR_AID" }]')
    world.apply('[[source]]\nkey = "prop"\nexternal_id = "${SUBID}"')
    world.post(world.click())
    assert [(row["destination"], row["state"], row["reason"]) for row in world.relays()] == [
        ("source:prop", "skipped", "no_relay_url"),
        ("campaign:summer:1", "skipped", "not_filled_in"),
    ]


def test_the_source_is_told_its_share(world: World) -> None:
    apply(world, 'share = "33.3%"')
    world.post(world.click(), payout="10")
    assert urls(world) == ["visitor=e1&payout=3.33&status=approved"]
    assert world.conversion()["payout"] == "10.00"


def test_a_sample_takes_its_part_and_the_same_ones_always(world: World) -> None:
    apply(world, 'sample = "50%"')
    for _ in range(24):
        world.post(world.click())
    taken = [row["reason"] is None for row in world.relays()]
    assert 0 < sum(taken) < 24
    world.replay()
    assert [row["reason"] is None for row in world.relays()] == taken


def test_a_cap_counts_the_owners_day_and_only_what_is_sent(world: World) -> None:
    apply(world, "cap = 2", top='timezone = "America/New_York"')  # 12:00 UTC is 7 in the morning there
    for _ in range(3):
        world.post(world.click())
    world.post(world.click(ext=""))  # skipped, and takes no place
    world.later(16 * HOUR + 59 * MINUTE)
    world.post(world.click())
    world.later(MINUTE)
    world.post(world.click())
    assert [(row["state"], row["reason"]) for row in world.relays()] == [
        ("waiting", None),
        ("waiting", None),
        ("skipped", "over_cap"),
        ("skipped", "no_external_id"),
        ("skipped", "over_cap"),
        ("waiting", None),
    ]


def test_a_test_takes_no_place_under_a_cap(world: World) -> None:
    apply(world, "cap = 1")
    world.post(world.click(echo="http://127.0.0.1:9"))
    world.post(world.click())
    assert [row["state"] for row in world.relays()] == ["waiting", "waiting"]


# -- tests and what is kept apart ------------------------------------------------------------------------------------


def test_a_test_goes_to_the_echo_only_whatever_the_template_says(world: World) -> None:
    apply(world, 'minimum = "99"\ndelay = "1h"\npaused = true')
    world.post(world.click(echo="http://127.0.0.1:9"), payout="5", status="pending")
    (row,) = world.relays()
    assert (row["state"], row["next_attempt"]) == ("waiting", "2026-03-01T12:00:00.000Z")
    (parcel,) = world.claim()
    assert parcel.request is not None
    assert parcel.request.url == "http://127.0.0.1:9/conv?visitor=e1&payout=5.00&status=pending"
    assert parcel.request.allow == ("127.0.0.0/8", "::1/128")
    assert parcel.request.headers["X-Tallyback-Test"].startswith("https://ad.example.net/conv?")


def test_a_test_for_real_goes_to_the_source_by_the_rules_of_any_relay(world: World) -> None:
    apply(world, 'delay = "1h"', campaign='destinations = [{ url = "https://p.example/?p={payout}" }]')
    world.post(world.click(echo=TO_THE_SOURCE))
    assert [(row["destination"], row["state"], row["reason"]) for row in world.relays()] == [
        ("source:prop", "waiting", None),
        ("campaign:summer:1", "skipped", "test"),
    ]
    (parcel,) = world.claim()  # without the delay, for somebody looks on
    assert parcel.request is not None
    assert parcel.request.url.startswith("https://ad.example.net/conv?visitor=e1")
    assert parcel.request.allow == ()
    assert "X-Tallyback-Test" not in parcel.request.headers
    apply(world, "paused = true")
    world.post(world.click(echo=TO_THE_SOURCE))
    assert world.relays()[2]["state"] == "held"
    apply(world, 'minimum = "99"')
    world.post(world.click(echo=TO_THE_SOURCE))
    assert world.relays()[3]["reason"] == "below_minimum"


def test_what_a_test_could_not_deliver_is_withdrawn_with_it(world: World) -> None:
    apply(world)
    click_id, other = world.click(echo="http://127.0.0.1:9"), world.click()
    world.post(click_id)
    world.post(other)
    key = world.ground.click_key(click_id)
    assert key is not None
    world.data.database.write(lambda connection: end_test(connection, key))
    assert world.relay_states() == [("approved", "skipped", "test"), ("approved", "waiting", None)]


def test_what_is_kept_apart_owes_nothing(world: World) -> None:
    world.apply(small_setup(offer="window_days = 1"))
    first, second = world.click(), world.click()
    world.post(first, txn_id="T1")
    world.post(second, txn_id="T1")
    world.later(2 * DAY)
    world.post(second)
    assert [row["kept"] for row in world.conversions()] == [None, "conflict", "late"]
    assert [row["conversion"] for row in world.relays()] == [1]


# -- a change of payout ----------------------------------------------------------------------------------------------


def test_a_change_of_payout_is_told_only_where_the_source_wants_it(world: World) -> None:
    apply(world, "on_payout_change = true", campaign='destinations = [{ url = "https://p.example/?p={payout}" }]')
    click_id = world.click()
    for payout in ("10", "11", "11", "12", ""):
        world.post(click_id, txn_id="T1", payout=payout)
    assert [(row["destination"], row["payout"]) for row in world.relays()] == [
        ("source:prop", "10.00"),
        ("campaign:summer:1", "10.00"),
        ("source:prop", "11.00"),
        ("source:prop", "12.00"),
    ]
    assert len({row["key"] for row in world.relays()}) == 4


def test_what_is_left_after_another_reversal_is_a_change_of_payout(world: World) -> None:
    apply(world, f"{EVERY_STATUS}\non_payout_change = true")
    click_id = world.click()
    for parameters in ({"payout": "10"}, {"payout": "-4"}, {"payout": "-3"}, {"payout": "-3"}):
        world.post(click_id, txn_id="T1", **parameters)
    assert [(row["status"], row["payout"]) for row in world.relays()] == [
        ("approved", "10.00"),
        ("refunded", "6.00"),
        ("refunded", "3.00"),
    ]


def test_a_change_of_currency_is_a_change_of_payout(world: World) -> None:
    apply(world, "on_payout_change = true")
    click_id = world.click()
    world.post(click_id, txn_id="T1", payout="10")
    world.post(click_id, txn_id="T1", payout="10", currency="EUR")
    assert [(row["payout"], row["currency"]) for row in world.relays()] == [("10.00", "USD"), ("10.00", "EUR")]


# -- destinations ----------------------------------------------------------------------------------------------------


def test_further_destinations_of_a_campaign_have_templates_of_their_own(world: World) -> None:
    partner = (
        'destinations = [{ url = "https://p.example/{click_id}?s={status}&p={payout}", statuses = ["pending"], '
        'share = "50%" }, { url = "https://q.example/", method = "POST", body = "p={payout:EUR}&s={sub1|none}", '
        'headers = { X-Key = "abc" } }]'
    )
    apply(world, campaign=partner)
    world.rate("2026-02-01", "EUR", "1.25")
    click_id = world.click()
    world.post(click_id, status="pending", payout="10", txn_id="T1")
    world.post(click_id, status="approved", payout="10", txn_id="T1")
    assert [(row["destination"], row["status"], row["state"], row["reason"]) for row in world.relays()] == [
        ("source:prop", "pending", "skipped", "status_not_relayed"),
        ("campaign:summer:1", "pending", "waiting", None),
        ("campaign:summer:2", "pending", "skipped", "status_not_relayed"),
        ("source:prop", "approved", "waiting", None),
        ("campaign:summer:1", "approved", "skipped", "status_not_relayed"),
        ("campaign:summer:2", "approved", "waiting", None),
    ]
    (first,) = world.claim("campaign:summer:1")
    (second,) = world.claim("campaign:summer:2")
    assert first.request is not None
    assert second.request is not None
    assert (first.request.method, first.request.url) == ("GET", f"https://p.example/{click_id}?s=pending&p=5.00")
    assert (second.request.method, second.request.body) == ("POST", "p=8.00&s=none")
    assert second.request.headers == {
        "X-Key": "abc",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": world.relays()[5]["key"],
    }
    (shown,) = world.relays()[5]["history"]
    assert shown["headers"]["X-Key"] == "***"


def test_a_destination_has_a_name_by_which_its_template_is_found(world: World) -> None:
    apply(world, campaign='destinations = [{ url = "https://p.example/" }]')
    setup = world.ground.setup
    assert template_of("source:prop", setup) is setup.sources["prop"].relay
    assert template_of("campaign:summer:1", setup) is setup.campaigns["summer"].destinations[0]
    for gone in ("source:nosuch", "campaign:summer:2", "campaign:summer:0", "campaign:nosuch:1"):
        assert template_of(gone, setup) is None
    row: Any = type("Conversion", (), {"source_id": 1, "campaign_id": 1})
    assert [name for name, _ in destinations(row, setup)] == ["source:prop", "campaign:summer:1"]


def test_what_is_owed_to_a_paused_destination_is_held(world: World) -> None:
    apply(world, "paused = true", campaign='destinations = [{ url = "https://p.example/" }]')
    world.post(world.click())
    assert [(row["destination"], row["state"], row["reason"]) for row in world.relays()] == [
        ("source:prop", "held", "paused_by_owner"),
        ("campaign:summer:1", "waiting", None),
    ]


def test_pausing_in_the_setup_holds_what_waits_and_going_on_lets_it_go(world: World) -> None:
    apply(world)
    world.post(world.click())
    apply(world, "paused = true")
    world.post(world.click(ext="e2"))
    assert [row["state"] for row in world.relays()] == ["held", "held"]
    world.later(HOUR)
    assert world.claim() == []
    apply(world)
    assert [(row["state"], row["reason"]) for row in world.relays()] == [("waiting", None), ("waiting", None)]
    assert len(world.claim()) == 2
