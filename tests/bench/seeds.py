"""The visits and sales of which a filled folder holds copies: each went the whole way through the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.api.data import open_data
from server.api.setup import apply, read_file
from server.clock import HOUR, MINUTE
from server.errors import BadInput
from server.storage import dialect
from tests.bench.servers import SETUP
from tests.pipeline.world import HandClock, World

SEEDS = 120
_PLACES = ("mobile", "desktop", "in-app")
_SENT = ("delivered", "skipped")

# Of twenty sales one is rejected, two are pending for a while, one is given back.
_STATUSES = {10: ["rejected"], 11: ["pending", "approved"], 12: ["pending", "approved"], 13: ["approved", "refunded"]}

Stored = dict[str, Any]  # a row as the database holds it


@dataclass
class Seed:
    click_id: str
    click: Stored
    txn_id: str
    postbacks: Sequence[Stored] = ()
    conversion: Stored | None = None
    entries: Sequence[Stored] = ()
    relays: Sequence[Stored] = ()
    attempts: Mapping[int, Sequence[Stored]] = field(default_factory=dict)  # by relay

    @property
    def is_settled(self) -> bool:
        return all(relay["state"] in _SENT for relay in self.relays)


@dataclass(frozen=True, slots=True)
class Sown:
    seeds: Sequence[Seed]
    secret: bytes
    destinations: Mapping[int, str]


def sow(folder: Path, at: int, sales: int) -> Sown:
    """Into a folder that holds no clicks yet; one without a setup gets that of the bench."""
    clock = HandClock(at)
    with open_data(str(folder), clock=clock) as data:
        if data.server():
            raise BadInput("A server works on this folder.", where=str(folder), remedy="Stop it first.")
        if not data.setup().campaigns:
            apply(data, read_file(str(SETUP)), "bench")
        with data.database.read() as connection:
            if connection.exec_driver_sql("SELECT 1 FROM click LIMIT 1").first():
                raise BadInput(
                    "This folder holds clicks already.", where=str(folder), remedy="Name one that is empty or set up."
                )
        world = World(data, clock)
        click_ids = _visit(world)
        clock.now += 20 * MINUTE
        _sell(world, click_ids[:sales])
        clock.now += 2 * HOUR
        while world.deliver():
            clock.now += MINUTE
        return Sown(_read(world, click_ids), data.database.digest_key, _destinations(world))


def _visit(world: World) -> list[str]:
    campaigns = sorted(world.data.setup().campaigns)
    click_ids = []
    for number in range(SEEDS):
        told = {"ext": f"seed{number}", "cost": f"0.0{5 + number % 30:02}", "sub3": _PLACES[number % 3]}
        told |= {"sub1": f"z{number}", "sub2": f"b{number % 40}"}
        click_ids.append(world.click(campaigns[number % len(campaigns)], **told))
        world.later(100)
    return click_ids


def _sell(world: World, click_ids: Sequence[str]) -> None:
    setup = world.data.setup()
    keys = {network.id: network for network in setup.networks.values()}
    for number, click in enumerate(_rows(world, "click", "id IN ({})", [world.ground.click_key(i) for i in click_ids])):
        network = keys.get(click["network_id"] or 0)
        if network is None:
            continue
        said = {"txn_id": _txn(number), "payout": f"{10 + number % 37}.50", "currency": network.currency or "USD"}
        said |= {"token": network.token} if network.token else {}
        for status in _STATUSES.get(number % 20, ["approved"]):
            world.post(world.ground.click_text(click["id"]), network.key, status=status, **said)


def _txn(number: int) -> str:
    return f"SEED{number:08}"


def _read(world: World, click_ids: Sequence[str]) -> list[Seed]:
    keys = [world.ground.click_key(click_id) for click_id in click_ids]
    seeds = [
        Seed(click_id, click, _txn(number))
        for number, (click_id, click) in enumerate(
            zip(click_ids, _rows(world, "click", "id IN ({})", keys), strict=True)
        )
    ]
    for seed in seeds:
        of_click = ("click_id = {}", [seed.click["id"]])
        conversions = _rows(world, "conversion", *of_click)
        if not conversions:
            continue
        seed.conversion = conversions[0]
        of_conversion = ("conversion_id = {}", [conversions[0]["id"]])
        seed.postbacks = _rows(world, "postback", *of_conversion)
        seed.entries = _rows(world, "entry", *of_conversion)
        seed.relays = _rows(world, "relay", *of_conversion)
        seed.attempts = {one["id"]: _rows(world, "attempt", "relay_id = {}", [one["id"]]) for one in seed.relays}
    return seeds


def _destinations(world: World) -> dict[int, str]:
    return {row["id"]: row["key"] for row in _rows(world, "destination", "id > {}", [0])}


def _rows(world: World, table: str, where: str, values: Sequence[Any]) -> list[Stored]:
    """As they are stored, JSON as text: copied, nothing is turned around twice."""
    query = f"SELECT * FROM {table} WHERE {where.format(', '.join('?' * len(values)))} ORDER BY id"
    connection = dialect.driver().connect(str(world.data.folder.path / "tallyback.db"))
    try:
        cursor = connection.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
    finally:
        connection.close()
