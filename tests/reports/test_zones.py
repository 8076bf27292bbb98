"""Days, hours, weeks and months by the clock of any zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tests.pipeline.world import World, small_setup
from tests.reports.small_books import at, rows, sale


def clicks_at(world: World, *times: str) -> None:
    for time in times:
        world.clock.now = at(time)
        sale(world, world.click(), "1")


def test_days_begin_where_the_owner_lives(world: World) -> None:
    clicks_at(world, "2026-02-28T18:14:59.999Z", "2026-02-28T18:15:00Z", "2026-03-01T18:14:59Z", "2026-03-01T18:15:00Z")
    kathmandu = ZoneInfo("Asia/Kathmandu")  # +05:45
    assert rows(world, "day", "clicks", "revenue", zone=kathmandu) == [
        ("2026-02-28", 1, "1.00"),
        ("2026-03-01", 2, "2.00"),
        ("2026-03-02", 1, "1.00"),
    ]
    assert rows(world, "day", "clicks", zone=ZoneInfo("UTC")) == [("2026-02-28", 2), ("2026-03-01", 2)]
    assert rows(world, "hour", "clicks", zone=kathmandu) == [("00", 2), ("23", 2)]
    assert rows(world, "weekday", "clicks", zone=kathmandu) == [("1 Mon", 1), ("6 Sat", 1), ("7 Sun", 2)]
    assert rows(world, "week", "clicks", zone=kathmandu) == [("2026-W09", 3), ("2026-W10", 1)]
    assert rows(world, "month", "clicks", zone=kathmandu) == [("2026-02", 1), ("2026-03", 3)]


def test_the_owners_zone_is_taken_where_none_is_asked_for(empty_world: World) -> None:
    world = empty_world
    world.apply(small_setup(top='timezone = "America/St_Johns"'))  # -03:30
    clicks_at(world, "2026-03-02T03:29:59Z", "2026-03-02T03:30:00Z")
    assert rows(world, "day", "clicks") == [("2026-03-01", 1), ("2026-03-02", 1)]
    assert rows(world, "day", "clicks", where={"day": ["2026-03-02"]}) == [("2026-03-02", 1)]


def test_the_night_that_loses_an_hour(world: World) -> None:
    clicks_at(
        world, "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
        "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z",
    )  # fmt: skip
    berlin = ZoneInfo("Europe/Berlin")
    assert rows(world, "day,hour", "clicks", zone=berlin) == [
        ("2026-03-28", "23", 1),
        ("2026-03-29", "00", 1),
        ("2026-03-29", "01", 1),
        ("2026-03-29", "03", 1),
        ("2026-03-29", "23", 1),
        ("2026-03-30", "00", 1),
    ]


def test_the_night_that_has_an_hour_twice(world: World) -> None:
    clicks_at(
        world, "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T22:59:59Z",
        "2026-10-25T23:00:00Z",
    )  # fmt: skip
    assert rows(world, "day,hour", "clicks", zone=ZoneInfo("Europe/Berlin")) == [
        ("2026-10-25", "00", 1),
        ("2026-10-25", "02", 2),
        ("2026-10-25", "23", 1),
        ("2026-10-26", "00", 1),
    ]


def test_a_zone_whose_summer_is_half_an_hour_away(world: World) -> None:
    clicks_at(world, "2026-04-04T14:59:59Z", "2026-04-04T15:00:00Z", "2026-04-05T13:29:59Z", "2026-04-05T13:30:00Z")
    assert rows(world, "day,hour", "clicks", zone=ZoneInfo("Australia/Lord_Howe")) == [
        ("2026-04-05", "01", 2),  # +11:00 until 15:00 UTC, then +10:30: 01:30 comes twice
        ("2026-04-05", "23", 1),
        ("2026-04-06", "00", 1),
    ]
