"""Another base currency: previewed, refused where rates lack, atomic for reports, finished after a kill, reversible."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from server.api import conversions as by_hand
from server.api import costs, rates, rebasing
from server.api.costs import Bill
from server.api.mending import Lacking
from server.api.rates import set_rate
from server.api.rebasing import rebase
from server.api.reports import report
from server.api.setup import exported
from server.clock import DAY, HOUR, MINUTE
from server.domain.status import Status
from server.errors import BadInput
from server.storage.tables import ClickRow, ConversionRow
from tests.pipeline.world import NOON, World, small_setup, world_on
from tests.storage import databases

NAMES = ("clicks", "conversions", "revenue", "cost", "profit", "without_rate")


@pytest.fixture(params=databases.KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return filled(world_on(databases.without_rows(str(request.param)), tmp_path))


@pytest.fixture(autouse=True)
def _nobody_else_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server decides by an old setup here: there is nothing to wait for."""
    monkeypatch.setattr("server.api.rebasing._LEFT_BEHIND_S", 0)


def filled(world: World) -> World:
    """Three days, a euro at 1.10, 1.20 and 1.25 dollars; each day a sale and a click in dollars, euros and pounds."""
    world.apply(small_setup())
    for day, euro in (("2026-03-01", "1.10"), ("2026-03-02", "1.20"), ("2026-03-03", "1.25")):
        set_rate(world.data, "EUR", euro, day)
        set_rate(world.data, "GBP", "1.50", day)
        for currency in ("USD", "EUR", "GBP"):
            world.post(world.click(cost=f"1 {currency}"), payout="30", currency=currency)
        world.later(DAY)
    return world


def total(world: World) -> tuple[Any, ...]:
    found = report(world.data, ["campaign"]).total
    return tuple(found[name] for name in NAMES)


# Revenue: 3 * 30 + 30 * (1.10 + 1.20 + 1.25) + 3 * 30 * 1.5; cost a thirtieth of it.
IN_DOLLARS = (9, 9, "331.50", "11.05", "320.45", 0)
# 30/1.1 + 30/1.2 + 30/1.25, the euros as they are, and 45/1.1 + 45/1.2 + 45/1.25, each to the millionth.
IN_EUROS = (9, 9, "280.681818", "9.35606", "271.325758", 0)


def frozen(world: World) -> list[Any]:
    """All that a conversion says in its base currency, and what a click says by itself."""
    with world.data.database.read() as connection:
        columns = (ConversionRow.rate, ConversionRow.payout_base, ConversionRow.net_base, ConversionRow.base_currency)
        more = (ConversionRow.cost_rate, ConversionRow.cost_base, ConversionRow.updated, ConversionRow.warnings)
        return [tuple(row) for row in connection.execute(select(*columns, *more).order_by(ConversionRow.id))]


def test_it_is_previewed_done_and_taken_back_exactly(world: World) -> None:
    before = frozen(world)
    assert total(world) == IN_DOLLARS
    looked = rebasing.preview(world.data, "EUR")
    assert (looked.conversions, looked.clicks, looked.rates, looked.lacking) == (6, 6, 3, [])
    assert looked.named == ["network other", "campaign summer"]
    assert (total(world), frozen(world)) == (IN_DOLLARS, before)
    done = rebase(world.data, "EUR")
    assert (done.conversions, done.clicks, done.rates) == (6, 6, 3)
    assert total(world) == IN_EUROS
    assert {row["base_currency"] for row in world.conversions()} == {"EUR"}
    assert [row["rate"] for row in world.conversions()][:3] == ["0.909090909091", None, "1.36363636364"]
    back = rebasing.preview(world.data, "USD")
    assert (back.conversions, back.clicks) == (0, 0)  # all of it is still there
    rebase(world.data, "USD")
    assert (total(world), frozen(world)) == (IN_DOLLARS, before)


def test_what_comes_to_be_in_between_is_worked_out_when_going_back(world: World) -> None:
    before = frozen(world)
    rebase(world.data, "EUR")
    world.clock.now = NOON + 2 * DAY
    world.post(world.click(cost="1 USD"), payout="30", currency="USD", txn_id="late")
    assert world.conversions()[-1]["payout_base"] == "24.00"  # 30 by 1.25
    by_hand.set_status(world.data, 3, Status.REFUNDED)
    by_hand.set_status(world.data, 3, Status.APPROVED)
    rebase(world.data, "USD")
    after = frozen(world)
    assert [row[:6] for row in after[:-1]] == [row[:6] for row in before]
    assert after[-1][:4] == (None, 30_000_000, 30_000_000, "USD")


