"""Two servers on one database: each with its own connections, as behind a balancer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from server.clock import MINUTE
from server.pipeline import attribution, click, relay
from server.pipeline.outbox import destination_row
from server.pipeline.relay import Parcel
from server.storage.database import Database, open_database
from server.storage.tables import AttemptRow, DestinationRow
from tests.pipeline.world import World, small_setup


@pytest.fixture
def other(world: World) -> Iterator[Database]:
    opened = open_database(world.data.database.url)
    yield opened
    opened.close()


def at_once(*jobs: Callable[[], None]) -> None:
    """Each in a thread of its own, started together."""
    barrier = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            barrier.wait(20)
            job()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_no_relay_is_ever_claimed_by_both(world: World, other: Database) -> None:
    for number in range(40):
        world.post(world.click(ext=f"e{number}"))
    world.later(MINUTE)
    ground, claimed = world.ground, dict[str, list[Parcel]]()

    def server(database: Database, boot: str) -> Callable[[], None]:
        def claim() -> None:
            mine = claimed.setdefault(boot, [])
            while parcels := database.write(lambda connection: relay.claim(connection, 1, 2, boot, ground)):
                mine.extend(parcels)

        return claim

    own = world.data.database
    at_once(server(own, "a1"), server(other, "b1"), server(own, "a2"), server(other, "b2"))
    taken = Counter(parcel.relay_id for parcels in claimed.values() for parcel in parcels)
    assert taken == Counter(range(1, 41))
    with own.read() as connection:
        assert connection.scalar(select(func.count()).select_from(AttemptRow)) == 40


def test_the_same_postback_to_both_is_one_conversion_with_one_relay(world: World, other: Database) -> None:
    click_id = world.click()
    receipt = world.receipt(f"click_id={click_id}&txn_id=T1&payout=5".encode())
    ground, outcomes = world.ground, list[str]()

    def receive(database: Database) -> Callable[[], None]:
        def ten_times() -> None:
            for _ in range(10):
                received = database.write(lambda connection: attribution.receive(connection, receipt, ground))
                outcomes.append(received.outcome.value)

        return ten_times

    at_once(receive(world.data.database), receive(other))
    assert Counter(outcomes) == {"accepted": 1, "duplicate": 19}
    assert len(world.postbacks()) == 20
    assert (len(world.conversions()), len(world.relays())) == (1, 1)


def test_what_both_see_for_the_first_time_is_made_once(world: World, other: Database) -> None:
    now = world.clock.now

    def make(database: Database) -> Callable[[], None]:
        def job() -> None:
            for _ in range(5):
                database.write(lambda connection: destination_row(connection, "source:prop"))
                database.write(lambda connection: click.record_missed(connection, "sumer", now))

        return job

    at_once(make(world.data.database), make(other))
    with other.read() as connection:
        assert connection.scalar(select(func.count()).select_from(DestinationRow)) == 1
        assert connection.scalar(select(click.MissedClickRow.count)) == 10


def test_what_one_writes_the_other_reads_at_once(world: World, other: Database) -> None:
    for number in range(5):
        world.post(world.click())
        with other.read() as connection:
            assert connection.scalar(select(func.count()).select_from(relay.RelayRow)) == number + 1


def test_one_server_lets_only_one_probe_through_for_both(world: World, other: Database) -> None:
    world.apply(small_setup())
    for _ in range(7):
        world.post(world.click())
    for parcel in world.claim(most=5):
        world.answer(parcel, 503)
    world.later(MINUTE)
    ground, probes = world.ground, list[Parcel]()

    def claim(database: Database) -> Callable[[], None]:
        def job() -> None:
            probes.extend(database.write(lambda connection: relay.claim(connection, 1, 2, "boot", ground)))

        return job

    at_once(claim(world.data.database), claim(other))
    assert [parcel.tries.is_probe for parcel in probes] == [True]
