"""`tallyback rates`: on a real data folder rates are entered, mend what had none, and the base currency goes and comes."""

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
from server.domain.click_id import first_key
from server.setup.document import read_document
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, small_setup

Run = Callable[..., list[str]]
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Three clicks of the first of March that cost a dollar, and two that cost a euro."""
    rows = [
        {
            "id": first_key(NOON + number),
            "campaign_id": 1,
            "source_id": 1,
            "reason": "only_path",
            "cost": 1_000_000,
            "cost_currency": "USD" if number < 3 else "EUR",
            "base_currency": None if number < 3 else "USD",
        }
        for number in range(5)
    ]
    with open_data(str(tmp_path / "data")) as data:
        setup.apply(data, read_document(small_setup(), "setup.toml"))
        data.database.write(lambda connection: connection.execute(insert(ClickRow), rows))
    return str(tmp_path / "data")


@pytest.fixture
def run(folder: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, status: int = 0) -> list[str]:
        assert main([*words, "--data", folder]) == status
        printed = capsys.readouterr()
        return (printed.out or printed.err).splitlines()

    return run


def rows(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def cost(run: Run) -> tuple[str, int]:
    (row,) = rows(run("report", "--by", "campaign", "--json"))
    return row["cost"], row["without_rate"]


def test_a_rate_is_looked_at_entered_listed_and_removed(run: Run) -> None:
    (line,) = run("rates", status=1)
    assert line.startswith("There is no rate.")
    assert cost(run) == ("3.00", 2)
    words = ("rates", "set", "EUR", "1.25", "--day", "2026-03-01")
    assert run(*words, "--dry-run") == [
        "1 rates of 2026-03-01: 1 would be new, 0 would be changed.",
        "0 conversions, 2 clicks and 0 corrections of cost would come to an amount in USD; nothing was changed.",
    ]
    assert cost(run) == ("3.00", 2)
    assert run(*words) == [
        "1 rates of 2026-03-01: 1 new, 0 changed.",
        "0 conversions, 2 clicks and 0 corrections of cost came to an amount in USD.",
    ]
    assert cost(run) == ("5.50", 0)
    assert run("rates") == [
        "day         currency  rate  base currency  origin",
        "2026-03-01  EUR       1.25  USD            entered",
    ]
    (line,) = run("rates", "remove", "2026-03-01", "EUR")
    assert line == "The rate of EUR on 2026-03-01 is gone. What was frozen by it stands."
    assert cost(run) == ("5.50", 0)
    assert run("rates", "--currency", "EUR", "--json", status=1) == []


def test_what_lacks_a_rate_is_named_by_its_day(run: Run) -> None:
    assert run("rates", "mend", "--dry-run")[1:] == [
        "Without a rate from EUR to USD on 2026-03-01: 0 conversions, 2 clicks."
    ]
    (found,) = rows(run("rates", "mend", "--json"))
    assert found["lacking"] == [{"day": "2026-03-01", "currency": "EUR", "conversions": 0, "clicks": 2}]


def test_the_banks_saved_file_is_taken(run: Run) -> None:
    assert run("rates", "fetch", "--file", str(DATA / "ecb.xml"))[:2] == [
        "6 rates of 2026-02-27 to 2026-03-02: 6 new, 0 changed.",
        "0 conversions, 2 clicks and 0 corrections of cost came to an amount in USD.",
    ]
    assert cost(run) == ("5.1536", 0)  # of the Friday before
    assert len(rows(run("rates", "--from", "2026-03-01", "--to", "2026-03-02", "--json"))) == 3


def test_a_file_is_imported_by_its_own_decimal_mark(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("Day;Currency;Rate\n2026-03-01;EUR;1,25\n")
    (line,) = run("rates", "import", str(tmp_path / "rates.csv"), status=2)
    assert line.startswith(f"tallyback: {tmp_path}/rates.csv: line 2: 1,25 is no rate; write 1.0832.")
    run("rates", "import", str(tmp_path / "rates.csv"), "--decimal", "comma")
    assert cost(run) == ("5.50", 0)
    run("rates", "set", "EUR", "2", "--day", "2026-03-01")
    assert cost(run) == ("5.50", 0)
    assert run("rates", "mend", "--again", "--dry-run") == [
        "0 conversions, 2 clicks and 0 corrections of cost would be looked up again in USD."
    ]
    run("rates", "mend", "--again")
    assert cost(run) == ("7.00", 0)


def test_the_base_currency_goes_and_comes(run: Run, folder: str, tmp_path: Path) -> None:
    run("rates", "set", "EUR", "1.25", "--day", "2026-03-01")
    (tmp_path / "setup.toml").write_text('timezone = "UTC"\nbase_currency = "EUR"\n')
    for dry in ((), ("--dry-run",)):
        (line,) = run("apply", str(tmp_path / "setup.toml"), *dry, status=2)
        assert "setup.toml:2: The base currency is USD, and conversions and costs stand in it." in line
        assert "`tallyback rates rebase EUR`" in line
    looked = run("rates", "rebase", "EUR", "--dry-run")
    assert looked[0].startswith("0 conversions, 3 clicks and 0 corrections of cost would be given an amount in EUR")
    assert looked[-1] == "Nothing was changed. Back again: `tallyback rates rebase USD`."
    assert cost(run) == ("5.50", 0)
    done = run("rates", "rebase", "EUR")
    assert done[1] == "They mean USD without a word, and now name it: network other, campaign summer"
    assert done[-1] == "The base currency is EUR. `tallyback rates rebase USD` brings back what was frozen in USD."
    assert cost(run) == ("4.40", 0)
    assert run("rates", "rebase", "EUR") == ["The base currency is EUR; 0 conversions and 0 clicks were left over."]
    run("rates", "rebase", "USD")
    assert cost(run) == ("5.50", 0)


def test_it_is_refused_where_a_rate_lacks(run: Run) -> None:
    (line,) = run("rates", "rebase", "GBP", status=2)
    assert line.startswith(
        "tallyback: 0 conversions and 5 clicks in EUR, USD on 2026-03-01 would have no amount in GBP."
    )
    run("rates", "rebase", "GBP", "--even-without")
    assert cost(run) == ("0.00", 5)
    run("rates", "rebase", "USD", "--even-without")
    assert cost(run) == ("3.00", 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sett", "EUR", "1"), "rates: sett is not known here. Did you mean set?"),
        (("set", "EUR"), "set takes 2 words after it. Write tallyback rates set CURRENCY RATE."),
        (("fetch", "now"), "fetch takes no words after it."),
        (("set", "EUR", "1", "--again"), "--again: It means nothing for set. Leave it out."),
        (("--day", "2026-03-01"), "--day: It means nothing for a list."),
        (("--from", "yesterday"), "yesterday is no day. Write 2026-03-01."),
        (("rebase", "EURO"), "EURO is no currency. Did you mean EUR?"),
        (("fetch", "--file", "none.xml"), "none.xml: The file cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    (line,) = run("rates", *words, status=2)
    assert says in line