def test_a_refund_after_the_change_is_taken_off_in_both(world: World) -> None:
    click_id = world.conversions()[2]["click"]  # thirty pounds at 1.50 dollars, at 1.10 dollars a euro
    rebase(world.data, "EUR")
    world.post(click_id, payout="10", currency="GBP", status="refunded")
    assert world.conversions()[2]["net"] == "20.00"
    assert frozen(world)[2][2] == 27_272_727
    rebase(world.data, "USD")
    assert frozen(world)[2][:4] == ("1.5", 45_000_000, 30_000_000, "USD")


def test_round_three_currencies_and_home(world: World) -> None:
    before = frozen(world)
    for base in ("EUR", "GBP", "EUR", "USD"):
        rebase(world.data, base)
    assert (total(world), frozen(world)) == (IN_DOLLARS, before)


def test_where_a_rate_lacks_it_is_refused_unless_the_owner_knows(world: World) -> None:
    rates.remove(world.data, "2026-03-01", "EUR")
    looked = rebasing.preview(world.data, "EUR")
    assert looked.lacking == [Lacking("2026-03-01", "GBP", 1, 1), Lacking("2026-03-01", "USD", 1, 1)]
    with pytest.raises(BadInput, match=r"2 conversions and 2 clicks in GBP, USD on 2026-03-01 would have no amount"):
        rebase(world.data, "EUR")
    assert total(world) == IN_DOLLARS
    before = frozen(world)
    rebase(world.data, "EUR", even_without=True)
    assert total(world)[5] == 4
    assert [row["warnings"] for row in world.conversions()][:3] == [["no_rate"], [], ["no_rate"]]
    rebase(world.data, "USD")
    assert (total(world), frozen(world)) == (IN_DOLLARS, before)
    rebase(world.data, "EUR", even_without=True)
    set_rate(world.data, "USD", "0.909090909091", "2026-03-01")
    set_rate(world.data, "GBP", "1.36363636364", "2026-03-01")
    assert total(world) == IN_EUROS


def test_nothing_changes_its_price_by_it(world: World) -> None:
    """A cent a click, and what a network says without a currency, mean what they meant."""
    world.clock.now = NOON + 2 * DAY
    rebase(world.data, "EUR")
    world.post(world.click(), "maxi", payout="10")
    (click,) = world.clicks()[-1:]
    assert (click["cost"], click["currency"]) == ("0.01", "USD")
    assert (world.conversions()[-1]["currency"], world.conversions()[-1]["payout_base"]) == ("USD", "8.00")
    text = exported(world.data, with_secrets=False)
    assert 'base_currency = "EUR"' in text
    assert text.count('currency = "USD"') >= 3


def test_a_bill_counts_in_either(world: World) -> None:
    world.later(HOUR)
    costs.apply(world.data, Bill("summer", NOON - HOUR, NOON + MINUTE, 10_000_000, "GBP"))
    assert total(world)[3] == "22.45"  # 15 dollars, and 7.45 of the other two days
    done = rebase(world.data, "EUR")
    assert done.corrections == 1
    assert total(world)[3] == "19.719697"  # 15/1.1, then 1/1.2 + 1 + 1.5/1.2, then 1/1.25 + 1 + 1.5/1.25
    costs.undo(world.data, "summer")
    assert total(world) == IN_EUROS


class _Killed(Exception):
    pass


@contextmanager
def killed_after(world: World, writes: int) -> Iterator[None]:
    """The process ends before a further transaction."""
    database = world.data.database
    left = [writes]

    def write(self: Any, job: Any) -> Any:
        if not left[0]:
            raise _Killed
        left[0] -= 1
        with self.writing.begin() as connection:
            return job(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(database), "write", write)
        yield


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.mending._CONVERSIONS_TOGETHER", 2)
    monkeypatch.setattr("server.api.mending._CLICKS_TOGETHER", 2)


