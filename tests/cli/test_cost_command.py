"""`tallyback cost`: a bill is previewed, spread, seen, listed and undone on a real data folder, or refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from server.api import setup
from server.api.data import open_data
from server.cli.main import main
from server.clock import SECOND
from server.domain.click_id import first_key
from server.setup.document import read_document
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, small_setup

Run = Callable[..., list[str]]
MARCH = ("--from", "2026-03-01", "--to", "2026-03-02")  # the owner lives in Kathmandu


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Ten clicks at noon of the first of March, a second apart: four of zone a, six of zone b."""
    rows = [
        {
            "id": first_key(NOON + number * SECOND),
            "campaign_id": 1,
            "source_id": 1,
            "reason": "only_path",
            "cost": 10_000,
            "cost_currency": "USD",
            "sub1": "a" if number < 4 else "b",
        }
        for number in range(10)
    ]
    with open_data(str(tmp_path / "data")) as data:
        text = small_setup(top='timezone = "Asia/Kathmandu"')
        setup.apply(data, read_document(text, "setup.toml"))
        data.database.write(lambda connection: connection.execute(insert(ClickRow), rows))
    return str(tmp_path / "data")


@pytest.fixture
def run(folder: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, status: int = 0) -> list[str]:
        assert main([*words, "--data", folder]) == status
        printed = capsys.readouterr()
        return (printed.err if status else printed.out).splitlines()

    return run


def rows(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def cost(run: Run) -> str:
    (row,) = rows(run("report", "--by", "campaign", "--json"))
    return str(row["cost"])


def test_a_bill_is_looked_at_spread_seen_listed_and_undone(run: Run) -> None:
    assert run("cost", "summer") == ["The cost of summer was never corrected."]
    bill = ("cost", "summer", *MARCH, "--total", "120.50")
    period = "from 2026-02-28T18:15:00.000Z to 2026-03-01T18:15:00.000Z; before it 0.10 USD."
    assert run(*bill, "--dry-run") == [f"10 clicks would cost 120.50 USD {period}"]
    assert cost(run) == "0.10"
    assert run(*bill, "--note", "invoice 7") == [f"Correction 1: 10 clicks cost 120.50 USD {period}"]
    assert cost(run) == "120.50"
    shown = rows(run("clicks", "--json"))
    assert {(row["cost"], row["currency"], row["original_cost"]) for row in shown} == {("12.05", "USD", "0.01")}
    (chain,) = rows(run("evidence", shown[0]["id"], "--json"))
    assert (chain["click"]["cost"], chain["click"]["original_cost"]) == ("12.05", "0.01")
    (listed,) = rows(run("cost", "summer", "--json"))
    assert (listed["note"], listed["cost_before"], listed["undone"]) == ("invoice 7", "0.10", None)
    assert "invoice 7" in "\n".join(run("cost", "summer"))
    assert run("cost", "summer", "--undo") == ["Correction 1 is undone: 10 clicks cost again what they did without it."]
    assert cost(run) == "0.10"
    (listed,) = rows(run("cost", "summer", "--json"))
    assert listed["undone"] is not None


def test_a_bill_of_one_zone_by_the_time_of_day_and_another_that_is_undone_by_number(run: Run) -> None:
    of_a = ("cost", "summer", "--where", "sub1=a", "--total", "8", "--json")
    assert rows(run(*of_a, "--from", "2026-03-01T17:45:02", "--to", "2026-03-01T18:00"))[0]["clicks"] == 2
    assert cost(run) == "8.08"
    run("cost", "summer", *MARCH, "--total", "1")
    assert cost(run) == "1.00"
    run("cost", "summer", "--undo", "2")
    assert cost(run) == "8.08"


def test_a_period_up_to_now_takes_its_last_clicks_too(run: Run) -> None:
    (found,) = rows(run("cost", "summer", "--from", "2026-03-01", "--total", "5", "--json"))
    assert found["clicks"] == 10
    (found,) = rows(run("cost", "summer", "--from", "2026-03-01", "--to", "2099-01-01", "--total", "6", "--json"))
    assert found["to"] < "2099"


REFUSED = [
    (("--total", "1"), "--from: A correction needs its period."),
    ((*MARCH, "--total", "1,234"), "--total: 1,234 is no amount."),
    ((*MARCH, "--total", "-5"), "--total: -5 is no amount."),
    ((*MARCH, "--total", "5 EUR"), "--total: 5 EUR is no amount. Write 120.50, and --currency EUR."),
    ((*MARCH, "--total", "5", "--currency", "EURO"), "EURO is no currency."),
    ((*MARCH, "--total", "5", "--where", "country=DE"), "A bill cannot be narrowed to country."),
    ((*MARCH, "--total", "5", "--where", "sub1"), "--where: sub1 is no condition."),
    (("--from", "2026-03-02", "--to", "2026-03-01", "--total", "5"), "The end is not after the start."),
    (("--from", "soon", "--total", "5"), "--from: soon is no time."),
    (("--undo", "7"), "No correction of campaign summer is to be undone."),
    (("--from", "2026-03-01"), "--from: It means nothing for a list."),
    (("--undo", "--total", "5"), "--total: It means nothing for --undo."),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_cannot_be_done_is_refused_in_one_line(
    folder: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert main(["cost", "summer", *words, "--data", folder]) in (1, 2)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"tallyback: {said}")
    assert printed.err.count("\n") == 1


def test_a_period_without_clicks_is_refused_and_nothing_is_kept(run: Run) -> None:
    (line,) = run("cost", "summer", "--from", "2026-01-01", "--to", "2026-02-01", "--total", "9", status=1)
    assert line.startswith("tallyback: Campaign summer has no click from 2025-12-31T18:15:00.000Z to ")
    assert line.endswith("See where it has some with `tallyback report --by day --where campaign=summer`.")
    (line,) = run("cost", "summer", *MARCH, "--where", "sub2=x", "--total", "9", "--dry-run", status=1)
    assert "with sub2 x" in line
    (line,) = run("cost", "sumer", *MARCH, "--total", "9", status=2)
    assert line == "tallyback: There is no campaign sumer. Did you mean summer?"
    assert run("cost", "summer", "--json") == []


def test_what_is_undone_is_not_undone_again(run: Run) -> None:
    run("cost", "summer", *MARCH, "--total", "9")
    run("cost", "summer", *MARCH, "--total", "8")
    run("cost", "summer", "--undo", "1")
    assert run("cost", "summer", "--undo", "1", status=1) == ["tallyback: Correction 1 is undone already."]
    (line,) = run("cost", "summer", "--undo", "5", status=2)
    assert line == "tallyback: Campaign summer has no correction 5. See them with `tallyback cost summer`."
    assert cost(run) == "8.00"
