"""Receipts taken many at once leave what they leave one after the other: every row, every number, every answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select

from server.clock import DAY
from server.pipeline import attribution
from server.pipeline.attribution import Received
from server.pipeline.batch import receive_many
from server.pipeline.ground import Ground
from server.pipeline.receipt import Receipt
from server.storage.tables import Base
from tests.pipeline.world import NOON, World, small_setup, world_on
from tests.storage import databases

TOKEN = "the-secret-of-maxi"
MORE = """
[[network]]
key = "each"
token = ""
each_postback_counts = true

[[network]]
key = "timed"
token = ""
txn_prefix = "r-"
[network.params]
time = "ts"

[[network]]
key = "euro"
token = ""
currency = "EUR"
last_word_wins = true

[[source]]
key = "capped"
external_id = "{id}"
[source.relay]
url = "https://capped.example.net/?id={external_id}"
cap = 2
statuses = ["approved", "refunded"]
on_payout_change = true

[[offer]]
key = "counted"
network = "each"
url = "https://each.example.net/?s={click_id}"
payout = "10%"
window_days = 1

[[offer]]
key = "dated"
network = "timed"
url = "https://timed.example.net/?s={click_id}"

[[offer]]
key = "foreign"
network = "euro"
url = "https://euro.example.net/?s={click_id}"
payout = "3"

[[campaign]]
key = "capped"
source = "capped"
[[campaign.path]]
offers = [{ offer = "keto", weight = 100 }]

[[campaign]]
key = "mixed"
source = "prop"
destinations = [{ url = "https://partner.example.net/?c={conversion_id}", statuses = ["approved", "pending"] }]
[[campaign.path]]
landings = [{ landing = "quiz", weight = 100 }]
offers = [
  { offer = "keto", weight = 1 }, { offer = "counted", weight = 1 },
  { offer = "dated", weight = 1 }, { offer = "foreign", weight = 1 },
]
"""


def setup_text() -> str:
    return small_setup().replace('key = "maxi"\ntoken = ""', f'key = "maxi"\ntoken = "{TOKEN}"') + MORE


def visited(world: World) -> list[str]:
    """Clicks that went straight to an offer, over a landing page to several, or nowhere; a test's; one of yesterday."""
    world.apply(setup_text())
    world.rate("2026-03-01", "EUR", "1.25")
    world.clock.now = NOON - 2 * DAY
    old = world.click("mixed")
    world.step(old, 2)
    world.clock.now = NOON - 60_000
    straight = [world.click() for _ in range(6)] + [world.click("capped") for _ in range(2)]
    mixed = [world.click("mixed") for _ in range(5)]
    for click_id in mixed[:4]:
        for offer in (1, 2, 3, 4):
            world.step(click_id, offer)
    tested, nameless = world.click(echo="http://127.0.0.1:9"), world.click(ext="")
    world.clock.now = NOON
    unknown = world.ground.click_text(5)
    return [*straight, *mixed, old, tested, nameless, unknown, straight[0][:20], "{sub1}", ""]


# -- what networks send ------------------------------------------------------------------------------------------------

PARAMETERS: dict[str, list[str]] = {
    "txn_id": ["T1", "T1", "T2", "t1", "r-T1", "{txn}"],
    "event": ["deposit", "Deposit"],
    "status": ["approved", "pending", "rejected", "refund", "chargeback", "nonsense"],
    "payout": ["5", "12.50", "-3", "1,234", "7 EUR"],
    "sale_amount": ["100"],
    "currency": ["EUR", "USD", "GBP", "DOGE"],
    "ts": [str(NOON // 1000), str(NOON // 1000 - 3600), "never"],
    "custom1": ["red", "%FF"],
}
# Which network speaks of which click: mostly as it ought to be.
SPOKEN_OF = [
    *[(straight, "maxi") for straight in range(8)] * 3,
    *[(mixed, network) for mixed in range(8, 12) for network in ("maxi", "each", "timed", "euro")] * 2,
    *((0, "other"), (12, "each"), (13, "each"), (13, "each"), (14, "maxi"), (15, "maxi"), (0, "nobody")),
    *((odd, "maxi") for odd in range(16, 20)),
]


@st.composite
def receipts(draw: st.DrawFn) -> tuple[int, Receipt]:
    """The number of its click, and the request with CLICK where the click id goes."""
    click, address = draw(st.sampled_from(SPOKEN_OF))
    names = draw(st.lists(st.sampled_from(sorted(PARAMETERS)), unique=True, max_size=3))
    pairs = [f"{name}={draw(st.sampled_from(PARAMETERS[name]))}" for name in names]
    if "txn_id" not in names and draw(st.booleans()):
        pairs.append(f"txn_id=N{draw(st.integers(0, 1000))}")
    if address == "maxi" and draw(rarely(but=f"token={TOKEN}")):
        pairs.append(f"token={TOKEN}")
    name, body = draw(rarely("x", but="click_id")), draw(rarely(b"[1]", b'{"payout": 9}', b"payout=8", but=b""))
    ip = draw(rarely(None, but="192.0.2.7"))  # none fits no column: a fault of ours
    query = "&".join([f"{name}=CLICK", *pairs]).encode()
    return click, Receipt(NOON, address, "POST" if body else "GET", query, body, "", ip, {})


def rarely(*values: Any, but: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([but] * 30 + list(values or [""]))


@st.composite
def sendings(draw: st.DrawFn) -> list[list[tuple[int, Receipt]]]:
    return draw(st.lists(st.lists(receipts(), min_size=1, max_size=10), min_size=1, max_size=4))


# -- one after the other, and together ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visited_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[str]]]:
    folder: Path = tmp_path_factory.mktemp("batch")
    database = databases.open_database(databases.filled_file(folder))
    world = world_on(database, folder)
    yield world, visited(world)
    database.close()


def one_by_one(connection: Connection, batch: Sequence[Receipt], ground: Ground) -> list[Received | Exception]:
    return [alone(connection, receipt, ground) for receipt in batch]


def alone(connection: Connection, receipt: Receipt, ground: Ground) -> Received | Exception:
    try:
        with connection.begin_nested():
            return attribution.receive(connection, receipt, ground)
    except Exception as error:  # noqa: BLE001 - whichever it is, it stands among the answers
        return error


def everything(connection: Connection) -> dict[str, list[Any]]:
    tables = Base.metadata.sorted_tables
    return {t.name: [tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key))] for t in tables}


def left_by(take: Any, world: World, batches: Sequence[Sequence[Receipt]]) -> tuple[list[Any], dict[str, list[Any]]]:
    """The answers and all tables; then everything is as it was before."""
    answers: list[Any] = []
    with world.data.database.writing.connect() as connection:
        for number, batch in enumerate(batches):
            ground = replace(world.ground, now=NOON + number * 10_000)
            answers += take(connection, batch, ground)
        tables = everything(connection)
        connection.rollback()
    return [type(answer) if isinstance(answer, Exception) else answer for answer in answers], tables


def addressed(sent: Sequence[Sequence[tuple[int, Receipt]]], clicks: Sequence[str]) -> list[list[Receipt]]:
    """Each a second after the last."""
    batches, now = [], NOON
    for batch in sent:
        batches.append([])
        for number, receipt in batch:
            now += 1000
            query = receipt.query.replace(b"CLICK", clicks[number].encode())
            batches[-1].append(receipt._replace(query=query, arrived_at=now))
    return batches


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sent=sendings())
def test_together_they_leave_what_they_leave_one_after_the_other(
    visited_world: tuple[World, list[str]], sent: list[list[tuple[int, Receipt]]]
) -> None:
    world, clicks = visited_world
    batches = addressed(sent, clicks)
    answers, tables = left_by(receive_many, world, batches)
    expected_answers, expected_tables = left_by(one_by_one, world, batches)
    assert answers == expected_answers
    assert tables == expected_tables
    assert len(tables["postback"]) == sum(not isinstance(answer, type) for answer in answers)