@pytest.mark.usefixtures("small_pages")
def test_killed_anywhere_reports_are_whole_and_the_same_words_finish_it(world: World) -> None:
    before = frozen(world)
    seen = set()
    for writes in range(40):
        try:
            with killed_after(world, writes):
                rebase(world.data, "EUR")
        except _Killed:
            assert total(world) in (IN_DOLLARS, IN_EUROS)  # never some of each
            seen.add(total(world))
            rebase(world.data, "EUR")
            assert total(world) == IN_EUROS
            rebase(world.data, "USD")
            assert frozen(world) == before
            _forget_euros(world)
        else:
            break
    else:
        pytest.fail("it never ended")
    assert seen == {IN_DOLLARS, IN_EUROS}


def _forget_euros(world: World) -> None:
    def job(connection: Connection) -> None:
        connection.execute(ConversionRow.__table__.update().values(bases=None))
        connection.execute(
            ClickRow.__table__.update()
            .where(ClickRow.base_currency == "EUR")
            .values(base_currency=None, cost_base=None, bases=None)
        )
        connection.execute(ClickRow.__table__.update().values(bases=None))

    world.data.database.write(job)


@pytest.mark.usefixtures("small_pages")
def test_reports_asked_in_between_are_of_one_currency(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    database, seen = world.data.database, []
    write = type(database).write

    def write_and_look(self: Any, job: Any) -> Any:
        result = write(self, job)
        seen.append(total(world))
        return result

    monkeypatch.setattr(type(database), "write", write_and_look)
    rebase(world.data, "EUR")
    turn = seen.index(IN_EUROS)
    assert set(seen[:turn]) == {IN_DOLLARS}
    assert set(seen[turn:]) == {IN_EUROS}
    assert len(seen) > turn + 2


def test_what_a_server_wrote_by_the_old_setup_is_found_by_the_same_words(world: World) -> None:
    stale = world.ground
    rebase(world.data, "EUR")
    world.clock.now = NOON + 2 * DAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "ground", stale)
        world.post(world.click(cost="5 USD"), payout="50", currency="USD")
    assert total(world)[5] == 2
    done = rebase(world.data, "EUR")
    assert (done.is_finishing, done.conversions, done.clicks) == (True, 1, 1)
    assert total(world)[2:] == ("320.681818", "13.35606", "307.325758", 0)


def test_a_file_that_names_another_base_currency_is_refused_once_there_is_money(world: World) -> None:
    with pytest.raises(BadInput, match=r"setup.toml:2: .* stand in it\. .*`tallyback rates rebase EUR`"):
        world.apply(small_setup(top='base_currency = "EUR"'))
    assert world.data.setup().owner.base_currency == "USD"


def test_before_there_is_money_a_file_may_name_any(tmp_path: Path) -> None:
    world = world_on(databases.without_rows("sqlite"), tmp_path)
    world.apply(small_setup())
    world.post(world.click(echo="http://127.0.0.1:9"), payout="30")
    world.click("summer")
    world.data.database.write(lambda c: c.execute(ClickRow.__table__.update().values(cost=None)))
    world.apply(small_setup(top='base_currency = "EUR"'))
    assert world.data.setup().owner.base_currency == "EUR"


RATE = st.decimals("0.001", "1000", places=4).filter(bool).map(lambda rate: format(rate, "f"))
AMOUNT = st.decimals("0", "999999", places=6).map(lambda amount: format(amount, "f"))
SALE = st.tuples(st.sampled_from(["USD", "EUR", "GBP", "CHF"]), AMOUNT, AMOUNT, st.integers(0, 2))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RATE, min_size=3, max_size=3), RATE, st.lists(SALE, min_size=1, max_size=8))
def test_there_and_back_is_as_it_was(euros: list[str], pound: str, sales: list[tuple[str, str, str, int]]) -> None:
    """Whatever the rates and the amounts; francs have no rate."""
    with tempfile.TemporaryDirectory() as folder:
        world = world_on(databases.without_rows("sqlite"), Path(folder))
        world.apply(small_setup())
        set_rate(world.data, "GBP", pound, "2026-03-02")
        for day, euro in enumerate(euros, start=1):
            set_rate(world.data, "EUR", euro, f"2026-03-0{day}")
        for currency, payout, cost, day in sales:
            world.clock.now = NOON + day * DAY
            world.post(world.click(cost=f"{cost} {currency}"), payout=payout, currency=currency)
        before, figures = frozen(world), total(world)
        rebase(world.data, "EUR", even_without=True)
        in_euros = total(world)
        rebase(world.data, "USD", even_without=True)
        assert (frozen(world), total(world)) == (before, figures)
        rebase(world.data, "EUR", even_without=True)
        assert total(world) == in_euros
