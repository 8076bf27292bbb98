"""What lay in the spool comes into the database as it would have come by itself: once, whole, and by its own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError

from server.api import costs
from server.api.costs import Bill
from server.api.rates import set_rate
from server.api.rebasing import rebase
from server.api.reports import report
from server.clock import HOUR, MINUTE
from server.pipeline import applying, attribution, click, spooled, step, unrecorded
from server.pipeline.applying import Applied
from server.pipeline.attribution import Receipt
from server.pipeline.click import Sent, Visit
from server.pipeline.receipt import refusal_of
from server.pipeline.step import Stepped
from server.storage.spool import Spool
from server.storage.tables import DowntimeRow, MissedClickRow, StepRow
from tests.pipeline.world import FIRST, World, small_setup

WITH_LANDING = """
[[campaign]]
key = "quiz"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto" }]
"""


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool", b"these data")
    opened.open()
    yield opened
    opened.close()


def apply(world: World, spool: Spool, most: int = 100) -> Applied:
    ground = world.ground
    applied = world.data.database.write(lambda c: applying.apply_next(c, spool, most, ground))
    spool.release(applied.through)
    return applied


def decided(world: World, campaign: str = "summer", **parameters: str) -> Sent:
    ground = world.ground
    visit = Visit(ground.now, {"ext": "e1", **parameters}, "198.51.100.4", "Browser/1.0")
    return click.decide(visit, ground.setup.campaigns[campaign], world.keys.next(ground.now), FIRST, ground)


def stepped_from(world: World, row: Mapping[str, Any] | None) -> Stepped:
    assert row is not None
    stepped = step.decide_step(row, None, 0, world.ground)
    assert stepped is not None
    return stepped


def test_a_click_that_waited_bears_its_part_of_a_bill_for_its_period(world: World, spool: Spool) -> None:
    world.rate("2026-03-01", "GBP", "2")
    world.click()
    world.later(1)
    spool.put([spooled.of_click(decided(world, cost="1 GBP"))])
    world.later(HOUR)
    since, until = world.clock.now - HOUR - 1, world.clock.now - MINUTE
    corrected = costs.apply(world.data, Bill("summer", since, until, 5_000_001))
    assert [row["cost"] for row in world.clicks()] == ["5.000001"]
    apply(world, spool)
    assert [row["cost"] for row in world.clicks()] == ["2.500001", "2.50"]
    costs.undo(world.data, "summer", corrected["number"])
    assert report(world.data, ["campaign"]).total["cost"] == "2.01"


def put_receipt(world: World, spool: Spool, receipt: Receipt) -> None:
    network = world.ground.setup.networks.get(receipt.address)
    assert spool.put([spooled.of_receipt(receipt, network, refusal_of(receipt, network))]) == 1


def rows(world: World, table: Any) -> list[Any]:
    with world.data.database.read() as connection:
        return list(connection.execute(select(*table.__table__.columns)))


# -- as it would have come by itself -----------------------------------------------------------------------------------


def test_a_click_is_the_same_by_either_way(world: World, spool: Spool) -> None:
    sent = decided(world, sub1="ünï 💥", cost="0.5", fbclid="f1", sub20="'\"\n")
    spool.put([spooled.of_click(sent)])
    assert spooled.find_click(spool, sent.click["id"]) == {**dict.fromkeys(spooled._COLUMNS), **sent.click}
    assert apply(world, spool).count == 1
    [found] = world.clicks()
    with world.data.database.read() as connection:
        stored = click.find(connection, sent.click["id"])
    assert stored == {**dict.fromkeys(spooled._COLUMNS), **sent.click}
    assert (found["id"], found["sub1"], found["cost"]) == (sent.click_id, "ünï 💥", "0.50")
    assert (spool.waiting, spooled.find_click(spool, sent.click["id"])) == (0, None)


def test_a_whole_visit_and_its_sale_in_any_order_of_the_page(world: World, spool: Spool) -> None:
    world.apply(small_setup() + WITH_LANDING)
    sent = decided(world, "quiz")
    spool.put([spooled.of_click(sent), spooled.of_missed("nowhere", world.clock.now)])
    stepped = stepped_from(world, spooled.find_click(spool, sent.click["id"]))
    spool.put([spooled.of_step(stepped), spooled.of_missed("nowhere", world.clock.now)])
    put_receipt(world, spool, world.receipt(f"click_id={sent.click_id}&payout=4".encode()))
    applied = apply(world, spool)
    assert (applied.count, applied.owes) == (5, True)
    assert (world.conversion()["net"], world.relay_states()) == ("4.00", [("approved", "waiting", None)])
    assert [row.count for row in rows(world, MissedClickRow)] == [2]
    assert [row.destination for row in rows(world, StepRow)] == [stepped.location]


def test_a_receipt_is_judged_by_its_own_time_and_relayed_by_ours(world: World, spool: Spool) -> None:
    click_id = world.click()
    came_at = world.clock.now
    put_receipt(world, spool, world.receipt(f"click_id={click_id}".encode()))
    world.later(HOUR)
    apply(world, spool)
    [receipt] = world.receipts()
    [relay] = world.relays()
    assert receipt.time == came_at
    assert world.conversion()["time"] < relay["time"]


@pytest.mark.parametrize("body", [b"\x00\xff\n\xed\xa0\x80=1", b"", b"click_id=x\n{}"])
def test_a_receipt_is_kept_byte_for_byte(world: World, spool: Spool, body: bytes) -> None:
    query = b"CLICK_ID=%zz&a=%00&b=\xff\xfe&c=+%20&&=&d&amp;e=1?f=2"
    came = world.receipt(query, body, "text/odd; charset=x", address="é\udc80")
    put_receipt(world, spool, came)
    record = spooled.read(*spool.read(0, 1)[0])
    assert record.receipt == came
    put_receipt(world, spool, world.receipt(query, body, "text/odd", method="PUT", ip="::1"))
    spool.release(1)
    ground = world.ground
    world.data.database.write(lambda c: applying._note(c, spool, 1))
    world.data.database.write(lambda c: applying.apply_next(c, spool, 9, ground))
    [stored] = world.receipts()
    assert (stored.query, stored.body, stored.method, stored.ip) == (query, body, "PUT", "::1")


# -- who may speak -----------------------------------------------------------------------------------------------------

GUARDED = small_setup().replace('token = ""', 'token = "a-secret-token"', 1)


def test_our_token_does_not_lie_in_the_spool_and_who_had_it_may_speak(
    world: World, spool: Spool, tmp_path: Path
) -> None:
    world.apply(GUARDED)
    click_id = world.click()
    query = f"token=a-secret-token&click_id={click_id}&note=a-secret-token"
    put_receipt(world, spool, world.receipt(query.encode()))
    put_receipt(world, spool, world.receipt(query.replace("a-secret", "no-secret").encode()))
    assert b"secret-token" not in (tmp_path / "spool").read_bytes().replace(b"no-secret-token", b"")
    apply(world, spool)
    assert [row["outcome"] for row in world.postbacks()] == ["unauthorised", "accepted"]
    assert [b"secret-token" in row.query for row in world.receipts()] == [True, False]


def test_a_listed_and_signed_network_is_not_asked_again(world: World, spool: Spool) -> None:
    click_id = world.click()
    came = world.receipt(f"click_id={click_id}".encode())
    put_receipt(world, spool, came)  # while the network was open
    world.apply(small_setup().replace('token = ""', 'token = "new-token"\nips = ["203.0.113.0/24"]', 1))
    apply(world, spool)
    assert world.conversion()["click"] == click_id


# -- a receipt that was quicker ----------------------------------------------------------------------------------------


def test_a_postback_before_its_click_is_attributed_with_the_click(world: World, spool: Spool) -> None:
    sent = decided(world)
    early = world.post(sent.click_id, payout="3")
    assert early.outcome.value == "click_unknown"
    spool.put([spooled.of_click(sent)])
    assert apply(world, spool).owes
    assert (world.conversion()["net"], world.relay_states()) == ("3.00", [("approved", "waiting", None)])
    [row] = world.postbacks()
    assert (row["outcome"], row["replayed"]) == ("accepted", 1)


def test_a_postback_before_its_step_is_attributed_with_the_step(world: World, spool: Spool) -> None:
    world.apply(small_setup() + WITH_LANDING)
    sent = decided(world, "quiz")
    world.data.database.write(lambda connection: click.record(connection, sent))
    with world.data.database.read() as connection:
        stepped = stepped_from(world, click.find(connection, sent.click["id"]))
    assert world.post(sent.click_id).outcome.value == "wrong_network"
    spool.put([spooled.of_step(stepped)])
    world.clock.now -= 1000  # the step was there before the postback
    apply(world, spool)
    assert world.conversion()["offer"] == "keto"


# -- once, whatever is killed when -------------------------------------------------------------------------------------


def broken_off_at(world: World, number: int, job: Callable[[Connection], object]) -> bool:
    """As a kill between two statements leaves it: nothing of the transaction is there. Whether it came so far."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise KeyboardInterrupt

    event.listen(world.data.database.writing, "before_cursor_execute", count)
    try:
        world.data.database.write(job)
    except KeyboardInterrupt:
        return True
    finally:
        event.remove(world.data.database.writing, "before_cursor_execute", count)
    return False