# -- what it takes -----------------------------------------------------------------------------------------------------


def sale(world: World, click_id: str, txn_id: str, **more: Any) -> Receipt:
    return world.receipt(f"click_id={click_id}&payout=5&txn_id={txn_id}&token={TOKEN}".encode(), **more)


def received_together(world: World, batch: Sequence[Receipt]) -> list[Received | Exception]:
    ground = world.ground
    return world.data.database.write(lambda connection: receive_many(connection, batch, ground))


def words(answers: Sequence[Received | Exception]) -> list[str]:
    return [type(answer).__name__ if isinstance(answer, Exception) else answer.outcome.value for answer in answers]


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    """What the database is told while a test runs."""
    told: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(world.data.database.writing, "before_cursor_execute", hear)
    yield told
    event.remove(world.data.database.writing, "before_cursor_execute", hear)


def test_the_usual_ones_take_no_more_statements_the_more_they_are(
    world: World, kind: str, statements: list[str]
) -> None:
    if kind != "sqlite":
        pytest.skip("PostgreSQL hands out its numbers itself: there they are taken one by one")
    clicks = [world.click() for _ in range(40)]
    received_together(world, [sale(world, clicks[0], "T0")])  # the destination gets its row
    statements.clear()
    received_together(world, [sale(world, clicks[1], "T1")])
    of_one = len(statements)
    statements.clear()
    answers = received_together(world, [sale(world, click_id, f"N{click_id}") for click_id in clicks[2:]])
    assert words(answers) == ["accepted"] * 38
    assert len(statements) == of_one
    assert len(world.relays()) == 40


def test_the_next_transaction_of_a_click_takes_no_more_statements_than_the_third(
    world: World, statements: list[str]
) -> None:
    click_id = world.click()
    counted = []
    for number in range(12):
        statements.clear()
        assert world.receive(sale(world, click_id, f"T{number}")).outcome.value == "accepted"
        counted.append(len(statements))
    assert counted[2:] == [counted[2]] * 10


def test_a_fault_with_one_is_told_in_its_place_and_takes_no_other_with_it(world: World) -> None:
    clicks = [world.click() for _ in range(4)]
    batch = [sale(world, click_id, f"T{number}") for number, click_id in enumerate(clicks)]
    batch[1] = batch[1]._replace(ip=None)  # type: ignore[arg-type] - what no column takes
    batch[2] = batch[2]._replace(body=None)  # type: ignore[arg-type] - what nobody reads
    assert words(received_together(world, batch)) == ["accepted", "IntegrityError", "AttributeError", "accepted"]
    assert [row["txn_id"] for row in world.conversions()] == ["T0", "T3"]
    assert [row["click"] for row in world.postbacks()] == [clicks[0], clicks[3]]


def test_answers_stand_in_the_order_of_arrival(world: World) -> None:
    first, second, third = (world.click() for _ in range(3))
    batch = [
        sale(world, first, "T1"),
        sale(world, "nobody", "T2"),
        sale(world, second, "T3"),
        sale(world, second, "T3"),
        sale(world, third, "T1"),
        sale(world, third, "T1", address="nobody"),
    ]
    answers = received_together(world, batch)
    assert words(answers) == ["accepted", "click_id_damaged", "accepted", "duplicate", "conflict", "unauthorised"]
    assert [row["outcome"] for row in world.postbacks()] == words(answers)


def test_nothing_is_received_of_nothing(world: World) -> None:
    assert received_together(world, []) == []
    assert world.postbacks() == []
