"""Rates as they are stored, and how the line finds them: the latest of a day, either way, or through a third."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from server.domain.rates import Rate
from server.pipeline.values import Rates
from server.storage import rates
from server.storage.database import Database
from tests.pipeline.world import NOON
from tests.storage import databases


@pytest.fixture(params=databases.KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    return databases.without_rows(str(request.param))


def put(database: Database, *lines: tuple[str, str, str, str]) -> None:
    found = [Rate(day, currency, base, rate, "entered") for day, currency, base, rate in lines]
    database.write(lambda connection: rates.put(connection, found))


def found(database: Database, own: str, wanted: str, through: str | None = None) -> str | None:
    with database.read() as connection:
        rate = Rates(connection, through).of(NOON)(own, wanted)  # the first of March
    return None if rate is None else str(rate)


def test_the_latest_up_to_the_day_counts_whichever_way_it_leads(database: Database) -> None:
    put(database, ("2026-02-01", "EUR", "USD", "1.1"), ("2026-03-02", "EUR", "USD", "9"))
    assert (found(database, "EUR", "USD"), found(database, "USD", "EUR")) == ("1.1", "0.909090909091")
    put(database, ("2026-02-02", "USD", "EUR", "0.8"))
    assert (found(database, "EUR", "USD"), found(database, "USD", "EUR")) == ("1.25", "0.8")
    put(database, ("2026-02-02", "EUR", "USD", "1.2"))
    assert (found(database, "EUR", "USD"), found(database, "USD", "EUR")) == ("1.2", "0.8")
    assert found(database, "GBP", "USD") is None


def test_two_are_crossed_through_a_third_where_they_have_none(database: Database) -> None:
    put(database, ("2026-03-01", "EUR", "USD", "1.2"), ("2026-03-01", "GBP", "USD", "1.5"))
    assert found(database, "GBP", "EUR") is None
    assert found(database, "GBP", "EUR", "USD") == "1.25000000000"
    assert found(database, "CHF", "EUR", "USD") is None


def test_the_same_day_and_pair_is_one(database: Database) -> None:
    put(database, ("2026-03-01", "EUR", "USD", "1.2"))
    put(database, ("2026-03-01", "EUR", "USD", "1.3"), ("2026-03-01", "EUR", "GBP", "0.9"))
    with database.read() as connection:
        assert [(one.base, one.rate) for one in rates.listed(connection)] == [("GBP", "0.9"), ("USD", "1.3")]
        assert rates.first_days(connection, "EUR") == {"USD": "2026-03-01", "GBP": "2026-03-01"}
        asked = [Rate("2026-03-01", "EUR", "USD", "?", ""), Rate("2026-03-02", "EUR", "USD", "?", "")]
        assert rates.known(connection, asked) == {("2026-03-01", "EUR", "USD"): "1.3"}
    assert database.write(lambda c: [rates.remove(c, "2026-03-01", "EUR", "USD") for _ in range(2)]) == [True, False]


def test_the_index_finds_a_rate_among_many() -> None:
    """A currency without a rate must not cost a look at all of them."""
    database = databases.without_rows("sqlite")
    with database.read() as connection:
        plan = connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT rate FROM rate WHERE currency = 'CHF' AND base_currency = 'USD'"
                " AND day <= '2026-03-01' ORDER BY day DESC LIMIT 1"
            )
        ).all()
    assert [row.detail for row in plan] == [
        "SEARCH rate USING INDEX ix_rate_currency_base_currency_day (currency=? AND base_currency=? AND day<?)"
    ]