def test_broken_off_at_any_statement_it_is_applied_once(world: World, spool: Spool) -> None:
    statement = 0
    for round_ in range(1, 200):
        sent = decided(world, sub1=str(round_))
        spool.put([spooled.of_click(sent), spooled.of_missed("x", world.clock.now)])
        put_receipt(world, spool, world.receipt(f"click_id={sent.click_id}&txn_id=t{round_}".encode()))
        statement += 1
        ground = world.ground
        was_broken_off = broken_off_at(world, statement, lambda c, g=ground: applying.apply_next(c, spool, 100, g))
        assert len(world.clicks()) == (round_ - 1 if was_broken_off else round_)
        apply(world, spool)
        assert spool.waiting == 0
        if not was_broken_off:
            break
    assert statement > 8
    assert [row.count for row in rows(world, MissedClickRow)] == [statement]
    assert len(world.conversions()) == len(world.postbacks()) == len(world.relays()) == statement


def test_a_kill_between_the_commit_and_the_emptying_applies_nothing_twice(world: World, spool: Spool) -> None:
    spool.put([spooled.of_missed("x", world.clock.now)])
    put_receipt(world, spool, world.receipt(f"click_id={world.click()}".encode()))
    ground = world.ground
    for _ in range(3):  # the spool was never told
        world.data.database.write(lambda c: applying.apply_next(c, spool, 100, ground))
    assert ([row.count for row in rows(world, MissedClickRow)], len(world.postbacks())) == ([1], 1)
    spool.close()
    spool.open()
    assert spool.waiting == 2
    apply(world, spool)
    assert (spool.waiting, len(world.postbacks())) == (0, 1)


