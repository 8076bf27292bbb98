"""Receipts judged again after something was mended: nothing is counted twice, lost, or told twice."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import text

from server.api import conversions as by_hand
from server.api.evidence import evidence
from server.clock import DAY, HOUR, MINUTE
from tests.pipeline.world import World, small_setup
from tests.storage import databases

EVERY_STATUS = 'statuses = ["pending", "approved", "rejected", "refunded", "charged_back"]'


def books(world: World) -> list[dict[str, Any]]:
    """Everything that a replay could change, but for the count of the replays."""
    chains = [evidence(world.data, row["id"]) for row in world.clicks()]
    for chain in chains:
        for postback in chain["postbacks"]:
            postback.pop("replayed")
    return chains


def results(world: World) -> list[tuple[str, str]]:
    return [(row["outcome"], row["reason"]) for row in world.postbacks()]


# -- what can be mended ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "before", "mended", "reason"),
    [
        (
            {"status": "kwalifikowany"},
            "unknown_status",
            '[network.status_words]\napproved = ["kwalifikowany"]',
            "A new conversion, approved: 32.00 USD.",
        ),
        (
            {"payout": "5", "currency": "USDX"},
            "unknown_currency",
            'currencies = ["USDX"]',
            "A new conversion, approved: 5.00 USDX.",
        ),
        (
            {"payout": "1,234"},
            "accepted",
            'number_style = "1.234,50"',
            "A new conversion, approved: 1.234 USD.",
        ),
        (
            {"goal": "first", "goal_name": "deposit"},
            "accepted",
            '[network.params]\nevent = "goal_name"',
            "A new conversion, approved: 50.00 USD.",
        ),
    ],
    ids=["a status word", "a currency", "the style of numbers", "a mapping"],
)
def test_what_was_mended_is_judged_anew_and_both_results_are_kept(
    empty_world: World, sent: dict[str, str], before: str, mended: str, reason: str
) -> None:
    world = empty_world
    world.apply(small_setup())
    click_id = world.click()
    world.post(click_id, **sent)
    assert results(world)[0][0] == before
    old_reason = results(world)[0][1]
    world.apply(small_setup(top=mended) if mended.startswith("currencies") else small_setup(network=mended))
    world.later(MINUTE)
    (replayed,) = world.replay()
    assert (replayed.before, replayed.after) == (before, "accepted")
    assert results(world) == [("accepted", reason)]
    (receipt,) = evidence(world.data, click_id)["postbacks"]
    (judged,) = receipt["judged_before"]
    told = (judged["until"], judged["outcome"], judged["reason"])
    assert told == ("2026-03-01T12:01:01.000Z", before, old_reason)
    assert receipt["replayed"] == 1
    assert [row["counted"] for row in world.conversions() if row["kept"] is None] == [True]
    assert [row["state"] for row in world.relays() if row["state"] != "skipped"] == ["waiting"]


def test_a_rate_that_was_missing_gives_the_base_amount_and_takes_the_warning_away(world: World) -> None:
    world.post(world.click(), payout="10", currency="EUR")
    assert (world.conversion()["payout_base"], world.conversion()["warnings"]) == (None, ["no_rate"])
    world.rate("2026-03-01", "EUR", "1.10")
    world.later(5 * DAY)
    world.rate("2026-03-06", "EUR", "1.30")
    world.replay()
    assert (world.conversion()["payout_base"], world.conversion()["warnings"]) == ("11.00", [])
    assert world.conversion()["updated"] == "2026-03-06T12:00:01.000Z"


def test_an_address_that_became_a_networks_own(world: World) -> None:
    click_id = world.click()
    world.post(click_id, "maxxi", payout="5")
    assert world.replay() == []
    world.apply(small_setup().replace('key = "maxi"\n', 'key = "maxxi"\n').replace('= "maxi"', '= "maxxi"'))
    again = world.click()
    world.post(again, "maxxi", payout="5")
    assert [(one.before, one.after) for one in world.replay()] == [("accepted", "accepted")]
    assert [(one.before, one.after) for one in world.replay(outcome="unauthorised")] == [
        ("unauthorised", "wrong_network"),  # that click went to the offer of maxi
    ]
    assert [row["network"] for row in world.postbacks()] == ["maxxi", "maxxi"]


# -- twice is once ---------------------------------------------------------------------------------------------------


def busy_books(world: World) -> None:
    """Receipts of every kind, so that each later one leans on earlier ones."""
    world.apply(small_setup(relay=f"{EVERY_STATUS}\non_payout_change = true", offer="window_days = 3"))
    first, second, third = world.click(), world.click(ext="e2"), world.click()
    world.post(first, status="pending")
    world.post(first, txn_id="T1", payout="10", status="approved")
    world.post(first, txn_id="T1", payout="10", status="approved")
    world.post(first, txn_id="T1", payout="12", status="approved")
    world.post(first, txn_id="T1", payout="12", status="pending")
    world.post(first, txn_id="T1", payout="3", status="refunded")
    world.post(first, txn_id="T2", event="deposit")
    world.post(second, txn_id="T1")
    world.post(second, payout="-4")
    world.post(second, payout="9")
    by_hand.set_status(world.data, 3, "rejected")
    world.later(1)
    world.post(second, status="oops")
    world.later(4 * DAY)
    world.post(third, payout="8")
    world.post(third, payout="9", status="refunded")
    world.post(first[:20])


def test_a_replay_of_everything_changes_nothing_where_nothing_was_mended(empty_world: World) -> None:
    world = empty_world
    busy_books(world)
    before = books(world)
    assert [outcome for outcome, _ in results(world)] == [
        *("accepted", "updated", "duplicate", "updated", "stale", "updated", "accepted"),
        *("conflict", "accepted", "updated", "unknown_status", "late", "late", "click_id_damaged"),
    ]
    world.later(MINUTE)
    for _ in range(2):
        replayed = world.replay()
        assert [one for one in replayed if one.is_changed] == []
        assert books(world) == before


def test_what_a_person_accepted_stays_accepted(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(offer="window_days = 3"))
    click_id = world.click()
    world.later(4 * DAY)
    world.post(click_id, payout="8")
    by_hand.accept_late(world.data, 1)
    world.deliver()
    world.later(MINUTE)
    for _ in range(2):
        assert [one.relays for one in world.replay()] == [()]
        assert (world.conversion()["kept"], world.conversion()["net"]) == (None, "8.00")


def test_each_receipt_alone_can_be_replayed_and_changes_nothing_either(empty_world: World) -> None:
    world = empty_world
    busy_books(world)
    before = books(world)
    for receipt in reversed(world.receipts()):
        world.later(MINUTE)
        world.replay(after=receipt.id - 1, before=receipt.id + 1)
    assert books(world) == before
    assert [row["replayed"] for row in world.postbacks()] == [1] * 14


def test_a_second_replay_changes_nothing_after_something_was_mended(empty_world: World) -> None:
    world = empty_world
    busy_books(world)
    mended = '[network.status_words]\ncharged_back = ["oops"]'
    world.apply(small_setup(network=mended, relay=EVERY_STATUS, offer="window_days = 3"))
    world.later(MINUTE)
    first = world.replay()
    assert [(one.before, one.after) for one in first if one.is_changed] == [("unknown_status", "updated")]
    before = books(world)
    world.later(MINUTE)
    assert [one for one in world.replay() if one.is_changed] == []
    assert books(world) == before


def test_a_preview_shows_what_would_change_and_changes_nothing(world: World) -> None:
    click_id = world.click()
    world.post(click_id, status="oops")
    world.apply(small_setup(network='[network.status_words]\napproved = ["oops"]'))
    before = books(world)
    (shown,) = world.replay(is_preview=True)
    assert books(world) == before
    (done,) = world.replay()
    assert (shown.before, shown.after, len(shown.relays)) == ("unknown_status", "accepted", 1)
    assert (done.before, done.after, len(done.relays)) == (shown.before, shown.after, 1)


def random_receipts(seed: int) -> list[dict[str, str]]:
    chance = random.Random(seed)
    said = {
        "txn_id": (None, None, "T1", "T2"),
        "status": (None, "pending", "approved", "rejected", "refunded", "oops"),
        "payout": (None, "5", "10", "-3"),
        "event": (None, None, "deposit"),
    }
    receipts = [{name: chance.choice(words) for name, words in said.items()} for _ in range(chance.randint(2, 7))]
    return [{name: word for name, word in receipt.items() if word} for receipt in receipts]


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("network", ["", "each_postback_counts = true", "last_word_wins = true"])
def test_what_was_mended_ends_as_if_it_had_been_right_from_the_start(empty_world: World, network: str) -> None:
    world = empty_world
    for seed in range(8):
        word = ("approved", "pending", "refunded", "rejected")[seed % 4]
        right = f'{network}\n[network.status_words]\n{word} = ["oops"]'
        ends = []
        for first in (right, network):
            databases.without_rows("sqlite")
            world.apply(small_setup(network=first))
            click_id = world.click()
            for receipt in random_receipts(seed):
                world.post(click_id, **receipt)
            world.apply(small_setup(network=right))
            world.later(MINUTE)
            world.replay()
            assert [one for one in world.replay() if one.is_changed] == []
            names = ("event", "txn_id", "status", "original_status", "payout", "net", "counted")
            alive = [tuple(map(str, map(row.get, names))) for row in world.conversions() if row["kept"] != "withdrawn"]
            ends.append((sorted(alive), [row["outcome"] for row in world.postbacks()]))
        assert ends[0] == ends[1], random_receipts(seed)


def test_where_each_postback_counts_each_stays_what_it_was(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(network="each_postback_counts = true"))
    click_id = world.click()
    for parameters in ({"payout": "1"}, {"payout": "1"}, {"status": "refunded"}, {"payout": "2"}, {"txn_id": "T1"}):
        world.post(click_id, **parameters)
    before = books(world)
    assert [row["net"] for row in world.conversions()] == ["1.00", "0.00", "2.00", "32.00"]
    world.later(MINUTE)
    assert [one for one in world.replay() if one.is_changed] == []
    assert books(world) == before


def test_a_receipt_belongs_to_the_step_that_was_the_latest_when_it_came(empty_world: World) -> None:
    world = empty_world
    offers = 'offers = [{ offer = "keto", weight = 100 }, { offer = "keto-2", weight = 100 }]'
    second = '[[offer]]\nkey = "keto-2"\nnetwork = "maxi"\nurl = "https://go.example.net/2"\npayout = "99.00"\n'
    landing = 'landings = [{ landing = "quiz", weight = 100 }]'
    text = small_setup().replace('offers = [{ offer = "keto", weight = 100 }]', f"{offers}\n{landing}")
    text = text.replace("[[landing]]", f"{second}[[landing]]", 1)
    world.apply(text)
    click_id = world.click()
    world.step(click_id, 1)
    world.post(click_id, status="oops")
    world.step(click_id, 2)
    world.apply(text.replace('currency = "USD"\n', 'currency = "USD"\nstatus_words = { approved = ["oops"] }\n', 1))
    world.later(MINUTE)
    world.replay()
    assert (world.conversion()["offer"], world.conversion()["payout"]) == ("keto", "32.00")


# -- among the receipts of the same conversion -----------------------------------------------------------------------


def test_a_receipt_keeps_its_place_before_those_that_came_later(world: World) -> None:
    """It was pending, then approved: judged again, the first is still what made the conversion."""
    click_id = world.click()
    world.post(click_id, status="pending", payout="10")
    world.post(click_id, status="approved", payout="10")
    world.later(MINUTE)
    world.replay(before=2)
    assert [outcome for outcome, _ in results(world)] == ["accepted", "updated"]
    assert (world.conversion()["status"], world.conversion()["original_status"]) == ("approved", "pending")
    (chain,) = evidence(world.data, click_id)["conversions"]
    assert [(entry["status"], entry["effect"]) for entry in chain["history"]] == [
        ("pending", "accepted"),
        ("approved", "updated"),
    ]


def test_old_news_that_was_mended_does_not_undo_what_came_later(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay=EVERY_STATUS))
    click_id = world.click()
    world.post(click_id, status="oops", payout="10", txn_id="T1")
    world.post(click_id, status="refunded", txn_id="T1")
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=0.00&status=refunded"]
    world.apply(small_setup(relay=EVERY_STATUS, network='[network.status_words]\napproved = ["oops"]'))
    world.later(MINUTE)
    world.replay()
    conversion = world.conversion()
    assert (conversion["status"], conversion["original_status"], conversion["payout"], conversion["net"]) == (
        "refunded",
        "approved",
        "10.00",
        "0.00",
    )
    assert conversion["time"] == "2026-03-01T12:00:00.000Z"
    assert world.relay_states() == [("refunded", "delivered", None)]  # approved was never its state since


def test_receipts_of_one_instant_keep_their_order(world: World) -> None:
    click_id = world.click()
    for payout in ("10", "11"):
        world.post(click_id, payout=payout, txn_id="T1")
        world.later(-1000)
    assert world.conversion()["payout"] == "11.00"
    world.later(MINUTE)
    world.replay(before=2)
    assert world.conversion()["payout"] == "11.00"


def test_receipts_keep_their_place_though_the_clock_was_set_back_between_them(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", txn_id="T1")
    world.later(-HOUR)
    world.post(click_id, payout="10", txn_id="T1", status="refunded")
    before = books(world)
    world.later(DAY)
    assert [one for one in world.replay() if one.is_changed] == []
    assert books(world) == before


# -- another conversion ----------------------------------------------------------------------------------------------


def test_a_receipt_that_moves_leaves_a_conversion_that_is_withdrawn(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", goal_name="deposit")
    world.apply(small_setup(network='[network.params]\nevent = "goal_name"'))
    world.later(MINUTE)
    (replayed,) = world.replay()
    assert (replayed.before, replayed.after, replayed.conversion, len(replayed.relays)) == (
        "accepted",
        "accepted",
        2,
        1,
    )
    assert [(row["event"], row["kept"], row["counted"], row["net"]) for row in world.conversions()] == [
        (None, "withdrawn", False, "0.00"),
        ("deposit", None, True, "10.00"),
    ]
    assert {row["updated"] for row in world.conversions()} == {"2026-03-01T12:01:01.000Z"}
    assert [(row["conversion"], row["state"], row["reason"]) for row in world.relays()] == [
        (1, "skipped", "withdrawn"),
        (2, "waiting", None),
    ]
    (receipt,) = evidence(world.data, click_id)["postbacks"]
    assert receipt["conversion"] == 2
    assert [judged["outcome"] for judged in receipt["judged_before"]] == ["accepted"]


def test_a_persons_word_alone_does_not_keep_a_conversion(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", goal_name="deposit")
    by_hand.set_status(world.data, 1, "approved")
    world.apply(small_setup(network='[network.params]\nevent = "goal_name"'))
    world.replay()
    assert [(row["event"], row["kept"]) for row in world.conversions()] == [(None, "withdrawn"), ("deposit", None)]
    world.apply(small_setup())
    world.replay()
    assert [(row["event"], row["kept"]) for row in world.conversions()] == [(None, None), ("deposit", "withdrawn")]
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=10.00&status=approved"]


def test_a_withdrawn_conversion_comes_back_with_its_relay(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", goal_name="deposit")
    world.apply(small_setup(network='[network.params]\nevent = "goal_name"'))
    world.replay()
    world.apply(small_setup())
    world.later(MINUTE)
    world.replay()
    assert [(row["event"], row["kept"]) for row in world.conversions()] == [(None, None), ("deposit", "withdrawn")]
    assert [(row["conversion"], row["state"], row["reason"]) for row in world.relays()] == [
        (1, "waiting", None),
        (2, "skipped", "withdrawn"),
    ]
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=10.00&status=approved"]


def test_a_withdrawn_conversion_is_no_home_for_what_belongs_to_a_living_one(world: World) -> None:
    click_id = world.click()
    world.post(click_id, payout="10", order="T1")
    world.post(click_id, payout="10", order="T2", txn_id="T2")
    world.apply(small_setup(network='[network.params]\nevent = "order"'))
    world.replay(before=2)
    world.apply(small_setup())
    assert [(row["event"], row["txn_id"], row["kept"]) for row in world.conversions()] == [
        (None, "T2", None),
        ("T1", None, None),
    ]
    world.post(click_id, payout="10")
    assert [outcome for outcome, _ in results(world)] == ["accepted", "updated", "duplicate"]


def test_a_receipt_that_moves_leaves_the_others_of_its_conversion_behind(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay=EVERY_STATUS))
    click_id = world.click()
    world.post(click_id, payout="10", txn_id="T1")
    world.post(click_id, payout="10", txn_id="T1", status="refunded", goal_name="deposit")
    assert (world.conversion()["status"], world.conversion()["net"]) == ("refunded", "0.00")
    world.apply(small_setup(relay=EVERY_STATUS, network='[network.params]\nevent = "goal_name"'))
    world.later(MINUTE)
    world.replay()
    assert [(row["event"], row["status"], row["net"]) for row in world.conversions()] == [
        (None, "approved", "10.00"),
        ("deposit", "refunded", "0.00"),
    ]


def test_a_conversion_that_is_left_owes_what_it_comes_to(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay=EVERY_STATUS))
    click_id = world.click()
    world.post(click_id, payout="3", txn_id="T1", status="refunded", goal_name="deposit")
    world.post(click_id, payout="10", txn_id="T1")  # never relayed: it was refunded already
    assert [row["status"] for row in world.relays()] == ["refunded"]
    world.apply(small_setup(relay=EVERY_STATUS, network='[network.params]\nevent = "goal_name"'))
    world.later(MINUTE)
    world.replay(before=2)
    assert [(row["conversion"], row["status"]) for row in world.relays()] == [
        (1, "refunded"),
        (1, "approved"),
        (2, "refunded"),
    ]


def test_a_receipt_that_means_nothing_any_more_gives_its_conversion_up(world: World) -> None:
    click_id = world.click()
    world.post(click_id, status="sale", state="oops")
    world.apply(small_setup(network='[network.params]\nstatus = "state"'))
    world.later(MINUTE)
    (replayed,) = world.replay()
    assert (replayed.before, replayed.after, replayed.conversion) == ("accepted", "unknown_status", None)
    assert (world.conversion()["kept"], world.conversion()["counted"]) == ("withdrawn", False)
    assert world.relay_states() == [("approved", "skipped", "withdrawn")]


# -- relays ----------------------------------------------------------------------------------------------------------


def test_a_relay_that_was_delivered_is_not_owed_again(world: World) -> None:
    world.post(world.click(), payout="1,234")
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=32.00&status=approved"]
    world.apply(small_setup(network='number_style = "1,234.50"'))
    world.later(MINUTE)
    (replayed,) = world.replay()
    assert replayed.relays == ()
    assert world.conversion()["payout"] == "1234.00"
    assert world.deliver() == []
    assert world.relay_states() == [("approved", "delivered", None)]


def test_a_payout_that_a_replay_mends_is_told_where_the_source_wants_to_hear_it(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay="on_payout_change = true"))
    world.post(world.click(), payout="1,234")
    world.deliver()
    world.apply(small_setup(relay="on_payout_change = true", network='number_style = "1,234.50"'))
    world.later(MINUTE)
    assert len(world.replay()[0].relays) == 1
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=1234.00&status=approved"]
    assert world.replay()[0].relays == ()


def test_relays_can_be_withheld(world: World) -> None:
    click_id = world.click()
    world.post(click_id, status="oops")
    world.apply(small_setup(network='[network.status_words]\napproved = ["oops"]'))
    (replayed,) = world.replay(withhold=True)
    assert (replayed.after, replayed.relays) == ("accepted", ())
    assert world.conversion()["counted"] is True
    assert world.relay_states() == [("approved", "skipped", "withheld")]
    world.replay()
    assert world.relay_states() == [("approved", "skipped", "withheld")]


def test_a_status_that_a_replay_brings_is_told_once(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay=EVERY_STATUS))
    click_id = world.click()
    world.post(click_id, payout="10", txn_id="T1")
    world.deliver()
    world.post(click_id, txn_id="T1", status="storno")
    world.apply(small_setup(relay=EVERY_STATUS, network='[network.status_words]\nrefunded = ["storno"]'))
    world.later(MINUTE)
    assert [len(one.relays) for one in world.replay()] == [0, 1]
    assert world.deliver() == ["https://ad.example.net/conv?visitor=e1&payout=0.00&status=refunded"]
    assert [one.relays for one in world.replay()] == [(), ()]


@pytest.mark.parametrize("kind", ["sqlite"])  # PostgreSQL minds its references at every statement
def test_what_was_replayed_leaves_no_dangling_reference(world: World) -> None:
    world.post(world.click(), status="oops")
    world.apply(small_setup(network='[network.status_words]\napproved = ["oops"]'))
    world.replay()
    with world.data.database.read() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
