"""What several receipts, and a person, make of one conversion."""

from __future__ import annotations

from typing import Any

import pytest

from server.api import conversions as by_hand
from server.api.evidence import evidence
from server.clock import DAY, MINUTE
from tests.pipeline.world import World, small_setup


def money(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["status"], row["payout"], row["currency"], row["net"]


def outcomes(world: World) -> list[str]:
    return [row["outcome"] for row in world.postbacks()]


def with_network(world: World, network: str, **more: str) -> World:
    world.apply(small_setup(network=network, **more))
    return world


# -- which conversion ------------------------------------------------------------------------------------------------


def test_the_first_transaction_id_takes_over_what_had_none(world: World) -> None:
    click_id = world.click()
    world.post(click_id, status="pending")
    world.post(click_id, txn_id="T1", payout="12.50")
    world.post(click_id, txn_id="T2")
    world.post(click_id)
    assert outcomes(world) == ["accepted", "updated", "accepted", "duplicate"]
    assert [(row["txn_id"], *money(row)) for row in world.conversions()] == [
        ("T1", "approved", "12.50", "USD", "12.50"),
        ("T2", "approved", "32.00", "USD", "32.00"),
    ]


def test_each_event_of_a_click_is_a_conversion_of_its_own(world: World) -> None:
    click_id = world.click()
    world.post(click_id)
    world.post(click_id, event="Deposit")
    world.post(click_id, event="DEPOSIT", payout="60")
    world.post(click_id, event="deposit", txn_id="T1")
    world.post(click_id, txn_id="T1")
    assert outcomes(world) == ["accepted", "accepted", "updated", "updated", "updated"]
    assert [(row["event"], row["txn_id"], row["payout"]) for row in world.conversions()] == [
        (None, "T1", "32.00"),
        ("Deposit", "T1", "60.00"),
    ]


def test_each_postback_counts_where_the_network_says_so_but_a_reversal_takes_back_the_latest(
    empty_world: World,
) -> None:
    world = with_network(empty_world, "each_postback_counts = true")
    click_id = world.click()
    for payout in ("1", "2", "2"):
        world.post(click_id, payout=payout)
    world.post(click_id, status="refund")
    world.post(click_id, payout="-0.50")  # of the one that is the latest still
    world.post(click_id, txn_id="T1", payout="9")
    world.post(click_id, txn_id="T1", payout="9")
    assert outcomes(world) == ["accepted", "accepted", "accepted", "updated", "duplicate", "accepted", "duplicate"]
    assert [(row["txn_id"], *money(row)) for row in world.conversions()] == [
        (None, "approved", "1.00", "USD", "1.00"),
        (None, "approved", "2.00", "USD", "2.00"),
        (None, "refunded", "2.00", "USD", "0.00"),
        ("T1", "approved", "9.00", "USD", "9.00"),
    ]


def test_what_stands_before_the_id_of_a_reversal_falls_away(empty_world: World) -> None:
    world = with_network(empty_world, 'txn_prefix = "refund-"')
    click_id = world.click()
    world.post(click_id, txn_id="T1")
    world.post(click_id, txn_id="REFUND-T1", status="refunded")
    world.post(click_id, txn_id="refund-T2")  # no reversal: that is its name
    assert [(row["txn_id"], row["status"]) for row in world.conversions()] == [
        ("T1", "refunded"),
        ("refund-T2", "approved"),
    ]


def test_a_conflict_stays_apart_from_the_sale_and_from_other_conflicts(world: World) -> None:
    owner, second, third = world.click(), world.click(), world.click()
    world.post(owner, txn_id="T1")
    world.post(second, txn_id="T1")
    world.post(third, txn_id="T1")
    world.post(second, txn_id="T1", status="refunded")
    world.post(second, txn_id="T2")
    assert outcomes(world) == ["accepted", "conflict", "conflict", "conflict", "accepted"]
    assert [(row["click"], row["txn_id"], row["kept"], row["status"]) for row in world.conversions()] == [
        (owner, "T1", None, "approved"),
        (second, "T1", "conflict", "refunded"),
        (third, "T1", "conflict", "approved"),
        (second, "T2", None, "approved"),
    ]
    assert [row["click"] for row in world.relays()] == [owner, second]


# -- money -----------------------------------------------------------------------------------------------------------


def test_reversals_add_up_and_never_take_more_than_there_was(world: World) -> None:
    click_id = world.click()
    world.post(click_id, txn_id="T1", payout="10")
    world.post(click_id, txn_id="T1", payout="-3")
    assert money(world.conversion()) == ("refunded", "10.00", "USD", "7.00")
    world.post(click_id, txn_id="T1", payout="3", status="refund")  # the same again
    assert money(world.conversion()) == ("refunded", "10.00", "USD", "7.00")
    world.post(click_id, txn_id="T1", payout="2", status="chargeback")
    assert money(world.conversion()) == ("charged_back", "10.00", "USD", "5.00")
    world.post(click_id, txn_id="T1", payout="20", status="chargeback")
    assert money(world.conversion()) == ("charged_back", "10.00", "USD", "0.00")
    assert outcomes(world) == ["accepted", "updated", "duplicate", "updated", "updated"]


def test_a_reversal_before_its_sale_stands_with_nothing_until_the_sale_arrives(world: World) -> None:
    click_id = world.click()
    world.post(click_id, txn_id="T1", payout="4", status="refunded")
    assert money(world.conversion()) == ("refunded", "4.00", "USD", "0.00")
    world.post(click_id, txn_id="T1", payout="10", status="approved")
    assert money(world.conversion()) == ("refunded", "10.00", "USD", "6.00")
    assert world.conversion()["original_status"] == "refunded"
    assert [row["status"] for row in world.relays()] == ["refunded"]


def test_the_order_of_sale_and_reversal_leads_to_the_same(world: World) -> None:
    said = [
        {"payout": "10", "status": "approved"},
        {"payout": "3", "status": "refunded"},
        {"payout": "2", "status": "refunded"},
    ]
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]):
        click_id = world.click()
        for index in order:
            world.post(click_id, txn_id=click_id, **said[index])
    assert {money(row) for row in world.conversions()} == {("refunded", "10.00", "USD", "5.00")}


