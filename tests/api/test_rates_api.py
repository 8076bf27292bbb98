"""Rates are listed, set, imported whole or not at all, fetched when asked for, and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.api import rates
from server.domain.rate_files import ECB
from server.errors import BadInput, NothingMatched
from tests.pipeline.world import World, small_setup, world_on
from tests.storage import databases

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(params=databases.KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    world = world_on(databases.without_rows(str(request.param)), tmp_path)
    world.apply(small_setup(top='currencies = ["USDT"]'))
    return world


def shown(world: World, *filters: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rates.listed(world.data, *filters)]


def imported(world: World, tmp_path: Path, text: str, **more: Any) -> rates.Stored:
    file = tmp_path / "rates.csv"
    file.write_text(text, encoding="utf-8")
    return rates.import_file(world.data, str(file), **more)


def test_they_are_listed_newest_day_first_by_currency_and_days(world: World) -> None:
    for day, currency, rate in (("02-28", "EUR", "1.10"), ("03-01", "USDT", "0.999"), ("03-02", "EUR", "1.0832")):
        rates.set_rate(world.data, currency, rate, f"2026-{day}")
    assert shown(world) == [
        ("2026-03-02", "EUR", "1.0832", "USD", "entered"),
        ("2026-03-01", "USDT", "0.999", "USD", "entered"),
        ("2026-02-28", "EUR", "1.10", "USD", "entered"),
    ]
    assert [row[0] for row in shown(world, "eur", "2026-03-01", None)] == ["2026-03-02"]
    assert [row[0] for row in shown(world, None, "2026-03-01", "2026-03-01")] == ["2026-03-01"]


def test_the_last_word_counts_and_today_is_the_day_where_none_is_said(world: World) -> None:
    first = rates.set_rate(world.data, "EUR", "1.1")
    again = rates.set_rate(world.data, "EUR", "1.10")
    other = rates.set_rate(world.data, "EUR", "1.2")
    assert [(one.new, one.changed) for one in (first, again, other)] == [(1, 0), (0, 0), (0, 1)]
    assert shown(world) == [("2026-03-01", "EUR", "1.2", "USD", "entered")]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("EURO", "1"), "EURO is no currency. Did you mean EUR?"),
        (("USD", "1"), "USD is your base currency, and needs no rate."),
        (("EUR", "1,08"), "1,08 is no rate. Write what one EUR is worth in USD: 1.0832."),
        (("EUR", "0"), "0 is no rate."),
        (("EUR", "1", "1.3.2026"), "1.3.2026 is no day. Write 2026-03-01."),
    ],
)
def test_what_is_no_rate_is_refused(world: World, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        rates.set_rate(world.data, *words)
    assert says in str(refused.value)
    assert shown(world) == []


def test_one_is_removed(world: World) -> None:
    rates.set_rate(world.data, "EUR", "1.1", "2026-03-01")
    assert rates.remove(world.data, "2026-03-01", "EUR") == {
        "day": "2026-03-01",
        "currency": "EUR",
        "base_currency": "USD",
    }
    with pytest.raises(NothingMatched, match="no rate of EUR in USD on 2026-03-01"):
        rates.remove(world.data, "2026-03-01", "EUR")


def test_a_file_is_looked_at_and_stored(world: World, tmp_path: Path) -> None:
    rates.set_rate(world.data, "EUR", "1.1", "2026-03-01")
    world.post(world.click(), payout="10", currency="GBP")
    text = "day;currency;rate\n2026-03-01;EUR;1,2\n2026-03-01;GBP;1,5\n"
    looked = imported(world, tmp_path, text, mark=",", is_preview=True)
    assert (looked.rates, looked.new, looked.changed, looked.mended.conversions) == (2, 1, 1, 1)
    assert len(shown(world)) == 1
    done = imported(world, tmp_path, text, mark=",")
    assert done == looked
    assert shown(world) == [
        ("2026-03-01", "EUR", "1.2", "USD", "imported"),
        ("2026-03-01", "GBP", "1.5", "USD", "imported"),
    ]
    assert world.conversion()["payout_base"] == "15.00"


def test_a_file_with_bad_lines_stores_nothing_and_names_them(world: World, tmp_path: Path) -> None:
    lines = ["day,currency,rate", "2026-03-01,EUR,1.1", *["2026-03-01,EUR,x"] * 12]
    with pytest.raises(BadInput) as refused:
        imported(world, tmp_path, "\n".join(lines))
    said = str(refused.value)
    assert "line 3: x is no rate; write 1.0832; line 4:" in said
    assert "line 12: x is no rate; write 1.0832; and 2 more." in said
    assert "\n" not in said
    assert shown(world) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"day,currency,rate\n\xff", "It is no UTF-8 text."),
        (b"", "There is no rate into USD in it."),
        (b"day;currency;rate\n2026-03-01;EUR;1,1", "add --decimal comma"),
    ],
)
def test_what_is_no_file_of_rates_is_refused(world: World, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "rates.csv").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        rates.import_file(world.data, str(tmp_path / "rates.csv"))
    assert says in str(refused.value)


def test_a_file_that_is_not_there(world: World, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The file cannot be read: No such file"):
        rates.import_file(world.data, str(tmp_path / "none.csv"))


def test_more_than_one_transaction_takes(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.rates._TOGETHER", 7)
    lines = [f"2026-03-{day:02d},{code},1.5" for day in range(1, 29) for code in ("EUR", "GBP", "CHF")]
    assert imported(world, tmp_path, "\n".join(["day,currency,rate", *lines])).new == 84
    assert len(shown(world)) == 84


def test_the_banks_file_is_fetched_from_its_own_site(world: World) -> None:
    asked = []

    def get(url: str, most: int) -> bytes:
        asked.append((url, most))
        return (DATA / "ecb.xml").read_bytes()

    stored = rates.fetch(world.data, get=get)
    assert (stored.rates, stored.first_day, stored.last_day) == (6, "2026-02-27", "2026-03-02")
    rates.fetch(world.data, "day", get=get)
    site = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref"
    assert asked == [(f"{site}-hist-90d.xml", 4 * 1024 * 1024), (f"{site}-daily.xml", 4 * 1024 * 1024)]
    assert shown(world, "EUR") == [
        ("2026-03-02", "EUR", "1.0800", "USD", ECB),
        ("2026-02-27", "EUR", "1.0768", "USD", ECB),
    ]


def test_a_saved_file_is_taken_instead_and_nothing_is_fetched(world: World) -> None:
    def get(url: str, most: int) -> bytes:
        raise AssertionError(url)

    assert rates.fetch(world.data, file=str(DATA / "ecb.csv"), get=get).new == 6
    assert [row[2] for row in shown(world, "GBP")] == ["1.25", "1.24991294254"]
