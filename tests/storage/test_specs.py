"""The setup in its rows: saved, loaded, archived, with its history; and seen by whoever keeps it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from server.clock import Clock
from server.current import CurrentSetup
from server.storage.database import Database, open_database
from server.storage.specs import (
    StoredSetup,
    load_specs,
    save_owner,
    save_thing,
    setup_changed,
    version_of_setup,
)
from server.storage.tables import ChangeRow, NetworkRow

NETWORK = {"token": "a-secret", "currency": "EUR", "status_words": {"approved": ["1", "да"]}}
OFFER = {"network": "maxi", "url": "https://go.example.net/?sub1={click_id}", "events": {"deposit": "50.00"}}


def load(database: Database) -> StoredSetup:
    with database.read() as connection:
        return load_specs(connection)


def changes(database: Database) -> list[tuple[Any, ...]]:
    columns = (ChangeRow.time, ChangeRow.who, ChangeRow.kind, ChangeRow.key, ChangeRow.before, ChangeRow.after)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(ChangeRow.id))]


def version(database: Database) -> int:
    with database.read() as connection:
        return version_of_setup(connection)


def save_both(connection: Connection) -> tuple[int, int]:
    network_id = save_thing(connection, "network", "maxi", NETWORK, {}, "apply", 1000)
    return network_id, save_thing(connection, "offer", "keto", OFFER, {"network_id": network_id}, "apply", 1000)


def test_nothing_is_set_up_at_first(database: Database) -> None:
    kinds = ("source", "network", "offer", "landing", "campaign")
    assert load(database) == StoredSetup(
        specs={kind: {} for kind in kinds}, ids={kind: {} for kind in kinds}, archived={kind: set() for kind in kinds}
    )
    assert version(database) == 0


def test_things_come_back_as_they_were_saved(database: Database) -> None:
    assert database.write(save_both) == (1, 1)
    stored = load(database)
    assert stored.specs["network"] == {"maxi": NETWORK}
    assert stored.specs["offer"] == {"keto": OFFER}
    assert stored.ids == {"source": {}, "network": {"maxi": 1}, "offer": {"keto": 1}, "landing": {}, "campaign": {}}


def test_a_thing_that_is_saved_again_keeps_its_row_and_gets_a_history(database: Database) -> None:
    database.write(save_both)
    later = {"token": "another"}
    assert database.write(lambda c: save_thing(c, "network", "maxi", later, {}, "desktop", 2000)) == 1
    stored = load(database)
    assert stored.specs["network"] == {"maxi": later}
    assert stored.ids["network"] == {"maxi": 1}
    assert changes(database) == [
        (1000, "apply", "network", "maxi", None, NETWORK),
        (1000, "apply", "offer", "keto", None, OFFER),
        (2000, "desktop", "network", "maxi", NETWORK, later),
    ]


def test_what_is_archived_is_told_apart(database: Database) -> None:
    database.write(save_both)
    database.write(lambda c: c.execute(update(NetworkRow).values(archived_at=3000)))
    assert load(database).archived == {
        "source": set(), "network": {"maxi"}, "offer": set(), "landing": set(), "campaign": set()
    }  # fmt: skip


def test_of_the_owners_own_only_what_changed_is_written(database: Database) -> None:
    first = {"base_currency": "EUR", "timezone": "Europe/Berlin", "currencies": ["USDT"]}
    second = {"base_currency": "EUR", "timezone": "Asia/Kathmandu"}
    database.write(lambda c: save_owner(c, {}, first, "apply", 1000))
    assert load(database).owner == first
    database.write(lambda c: save_owner(c, first, second, "apply", 2000))
    assert load(database).owner == second
    assert sorted(change[2:] for change in changes(database) if change[0] == 1000) == [
        ("owner", "base_currency", {"base_currency": None}, {"base_currency": "EUR"}),
        ("owner", "currencies", {"currencies": None}, {"currencies": ["USDT"]}),
        ("owner", "timezone", {"timezone": None}, {"timezone": "Europe/Berlin"}),
    ]
    assert sorted(change[2:] for change in changes(database) if change[0] == 2000) == [
        ("owner", "currencies", {"currencies": ["USDT"]}, {"currencies": None}),
        ("owner", "timezone", {"timezone": "Europe/Berlin"}, {"timezone": "Asia/Kathmandu"}),
    ]


def test_the_version_moves_with_every_change(database: Database) -> None:
    for expected in (1, 2, 3):
        database.write(setup_changed)
        assert version(database) == expected


# -- in memory -------------------------------------------------------------------------------------------------------


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_772_366_400_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """Another process on the same data."""
    opened = open_database(database.url)
    yield opened
    opened.close()


def rename(database: Database, name: str) -> None:
    def job(connection: Connection) -> None:
        save_thing(connection, "source", "prop", {"name": name}, {}, "apply", 0)
        setup_changed(connection)

    database.write(job)


def test_a_change_elsewhere_is_seen_within_a_fifth_of_a_second(database: Database, elsewhere: Database) -> None:
    clock = HandClock()
    current = CurrentSetup(database, clock)
    rename(elsewhere, "one")
    assert current.get().sources["prop"].name == "one"
    rename(elsewhere, "two")
    clock.now += 199
    assert current.get().sources["prop"].name == "one"
    clock.now += 1
    assert current.get().sources["prop"].name == "two"


def test_whoever_must_know_now_sees_a_change_at_once(database: Database, elsewhere: Database) -> None:
    current = CurrentSetup(database, HandClock())
    rename(elsewhere, "one")
    assert current.get().sources["prop"].name == "one"
    rename(elsewhere, "two")
    assert current.refresh().sources["prop"].name == "two"
    assert current.get().sources["prop"].name == "two"


def test_a_clock_that_was_set_back_does_not_keep_the_old_setup(database: Database, elsewhere: Database) -> None:
    clock = HandClock()
    current = CurrentSetup(database, clock)
    rename(elsewhere, "one")
    assert current.get().sources["prop"].name == "one"
    rename(elsewhere, "two")
    clock.now -= 3_600_000
    assert current.get().sources["prop"].name == "two"


def test_a_setup_that_did_not_change_is_not_built_again(database: Database) -> None:
    clock: Clock = HandClock()
    current = CurrentSetup(database, clock)
    rename(database, "one")
    assert current.refresh() is current.refresh()