def test_a_later_amount_replaces_an_earlier_one_and_what_is_missing_replaces_nothing(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", sale_amount="100")
    world.post(click_id, payout="12.5")
    world.post(click_id, payout="oops")
    world.post(click_id)
    world.post(click_id, payout="99", status="rejected")
    (row,) = world.conversions()
    assert (*money(row), row["sale_amount"]) == ("rejected", "12.50", "USD", "0.00", "100.00")
    assert row["warnings"] == ["payout_changed", "bad_value"]


def test_a_conversion_freezes_the_rate_of_its_own_day(empty_world: World) -> None:
    world = with_network(empty_world, "")
    world.rate("2026-03-01", "EUR", "1.10")
    world.rate("2026-03-08", "EUR", "1.20")
    click_id = world.click()
    world.post(click_id, payout="10", currency="EUR", txn_id="T1", status="pending")
    assert world.conversion()["payout_base"] == "11.00"
    world.later(8 * DAY)
    world.post(click_id, payout="10", currency="EUR", txn_id="T1", status="approved")
    assert world.conversion()["payout_base"] == "11.00"
    by_hand.set_status(world.data, 1, "rejected")
    assert world.conversion()["payout_base"] == "11.00"
    world.post(world.click(), payout="10", currency="EUR", txn_id="T2")
    assert world.conversions()[1]["payout_base"] == "12.00"


def test_a_conversion_stays_in_the_base_currency_in_which_it_was_frozen(world: World) -> None:
    world.rate("2026-02-28", "EUR", "1.25")
    click_id = world.click()
    world.post(click_id, payout="10", txn_id="T1", status="pending")
    world.base("EUR")
    world.post(click_id, payout="10", txn_id="T1", status="approved")
    world.post(world.click(), payout="10", txn_id="T2")
    assert [(row["payout_base"], row["base_currency"]) for row in world.conversions()] == [
        ("10.00", "USD"),
        ("8.00", "EUR"),
    ]


def test_without_a_rate_it_counts_without_a_base_amount(world: World) -> None:
    world.post(world.click(), payout="10", currency="EUR")
    (row,) = world.conversions()
    assert (*money(row), row["payout_base"], row["counted"]) == ("approved", "10.00", "EUR", "10.00", None, True)
    assert row["warnings"] == ["no_rate"]


# -- order -----------------------------------------------------------------------------------------------------------


def test_where_the_network_tells_the_time_the_latest_word_counts_whenever_it_arrives(empty_world: World) -> None:
    world = with_network(empty_world, '[network.params]\ntime = "at"')
    click_id = world.click()
    world.post(click_id, status="rejected", at="2026-03-01T10:00:00")
    world.post(click_id, status="approved", at="2026-03-01T11:00:00")
    world.post(click_id, status="pending", at="2026-03-01T09:00:00")
    assert outcomes(world) == ["accepted", "updated", "stale"]
    assert world.conversion()["status"] == "approved"
    (chain,) = evidence(world.data, click_id)["conversions"]
    assert [(entry["status"], entry["network_time"], entry["effect"]) for entry in chain["history"]] == [
        ("rejected", "2026-03-01T10:00:00.000Z", "accepted"),
        ("approved", "2026-03-01T11:00:00.000Z", "updated"),
        ("pending", "2026-03-01T09:00:00.000Z", "stale"),
    ]


def test_the_last_word_wins_where_the_network_re_approves(empty_world: World) -> None:
    world = with_network(empty_world, "last_word_wins = true")
    click_id = world.click()
    for status in ("approved", "rejected", "approved", "approved"):
        world.post(click_id, status=status)
    assert outcomes(world) == ["accepted", "updated", "updated", "duplicate"]
    assert world.conversion()["status"] == "approved"


# -- a person's word -------------------------------------------------------------------------------------------------


def test_a_person_sets_a_status_and_only_later_news_moves_it(world: World) -> None:
    click_id = world.click()
    world.post(click_id, txn_id="T1", payout="10")
    by_hand.set_status(world.data, 1, "rejected")
    assert money(world.conversion()) == ("rejected", "10.00", "USD", "0.00")
    world.later(1)
    world.post(click_id, txn_id="T1", payout="10")  # lower than where the person put it
    assert money(world.conversion()) == ("rejected", "10.00", "USD", "0.00")
    world.post(click_id, txn_id="T1", payout="4", status="refunded")
    assert money(world.conversion()) == ("refunded", "10.00", "USD", "6.00")
    by_hand.set_status(world.data, 1, "approved")
    assert money(world.conversion()) == ("approved", "10.00", "USD", "10.00")
    (chain,) = evidence(world.data, click_id)["conversions"]
    assert [(entry["status"], entry["by_hand"], entry["postback"]) for entry in chain["history"]] == [
        ("approved", False, 1),
        ("rejected", True, None),
        ("refunded", False, 3),
        ("approved", True, None),
    ]
    assert world.conversion()["original_status"] == "approved"


def test_a_persons_word_owes_the_source_its_relay_once(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay='statuses = ["approved", "rejected"]'))
    world.post(world.click(), payout="10")
    for status in ("rejected", "approved", "rejected"):
        by_hand.set_status(world.data, 1, status)
        world.later(1)
    assert world.relay_states() == [("approved", "waiting", None), ("rejected", "waiting", None)]


