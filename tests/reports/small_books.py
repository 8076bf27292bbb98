"""Small books, and reports as rows of plain tuples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from server.api.reports import report
from tests.pipeline.world import World


def rows(world: World, by: str, *metrics: str, **more: Any) -> list[tuple[Any, ...]]:
    names = by.split(",")
    found = report(world.data, names, **more)
    return [tuple(row[name] for name in (*names, *metrics)) for row in found.rows]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def sale(world: World, click_id: str, payout: str, *statuses: str, **more: str) -> None:
    for status in statuses or ("approved",):
        world.post(click_id, txn_id=f"T-{click_id}", payout=payout, status=status, **more)


def two_zones(world: World) -> World:
    """One sells, one does not."""
    for number, zone in enumerate(("a", "a", "a", "b", "b")):
        click_id = world.click(sub1=zone, sub2=f"creative {number % 2}")
        if number == 0:
            sale(world, click_id, "10")
        elif number == 1:
            sale(world, click_id, "20", "pending")
        elif number == 2:
            sale(world, click_id, "8")
            world.post(click_id, txn_id=f"T-{click_id}", payout="3", status="refunded")
        elif number == 3:
            sale(world, click_id, "5", "approved", "rejected")
    return world
