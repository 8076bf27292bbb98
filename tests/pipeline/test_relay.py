"""Relays are claimed under a lease, settled by what came back, held, taken back and sent again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from server.clock import DAY, HOUR, MINUTE, SECOND
from server.domain.retry import Again, Dead, Delivered, Held
from server.pipeline import boots, relay
from server.pipeline.due import destinations_due, next_due, queues, wait_anew
from server.pipeline.relay import Parcel
from server.storage.tables import DestinationRow, RelayRow
from tests.pipeline.world import NOON, World, small_setup


def owe(world: World, count: int = 1) -> None:
    for number in range(count):
        world.post(world.click(ext=f"e{number + 1}"), payout="10")
    world.clock.now = NOON
    by_hand(world, wait_anew, NOON)


@pytest.fixture
def owed(world: World) -> World:
    """One relay is due."""
    owe(world)
    return world


def only(parcels: list[Parcel]) -> Parcel:
    (parcel,) = parcels
    return parcel


def row(world: World) -> dict[str, Any]:
    (shown,) = world.relays()
    return shown


def state(world: World) -> tuple[str, str | None, int, str | None]:
    shown = row(world)
    return shown["state"], shown["reason"], shown["attempts"], shown["next_attempt"]


def stored(world: World) -> list[Any]:
    with world.data.database.read() as connection:
        return list(connection.execute(select(RelayRow.__table__).order_by(RelayRow.id)))


def by_hand(world: World, act: Any, *arguments: Any) -> Any:
    return world.data.database.write(lambda connection: act(connection, *arguments))


def due(world: World) -> list[str]:
    with world.data.database.read() as connection:
        return [one.key for one in destinations_due(queues(connection), world.clock.now)]


# -- claiming --------------------------------------------------------------------------------------------------------


def test_a_claim_is_a_lease_with_an_attempt_that_shows_what_goes_out(owed: World) -> None:
    parcel = only(owed.claim())
    assert parcel.request is not None
    assert (parcel.request.method, parcel.request.url) == (
        "GET",
        "https://ad.example.net/conv?visitor=e1&payout=10.00&status=approved",
    )
    assert parcel.request.headers["Idempotency-Key"] == row(owed)["key"]
    assert row(owed)["state"] == "sending"
    (attempt,) = row(owed)["history"]
    assert (attempt["url"], attempt["result"], attempt["status"]) == (parcel.request.url, "sending", None)
    assert owed.claim() == []
    assert due(owed) == []


def test_the_earliest_go_first_and_no_more_than_asked_for(world: World) -> None:
    owe(world, 5)
    world.later(MINUTE)
    assert [parcel.relay_id for parcel in world.claim(most=2)] == [1, 2]
    assert [parcel.relay_id for parcel in world.claim(most=2)] == [3, 4]
    assert [parcel.relay_id for parcel in world.claim(most=2)] == [5]
    assert world.claim(most=2) == []


def test_destinations_are_due_by_their_own_relays(empty_world: World) -> None:
    world = empty_world
    world.apply(
        small_setup(relay='delay = "1m"', campaign='destinations = [{ url = "https://p.example/", delay = "1h" }]')
    )
    owe(world)
    assert due(world) == []
    world.later(MINUTE)
    assert due(world) == ["source:prop"]
    world.later(HOUR)
    assert due(world) == ["source:prop", "campaign:summer:1"]
    with world.data.database.read() as connection:
        assert next_due(connection) == NOON + MINUTE


def test_nothing_is_due_where_nothing_is_owed(world: World) -> None:
    assert due(world) == []
    with world.data.database.read() as connection:
        assert next_due(connection) is None


# -- settling --------------------------------------------------------------------------------------------------------


def test_delivered(owed: World) -> None:
    parcel = only(owed.claim())
    owed.later(200)
    assert owed.answer(parcel, 200, "thank you") == Delivered()
    assert state(owed) == ("delivered", None, 1, None)
    (attempt,) = row(owed)["history"]
    assert {name: attempt[name] for name in ("time", "status", "answer", "milliseconds", "result", "counted")} == {
        "time": "2026-03-01T12:00:00.000Z",
        "status": 200,
        "answer": "thank you",
        "milliseconds": 12,
        "result": "delivered",
        "counted": True,
    }
    owed.later(8 * DAY)
    assert owed.claim() == []


def test_retried_by_the_schedule_until_it_gives_up(owed: World) -> None:
    waited = []
    while True:
        parcel = only(owed.claim())
        verdict = owed.answer(parcel, 500)
        if not isinstance(verdict, Again):
            break
        waited.append((verdict.at - owed.clock.now) // SECOND)
        owed.data.database.write(lambda connection: relay.resume_destination(connection, 1))  # no breaker here
        owed.later(verdict.at - owed.clock.now - 1)
        assert owed.claim() == []
        owed.later(1)
    assert waited == [5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 86_400]
    assert verdict == Dead("http_500")
    assert state(owed) == ("dead", "http_500", 12, None)
    assert len(row(owed)["history"]) == 12


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (404, "", ("failed", "http_404", 1, "2026-03-01T12:00:05.000Z")),
        (301, "", ("failed", "redirect", 1, "2026-03-01T12:00:05.000Z")),
        (400, "", ("dead", "http_400", 1, None)),
        (422, "", ("dead", "http_422", 1, None)),
        (403, "", ("held", "http_403", 1, None)),
        (410, "", ("dead", "http_410", 1, None)),
    ],
)
def test_what_an_answer_means(owed: World, status: int, text: str, expected: tuple[Any, ...]) -> None:
    owed.answer(only(owed.claim()), status, text)
    assert state(owed) == expected


def test_a_404_is_tried_three_times(owed: World) -> None:
    for _ in range(3):
        verdict = owed.answer(only(owed.claim()), 404)
        owed.later(MINUTE)
    assert verdict == Dead("http_404")


def test_a_200_without_the_success_text_is_no_success(owed: World) -> None:
    for _ in range(3):
        verdict = owed.answer(only(owed.claim()), 200, "error", says_success=False)
        owed.later(MINUTE)
    assert verdict == Dead("no_success_text")


def test_what_failed_before_anything_was_sent_uses_no_attempt_up(owed: World) -> None:
    for wait_s in (5, 30, 120, 600, 600, 600):
        parcel = only(owed.claim())
        by_hand(owed, relay.resume_destination, 1)
        assert owed.fail(parcel, "dns") == Again(owed.clock.now + wait_s * SECOND, "dns", is_counted=False)
        assert state(owed)[:3] == ("failed", "dns", 0)
        owed.later(wait_s * SECOND)
    assert [attempt["result"] for attempt in row(owed)["history"]] == ["dns: a dns error"] * 6
    assert [attempt["counted"] for attempt in row(owed)["history"]] == [False] * 6
    owed.clock.now = NOON + 7 * DAY + 1
    assert owed.fail(only(owed.claim()), "dns") == Dead("expired")
    assert state(owed)[:2] == ("dead", "expired")


def test_retry_after_makes_the_whole_destination_wait(world: World) -> None:
    owe(world, 3)
    first, second = world.claim(most=2)
    world.answer(first, 429, retry_after=90 * SECOND)
    assert (world.relays()[0]["state"], world.relays()[0]["next_attempt"]) == ("failed", "2026-03-01T12:01:30.000Z")
    assert due(world) == []
    world.later(90 * SECOND - 1)
    assert due(world) == []
    world.later(1)
    assert due(world) == ["source:prop"]
    world.answer(second, 200)


def test_a_time_out_after_sending_is_retried_or_held_as_the_source_says(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay='on_ambiguous = "hold"'))
    owe(world, 2)
    first, second = world.claim()
    assert world.fail(first, "timeout") == Held("ambiguous_timeout", pauses=False)
    assert world.fail(second, "broken_off") == Held("ambiguous_broken_off", pauses=False)
    assert [shown["reason"] for shown in world.relays()] == ["ambiguous_timeout", "ambiguous_broken_off"]
    assert world.destination().paused is None


def test_an_answer_to_a_lease_that_was_lost_is_noted_and_decides_nothing(owed: World) -> None:
    lost = only(owed.claim(owner="boot1"))
    by_hand(owed, boots.take_back, [], owed.ground.setup, owed.clock.now)
    again = only(owed.claim(owner="boot2"))
    assert again.lease_token > lost.lease_token
    assert owed.answer(lost, 400) is None
    assert row(owed)["state"] == "sending"
    assert owed.answer(again, 200) == Delivered()
    assert owed.answer(again, 500) is None  # twice settled is settled once
    assert row(owed)["state"] == "delivered"
    first, second = row(owed)["history"]
    assert (first["status"], second["status"]) == (400, 500)


def test_what_cannot_be_rendered_is_held_until_a_person_has_mended_it(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup().replace("{payout}", "{payout:EUR}"))
    owe(world)
    parcel = only(world.claim())
    assert (parcel.request, parcel.problem) == (None, "no_rate: USD to EUR")
    by_hand(world, relay.refuse, parcel, world.clock.now)
    assert state(world) == ("held", "no_rate: USD to EUR", 0, None)
    assert row(world)["history"][0]["result"] == "no_rate: USD to EUR"
    world.rate("2026-03-01", "USD", "0.8", "EUR")
    by_hand(world, relay.resume, 1, world.clock.now)
    by_hand(world, relay.refuse, parcel, world.clock.now)  # late, and without its lease
    assert state(world)[0] == "waiting"
    parcel = only(world.claim())
    assert parcel.request is not None
    assert parcel.request.url == "https://ad.example.net/conv?visitor=e1&payout=8.00&status=approved"


def test_a_destination_that_was_removed_has_no_address(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(campaign='destinations = [{ url = "https://p.example/" }]'))
    owe(world)
    world.apply(small_setup())
    parcel = only(world.claim("campaign:summer:1"))
    assert (parcel.request, parcel.problem) == (None, "no_relay_url")


# -- the clock -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [HOUR, 30 * DAY, NOON], ids=["an hour", "a month", "to 1970"])
def test_a_clock_that_was_set_back_makes_a_relay_wait_its_own_delay_and_no_longer(owed: World, back: int) -> None:
    owed.answer(only(owed.claim()), 500)
    owed.later(-back)
    by_hand(owed, wait_anew, owed.clock.now)
    owed.later(5 * SECOND - 1)
    assert due(owed) == []
    owed.later(1)
    assert due(owed) == ["source:prop"]
    assert owed.answer(only(owed.claim()), 200) == Delivered()


def test_a_clock_that_was_set_back_a_little_keeps_the_wait(owed: World) -> None:
    for _ in range(4):
        parcel = only(owed.claim())
        verdict = owed.answer(parcel, 500)
        assert isinstance(verdict, Again)
        owed.clock.now = verdict.at
    owed.later(-SECOND)
    by_hand(owed, wait_anew, owed.clock.now)
    assert due(owed) == []
    owed.later(SECOND)
    assert due(owed) == ["source:prop"]


@pytest.mark.parametrize("back", [HOUR, 30 * DAY], ids=["an hour", "a month"])
def test_a_clock_that_was_set_back_silences_no_destination_behind_its_breaker(world: World, back: int) -> None:
    owe(world, 8)
    fail_five(world)
    world.answer(only(world.claim()), 503)
    world.later(-back)
    by_hand(world, wait_anew, world.clock.now)
    world.later(30 * SECOND)
    assert due(world) == ["source:prop"]
    assert only(world.claim()).tries.is_probe


def test_a_clock_that_was_set_back_does_not_shorten_what_a_destination_asked_for(world: World) -> None:
    owe(world, 2)
    first, _ = world.claim()
    world.answer(first, 429, retry_after=HOUR)
    world.later(-2 * HOUR)
    by_hand(world, wait_anew, world.clock.now)
    world.later(HOUR - 1)
    assert due(world) == []
    world.later(1)
    assert due(world) == ["source:prop"]


# -- the breaker -----------------------------------------------------------------------------------------------------


def fail_five(world: World) -> None:
    for parcel in world.claim(most=5):
        world.answer(parcel, 503)


def test_after_five_failures_in_a_row_one_probe_goes_every_half_minute(world: World) -> None:
    owe(world, 8)
    fail_five(world)
    world.later(HOUR)
    probe = only(world.claim())
    assert probe.tries.is_probe
    assert due(world) == []
    assert world.claim(owner="boot2") == []  # a second server that looked before the first one claimed
    world.answer(probe, 503)
    assert [shown["attempts"] for shown in world.relays()] == [1] * 5 + [0] * 3  # it used none up
    assert due(world) == []
    world.later(30 * SECOND - 1)
    assert due(world) == []
    world.later(1)
    assert due(world) == ["source:prop"]
    probe = only(world.claim())
    assert world.answer(probe, 200) == Delivered()
    assert world.destination().failures == 0
    assert len(world.claim()) == 7


def test_a_success_in_between_keeps_the_breaker_shut(world: World) -> None:
    owe(world, 10)
    parcels = world.claim()
    for parcel, status in zip(parcels, [503] * 4 + [200] + [503] * 4, strict=False):
        world.answer(parcel, status)
    assert world.destination().failures == 4
    world.later(HOUR)
    assert not any(parcel.tries.is_probe for parcel in world.claim())


def test_of_very_many_probes_the_first_and_the_latest_are_kept(owed: World) -> None:
    for _ in range(5):
        owed.answer(only(owed.claim()), 503)
        owed.later(HOUR)
    for number in range(relay.MOST_UNCOUNTED + 25):
        owed.answer(only(owed.claim()), 500 + number % 90)
        owed.later(MINUTE)
    history = row(owed)["history"]
    half = relay.MOST_UNCOUNTED // 2
    assert [attempt["counted"] for attempt in history] == [True] * 5 + [False] * 2 * half
    numbers = [*range(half), *range(half + 25, 2 * half + 25)]
    assert [attempt["status"] for attempt in history[5:]] == [500 + number % 90 for number in numbers]
    assert owed.answer(only(owed.claim()), 200) == Delivered()


def test_a_probe_that_is_refused_pauses_and_uses_no_attempt_up(world: World) -> None:
    owe(world, 5)
    fail_five(world)
    world.later(HOUR)
    probe = only(world.claim())
    assert world.answer(probe, 401) == Held("http_401", pauses=True)
    assert [shown["state"] for shown in world.relays()] == ["held"] * 5
    assert [shown["attempts"] for shown in world.relays()] == [1] * 5


# -- paused, resumed, taken back, sent again -------------------------------------------------------------------------


def test_what_a_destination_refuses_pauses_it_and_holds_all_its_relays(world: World) -> None:
    owe(world, 3)
    first, second = world.claim(most=2)
    world.answer(first, 401)
    assert [(shown["state"], shown["reason"]) for shown in world.relays()] == [
        ("held", "http_401"),
        ("sending", None),
        ("held", "http_401"),
    ]
    world.answer(second, 500)  # it was under way
    assert [shown["state"] for shown in world.relays()] == ["held", "held", "held"]
    world.post(world.click())
    assert world.relays()[3]["state"] == "held"
    world.later(DAY)
    assert due(world) == []


def test_time_under_a_hold_does_not_age_a_relay(owed: World) -> None:
    owed.later(2 * DAY)
    owed.answer(only(owed.claim()), 401)
    owed.later(30 * DAY)
    assert by_hand(owed, relay.resume, 1, owed.clock.now) == 1
    assert state(owed)[:2] == ("waiting", None)
    parcel = only(owed.claim())
    assert parcel.tries.expires_at == NOON + 37 * DAY
    assert owed.answer(parcel, 500) is not None
    assert row(owed)["state"] == "failed"


def test_a_delay_goes_on_after_a_hold(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay='delay = "1h"'))
    owe(world)
    by_hand(world, relay.pause, 1, "by hand", world.clock.now)
    world.later(MINUTE)
    by_hand(world, relay.resume, 1, world.clock.now)
    assert state(world) == ("waiting", None, 0, "2026-03-01T13:00:00.000Z")
    world.later(59 * MINUTE - 1)
    assert world.claim() == []
    world.later(1)
    assert len(world.claim()) == 1


def test_resuming_gives_the_destination_a_fresh_start(world: World) -> None:
    owe(world, 6)
    fail_five(world)
    by_hand(world, relay.pause, 1, "by hand", world.clock.now)
    by_hand(world, relay.resume, 1, world.clock.now)
    assert len(world.claim()) == 6
    assert (world.destination().paused, world.destination().failures) == (None, 0)


def test_a_person_sends_a_dead_relay_again_with_the_same_key_and_a_fresh_count(owed: World) -> None:
    owed.answer(only(owed.claim()), 400)
    key = row(owed)["key"]
    owed.later(10 * DAY)
    by_hand(owed, relay.send_again, 1, owed.clock.now)
    assert state(owed)[:3] == ("waiting", None, 0)
    parcel = only(owed.claim())
    assert parcel.request is not None
    assert parcel.request.headers["Idempotency-Key"] == key
    assert parcel.tries.expires_at == NOON + 17 * DAY
    assert owed.answer(parcel, 200) == Delivered()
    assert [attempt["status"] for attempt in row(owed)["history"]] == [400, 200]


def test_a_relay_that_was_not_sent_shows_what_would_go(owed: World) -> None:
    shown = row(owed)
    assert (shown["method"], shown["url"]) == (
        "GET",
        "https://ad.example.net/conv?visitor=e1&payout=10.00&status=approved",
    )
    owed.data.database.write(lambda connection: connection.execute(update(DestinationRow).values(key="source:gone")))
    assert row(owed)["url"] is None