def test_a_late_conversion_counts_once_a_person_accepts_it(empty_world: World) -> None:
    world = with_network(empty_world, "", offer="window_days = 1")
    click_id = world.click()
    world.later(2 * DAY)
    world.post(click_id, txn_id="T1", payout="10")
    assert (world.conversion()["kept"], world.relays()) == ("late", [])
    world.post(click_id, txn_id="T1", payout="11")
    assert outcomes(world) == ["late", "late"]
    by_hand.accept_late(world.data, 1)
    by_hand.accept_late(world.data, 1)
    assert (world.conversion()["kept"], world.conversion()["counted"]) == (None, True)
    assert [(row["status"], row["payout"]) for row in world.relays()] == [("approved", "11.00")]
    world.post(click_id, txn_id="T1", status="refunded")
    assert outcomes(world) == ["late", "late", "updated"]


def test_only_what_is_late_can_be_accepted(world: World) -> None:
    first, second = world.click(), world.click()
    world.post(first, txn_id="T1")
    world.post(second, txn_id="T1")
    by_hand.accept_late(world.data, 2)
    assert [row["kept"] for row in world.conversions()] == [None, "conflict"]
    assert len(world.relays()) == 1


def test_the_window_is_judged_once_at_the_first_receipt_by_the_networks_own_time(empty_world: World) -> None:
    world = with_network(
        empty_world, 'time_zone = "Asia/Kathmandu"\n[network.params]\ntime = "at"', offer="window_days = 1"
    )
    in_time, late = world.click(), world.click()
    world.later(3 * DAY)
    world.post(in_time, at="2026-03-02T17:45:00")  # 12:00 UTC: a day after the click, to the second
    world.post(late, at="2026-03-02T17:45:01")
    world.post(in_time, at="2026-03-04T17:45:00", status="refunded")
    assert outcomes(world) == ["accepted", "late", "updated"]


def test_what_a_person_may_do_to_a_conversion_without_receipts(empty_world: World) -> None:
    """Its only receipt speaks, after a replay, of another one."""
    world = with_network(empty_world, "")
    click_id = world.click()
    world.post(click_id, goal_name="deposit")
    world.apply(small_setup(network='[network.params]\nevent = "goal_name"'))
    world.replay()
    assert [(row["event"], row["kept"]) for row in world.conversions()] == [(None, "withdrawn"), ("deposit", None)]
    world.later(MINUTE)
    by_hand.set_status(world.data, 1, "rejected")
    assert [(row["status"], row["counted"]) for row in world.conversions()] == [("rejected", False), ("approved", True)]


@pytest.mark.parametrize(
    "act", [lambda data: by_hand.set_status(data, 7, "approved"), lambda data: by_hand.accept_late(data, 7)]
)
def test_a_conversion_that_is_not_there(world: World, act: Any) -> None:
    with pytest.raises(Exception, match=r"There is no conversion 7\."):
        act(world.data)
