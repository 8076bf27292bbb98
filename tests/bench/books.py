"""What the database says happened: the rows that a run left, counted, and whether anything is missing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.domain.click_id import encode
from server.storage import dialect
from tests.bench.servers import ServerFailed

TOKEN = "bench-token-0123456789"
SPREAD = 20_000  # clicks that postbacks walk over


@dataclass(frozen=True, slots=True)
class Marks:
    """The newest rows: what has a greater key came since."""

    click: int
    conversion: int
    relay: int


@contextmanager
def reading(folder: Path) -> Iterator[Any]:
    with closing(dialect.driver().connect(str(folder / "tallyback.db"), timeout=30)) as connection:
        yield connection


def marks(folder: Path) -> Marks:
    with reading(folder) as connection:
        tables = ("click", "conversion", "relay")
        return Marks(*(_one(connection, f"SELECT coalesce(max(id), 0) FROM {table}") for table in tables))


def must_hold(folder: Path, since: Marks, clicks: int, postbacks: int) -> None:
    """Whatever was answered is there: a click for each, a conversion and the relay that it owes for each."""
    with reading(folder) as connection:
        for table, mark, answered in (
            ("click", since.click, clicks),
            ("conversion", since.conversion, postbacks),
            ("relay", since.relay, postbacks),
        ):
            found = _one(connection, f"SELECT count(*) FROM {table} WHERE id > {mark}")
            if found < answered:
                raise ServerFailed(f"{answered - found} of {answered} answered requests left no row in {table}.")


def used_bytes(folder: Path) -> int:
    """What the data takes in the file, whether it stands there yet or still in the log."""
    with reading(folder) as connection:
        pages, free, size = (
            _one(connection, f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def click_targets(only: str = "") -> list[str]:
    """Visits as a source sends them: an id of its own for each, a cost, three subs; four of five to one campaign."""
    chance = random.Random(1)
    targets = []
    for _ in range(5000):
        campaign = only or ("summer" if chance.random() < 0.8 else "winter")
        zone, banner = chance.randrange(500), chance.randrange(40)
        place = chance.choice(("mobile", "desktop", "in-app"))
        targets.append(f"/c/{campaign}?cost=0.0{chance.randrange(5, 30)}&sub1=z{zone}&sub2=b{banner}&sub3={place}&ext=")
    return targets


def postback_targets(folder: Path) -> list[str]:
    """Sales of clicks that are there, taken from all over the file, each with a transaction of its own."""
    with reading(folder) as connection:
        key = bytes.fromhex(_json_text(connection, "SELECT value FROM setting WHERE name = 'click_id_key'"))
        clicks = [encode(click, key) for click in _some_clicks(connection)]
    said = f"/p/maxi?token={TOKEN}&payout=12.50&currency=USD&status=approved&click_id="
    return [f"{said}{click}&txn_id=" for click in clicks]


def _some_clicks(connection: Any) -> Sequence[int]:
    lowest, highest = connection.execute("SELECT min(id), max(id) FROM click").fetchone()
    query = "SELECT id FROM click WHERE id >= ? ORDER BY id LIMIT 1"
    asked = (random.randint(lowest, highest) for _ in range(SPREAD))
    found = {connection.execute(query, (key,)).fetchone()[0] for key in asked}
    return random.sample(sorted(found), len(found))


def _one(connection: Any, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _json_text(connection: Any, query: str) -> str:
    return str(connection.execute(query).fetchone()[0]).strip('"')