def test_a_click_that_is_there_already_stays_as_it_is(world: World, spool: Spool) -> None:
    sent, other = decided(world), decided(world)
    world.data.database.write(lambda connection: click.record(connection, sent))
    spool.put([spooled.of_click(sent), spooled.of_click(other)])
    apply(world, spool)
    assert [row["id"] for row in world.clicks()] == [sent.click_id, other.click_id]
    assert rows(world, DowntimeRow) == []


def test_a_click_that_is_there_already_may_have_been_given_other_amounts_since(world: World, spool: Spool) -> None:
    set_rate(world.data, "GBP", "1.5", "2026-03-01")
    sent = [decided(world), decided(world, cost="1 GBP"), decided(world, cost="1 EUR")]
    for one in sent:
        world.data.database.write(partial(click.record, sent=one))
    set_rate(world.data, "EUR", "1.2", "2026-03-01")
    rebase(world.data, "EUR")
    before = report(world.data, ["campaign"]).total
    spool.put([spooled.of_click(one) for one in sent])
    apply(world, spool)
    assert (report(world.data, ["campaign"]).total, rows(world, DowntimeRow)) == (before, [])


# -- what does not fit -------------------------------------------------------------------------------------------------


def test_what_does_not_fit_holds_nobody_up_and_is_shown_as_missing(
    world: World, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    taken = decided(world, sub1="first")
    world.data.database.write(lambda connection: click.record(connection, taken))
    good, nowhere = decided(world), decided(world)
    records = [
        spooled.of_click(Sent({**good.click, "id": taken.click["id"]}, "", "")),
        spooled.of_click(Sent({**nowhere.click, "campaign_id": 99}, "", "")),
        spooled._written("click9", {"id": 7}),
        spooled.of_click(good),
    ]
    spool.put(records)
    assert apply(world, spool).through == 4
    assert [row["id"] for row in world.clicks()] == [taken.click_id, good.click_id]
    [downtime] = rows(world, DowntimeRow)
    assert (downtime.why, downtime.clicks, downtime.postbacks) == ("not_applied", 3, 0)
    for number in (1, 2, 3):
        assert f"record {number} of the spool cannot be applied" in caplog.text
    caplog.clear()


def test_a_receipt_over_which_our_rules_stumble_is_kept(
    world: World, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    put_receipt(world, spool, world.receipt(f"click_id={world.click()}&payout=4".encode()))
    with monkeypatch.context() as broken:
        broken.setattr(attribution, "receive", stumble)
        broken.setattr(attribution, "understand", stumble)
        apply(world, spool)
    assert [row["outcome"] for row in world.postbacks()] == ["unreadable"]
    assert "a fault of ours" in caplog.text
    world.replay(outcome="unreadable")
    assert world.conversion()["net"] == "4.00"


def test_a_database_that_fails_meanwhile_is_no_fault_of_the_records(
    world: World, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    spool.put([spooled.of_missed("x", world.clock.now)])
    with monkeypatch.context() as broken:
        broken.setattr(click, "record_missed", full)
        with pytest.raises(OperationalError):
            apply(world, spool)
    assert (spool.waiting, rows(world, DowntimeRow)) == (1, [])
    assert apply(world, spool).count == 1


# -- downtime ----------------------------------------------------------------------------------------------------------


def test_downtime_that_goes_on_is_one_and_another_is_another(world: World) -> None:
    now = world.clock.now

    def lost(what: unrecorded.What, number: int, at: int, why: str = unrecorded.SPOOL_FULL) -> None:
        downtime = unrecorded.missing(why, what, number, at)
        world.data.database.write(lambda connection: unrecorded.write(connection, downtime))

    lost("click", 3, now)
    lost("postback", 2, now + MINUTE)
    lost("click", 1, now + 30 * MINUTE)
    lost("click", 1, now, unrecorded.NOT_APPLIED)
    assert [row[1:] for row in rows(world, DowntimeRow)] == [
        (now, now + MINUTE, "spool_full", 3, 2),
        (now + 30 * MINUTE, now + 30 * MINUTE, "spool_full", 1, 0),
        (now, now, "not_applied", 1, 0),
    ]


def test_what_is_counted_is_taken_once_and_may_be_given_back() -> None:
    counted = unrecorded.Unrecorded()
    counted.add(unrecorded.missing(unrecorded.SPOOL_FULL, "click", 2, 5))
    counted.add(unrecorded.missing(unrecorded.SPOOL_FULL, "postback", 1, 3))
    taken = counted.take()
    assert taken == unrecorded.Downtime("spool_full", 3, 5, 2, 1)
    assert (counted.take(), counted.downtime) == (None, None)
    counted.add(taken)
    assert counted.downtime == taken


@given(st.binary(), st.binary(), st.text(st.characters()), st.text(st.characters()))
def test_any_receipt_comes_back_as_it_was(query: bytes, body: bytes, address: str, content_type: str) -> None:
    """Half characters and all."""
    receipt = Receipt(1, address, "POST", query, body, content_type, "::1", {})
    record = spooled.read(1, spooled.of_receipt(receipt, None, "refused"))
    if b"token" not in (query + body).lower():
        assert record.receipt == receipt
    assert record.was_refused
