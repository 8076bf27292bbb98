"""`tallyback report`: tables, charts, filters, bad words; as CSV, whatever visitors said, each cell is a cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from server.api import setup
from server.api.data import open_data
from server.cli.main import main
from server.clock import DAY, HOUR
from server.domain.click_id import first_key
from server.setup.document import read_document
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, small_setup

Run = Callable[..., list[str]]
# Its cost and what it tells of itself: three clicks at noon, Sunday in Berlin, and one a day earlier.
CLICKS = (
    (0, 5_000_000, {"sub1": "a", "isp": "Foo, Inc."}),
    (HOUR, 2_000_000, {"sub1": "a", "isp": "Bar", "bot": "agent"}),
    (2 * HOUR, 1_000_000, {"sub1": None, "isp": None}),
    (-DAY, 4_000_000, {"sub1": "b", "isp": "Bar"}),
)
SUNDAY = ("--from", "2026-03-01", "--to", "2026-03-02")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    of_all = {"campaign_id": 1, "source_id": 1, "reason": "only_path", "cost_currency": "USD", "bot": None}
    rows = [{**of_all, "id": first_key(NOON + after), "cost": cost, **told} for after, cost, told in CLICKS]
    with open_data(str(tmp_path / "data")) as data:
        setup.apply(data, read_document(small_setup(top='timezone = "Europe/Berlin"'), "setup.toml"))
        data.database.write(lambda connection: connection.execute(insert(ClickRow), rows))
    return str(tmp_path / "data")


@pytest.fixture
def run(folder: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, status: int = 0) -> list[str]:
        assert main(["report", *words, "--data", folder]) == status
        printed = capsys.readouterr()
        return (printed.err if status else printed.out).splitlines()

    return run


def test_a_table_has_its_currency_a_total_and_says_whose_time_it_goes_by(run: Run) -> None:
    assert run("--by", "sub1", "--metrics", "clicks,cost,cpc,roi", *SUNDAY, "--sort", "cost", "--rising") == [
        "sub1   clicks  cost USD   cpc USD    roi %",
        "–           1      1.00      1.00  -100.00",
        "a           2      7.00      3.50  -100.00",
        "total       3      8.00  2.666667  -100.00",
        "By the time of the click, in Europe/Berlin from 2026-02-28T23:00:00.000Z to 2026-03-01T23:00:00.000Z.",
    ]


def test_a_comparison_has_each_value_before_and_its_change(run: Run) -> None:
    assert run("--by", "sub1", "--metrics", "cost", *SUNDAY, "--compare") == [
        "sub1   cost USD  cost before USD  cost change %",
        "a          7.00             0.00              –",
        "b          0.00             4.00        -100.00",
        "–          1.00             0.00              –",
        "total      8.00             4.00         100.00",
        "By the time of the click, in Europe/Berlin from 2026-02-28T23:00:00.000Z to 2026-03-01T23:00:00.000Z.",
        "Before: from 2026-02-27T23:00:00.000Z to 2026-02-28T23:00:00.000Z. A change of a percentage is in points.",
    ]


def test_a_chart_is_as_wide_as_the_terminal_and_below_zero_of_dashes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    words = ("--by", "sub1,bot", "--time", "conversion")
    assert run(*words, "--chart", "cost") == [
        "a · no   5.00  #########################",
        "a · yes  2.00  ##########",
        "b · no   4.00  ####################",
        "– · no   1.00  #####",
        "By the time of the conversion, in Europe/Berlin.",
    ]
    assert run(*words, "--chart", "profit", "--limit", "1") == [
        "a · no  -5.00  " + 25 * "-",
        "By the time of the conversion, in Europe/Berlin.",
        "Rows left out: 3. The total is of all.",
    ]
    assert run("--by", "campaign", "--chart", "epv")[0] == "summer  –"
    assert run("--by", "campaign", "--chart", "revenue")[0] == "summer  0.00"


@pytest.mark.parametrize(
    ("conditions", "clicks"),
    [
        (["sub1=A"], 2),
        (["sub1=a,b"], 3),
        (["sub1=a|b"], 3),
        (["sub1!=a"], 2),
        (["sub1!=a", "sub1!=b"], 1),
        (["sub1=–,b"], 2),  # what a table shows for none
        (["isp=Foo, Inc.|"], 1),
        (["isp=Bar", "sub1!=b"], 1),
        (["bot=yes"], 1),
        (["day=2026-03-01", "hour=13,14"], 2),
        (["status!=approved"], 4),
    ],
)
def test_filters_leave_in_and_leave_out(run: Run, conditions: list[str], clicks: int) -> None:
    words = [word for condition in conditions for word in ("--where", condition)]
    (row,) = run("--by", "campaign", "--json", *words)
    assert json.loads(row)["clicks"] == clicks


def test_what_is_cut_off_is_said_beside_rows_for_programs(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--by", "sub1", "--limit", "1", "--sort", "clicks", "--json", "--data", folder]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["sub1"] for line in printed.out.splitlines()] == ["a"]
    assert printed.err == "tallyback: Rows left out: 2. The total is of all.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "contry"), "There is no dimension contry. Did you mean country?"),
        (("--by", ","), "--by: A report has one to four dimensions. For example --by campaign,day."),
        (("--by", "day", "--tz", "Europe/Berln"), "--tz: Europe/Berln is no time zone. Did you mean Europe/Berlin?"),
        (
            ("--by", "day", "--from", "2026-03-02", "--to", "2026-03-01"),
            "--to: The end is not after the start. Swap --from and --to.",
        ),
        (("--by", "day", "--span", "last month", "--to", "1d"), "--span: A span has its own start and end."),
        (("--by", "day", "--span", "lst week"), "--span: lst week is no span of time. Did you mean last week?"),
        (("--by", "day", "--time", "clik"), "--time: clik is not known here. Did you mean click?"),
        (("--by", "day", "--metrics", "proft"), "There is no metric proft. Did you mean profit?"),
        (("--by", "day", "--metrics", ","), "--metrics: No metric is named."),
        (("--by", "day", "--chart", "proft"), "There is no metric proft. Did you mean profit?"),
        (("--by", "day", "--sort", "day"), "There is no metric day."),
        (("--by", "day", "--where", "sub1="), "--where: A filter by sub1 has no values. Write sub1=VALUE."),
        (("--by", "day", "--where", "bot!=,"), "--where: A filter by bot has no values. Write bot=yes."),
        (("--by", "day", "--where", "sub1"), "--where: sub1 is no condition. Write DIM=VALUE, DIM=A,B or DIM!=VALUE."),
        (("--by", "day", "--where", "sbu1=a"), "There is no dimension sbu1. Did you mean sub1?"),
        (("--by", "day", "--where", "sub1=a", "--where", "sub1=b"), "--where: sub1 is there twice. Write sub1=A,B."),
        (("--by", "day", "--where", "weekday=1 Mno"), "--where: No weekday is 1 Mno. Did you mean 1 Mon?"),
        (("--by", "day", "--compare", "--span", "today"), "--compare: No day lies in two periods"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    (line,) = run(*words, status=2)
    assert line.startswith(f"tallyback: {said}")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("a\r=cmd|'x'!A0", "a =cmd|'x'!A0"),
        ("a\r\n@SUM(1)", "a \n@SUM(1)"),
        ("a\n-1+1", "a\n-1+1"),
        ("\r+1+1", "' +1+1"),
        ('a"\r","b', 'a" ","b'),
    ],
)
def test_no_line_end_of_a_visitor_begins_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str, read: str
) -> None:
    click = {"id": first_key(NOON), "campaign_id": 1, "source_id": 1, "reason": "only_path", "sub1": said}
    folder = str(tmp_path / "data")
    with open_data(folder) as data:
        setup.apply(data, read_document(small_setup(), "setup.toml"))
        data.database.write(lambda connection: connection.execute(insert(ClickRow), [click]))
    assert main(["report", "--by", "sub1", "--csv", "--data", folder]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (row["sub1"], row["clicks"]) == (read, "1")
