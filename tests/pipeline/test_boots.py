"""The runs of a server: a heartbeat keeps its leases, and those of one that is gone are taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from server.clock import MINUTE, SECOND
from server.domain.retry import Delivered
from server.pipeline import boots
from server.pipeline.boots import Boot
from server.pipeline.due import wait_anew
from server.storage.tables import BootRow
from tests.pipeline.world import NOON, World, small_setup


def owe(world: World, count: int) -> None:
    for number in range(count):
        world.post(world.click(ext=f"e{number + 1}"), payout="10")
    world.clock.now = NOON
    written(world, wait_anew, NOON)


def written(world: World, act: Any, *arguments: Any, **more: Any) -> Any:
    return world.data.database.write(lambda connection: act(connection, *arguments, **more))


def register(world: World, boot_id: str, *, is_alone: bool = False) -> Boot:
    boot: Boot = written(world, boots.register, boot_id, world.ground.setup, world.clock.now, is_alone=is_alone)
    return boot


def beat(world: World, boot: Boot) -> None:
    written(world, boots.beat, boot, world.ground.setup, world.clock.now)


def known(world: World) -> dict[str, tuple[int, int]]:
    with world.data.database.read() as connection:
        return {row.id: (row.number, row.heartbeat_at) for row in connection.execute(select(BootRow.__table__))}


def states(world: World) -> list[tuple[str, str | None]]:
    return [(shown["state"], shown["reason"]) for shown in world.relays()]


def test_each_run_has_a_number_of_its_own_and_a_heartbeat(world: World) -> None:
    one, two = register(world, "boot1"), register(world, "boot2")
    world.later(5 * SECOND)
    beat(world, two)
    now = world.clock.now
    assert known(world) == {"boot1": (0, now - 5 * SECOND), "boot2": (1, now)}
    written(world, boots.end, one)
    assert register(world, "boot3").number == 0


def test_who_is_alone_buries_all_others_at_once(world: World) -> None:
    owe(world, 1)
    register(world, "boot1")
    world.claim(owner="boot1")
    register(world, "boot2", is_alone=True)
    assert list(known(world)) == ["boot2"]
    assert states(world) == [("waiting", None)]


def test_a_run_that_is_gone_loses_its_leases_and_one_that_lives_keeps_them(world: World) -> None:
    owe(world, 4)
    register(world, "boot1")
    lives = register(world, "boot2")
    gone, kept = world.claim(most=2, owner="boot1"), world.claim(most=2, owner="boot2")
    world.later(boots.GONE_AFTER_MS)
    beat(world, lives)
    assert [state for state, _ in states(world)] == ["sending"] * 4
    world.later(1)
    beat(world, lives)
    assert states(world) == [("waiting", None)] * 2 + [("sending", None)] * 2
    assert [shown["history"][0]["result"] for shown in world.relays()] == [boots.AMBIGUOUS] * 2 + ["sending"] * 2
    keys = [parcel.request.headers["Idempotency-Key"] for parcel in gone if parcel.request]
    again = world.claim(owner="boot2")
    assert [parcel.request.headers["Idempotency-Key"] for parcel in again if parcel.request] == keys
    assert [world.answer(parcel, 200) for parcel in kept] == [Delivered(), Delivered()]


def test_a_run_that_was_taken_for_gone_is_back_with_its_next_heartbeat(world: World) -> None:
    owe(world, 1)
    asleep, awake = register(world, "boot1"), register(world, "boot2")
    world.later(2 * MINUTE)
    beat(world, awake)
    assert list(known(world)) == ["boot2"]
    beat(world, asleep)
    assert known(world).keys() == {"boot1", "boot2"}
    world.claim(owner="boot1")
    beat(world, awake)
    assert states(world) == [("sending", None)]


def test_what_is_taken_back_from_a_paused_destination_is_held(world: World) -> None:
    owe(world, 2)
    first, _ = world.claim(most=2, owner="boot1")
    world.answer(first, 403)
    register(world, "boot2")
    assert states(world) == [("held", "http_403")] * 2


def test_what_may_have_arrived_is_held_where_the_source_says_so(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(relay='on_ambiguous = "hold"'))
    owe(world, 2)
    world.claim(most=1, owner="boot1")
    register(world, "boot2")
    assert states(world) == [("held", "ambiguous_stopped"), ("waiting", None)]
    assert world.destination().paused is None
    assert world.relays()[0]["history"][0]["result"] == boots.AMBIGUOUS
