"""The parts of the bench, each for a moment: what it measures is right, whatever this machine's figures are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.api import lists
from server.api.data import open_data
from server.api.evidence import evidence
from server.api.lists import Filters
from server.api.reports import report
from server.domain.moment import iso
from server.errors import BadInput
from server.storage import dialect
from tests.bench import books, figures, servers
from tests.bench.desktop import opened
from tests.bench.figures import Figure
from tests.bench.fill import fill, is_filled
from tests.bench.generator import ROOT, Generator, work_of
from tests.bench.load import Load
from tests.bench.measured import Measured
from tests.bench.rounds import Plan, Round, one_round
from tests.bench.servers import Served, ServerFailed, serving

MOMENT = Plan(Generator("ours"), seconds=0.1, warm_up_s=0.05)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("bare Waitress", servers.bare(), tmp_path_factory.mktemp("bare") / "log") as served:
        yield served


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full") / "data"
    fill(folder, 6000, 400)
    return folder


def test_our_generator_counts_what_was_answered_and_how_long_it_took(bare: Served, tmp_path: Path) -> None:
    work = work_of(tmp_path / "targets", books.click_targets(), 302)
    measured = Generator("ours").drive(bare.url, work, 8, 0.2)
    assert measured.errors == 0
    assert measured.answered > 8
    assert measured.rate == pytest.approx(measured.answered / 0.2, rel=0.5)
    assert 0 < measured.p50 <= measured.p99 <= measured.p999 <= measured.longest


def test_a_wrong_status_is_an_error(bare: Served) -> None:
    measured = Load(bare.url, ["/c/summer?ext="], 200, "r").drive(2, 0.05)
    assert measured.errors == measured.answered > 0


def test_no_two_requests_are_the_same() -> None:
    load = Load("http://127.0.0.1:1", ["/a?x=", "/b?x="], 302, "run")
    lines = [next(load._requests).split(b" ")[1] for _ in range(5)]
    assert lines == [b"/a?x=run-1", b"/b?x=run-2", b"/a?x=run-3", b"/b?x=run-4", b"/a?x=run-5"]


@pytest.fixture(scope="module")
def measured_round(tmp_path_factory: pytest.TempPathFactory) -> Round:
    return one_round(tmp_path_factory.mktemp("round"), MOMENT)


def test_a_round_measures_everything_that_is_asked_of_it(measured_round: Round) -> None:
    found = figures.of_rounds([measured_round])
    made = json.loads(json.dumps(figures.as_json(found, 1)))
    assert made["rounds"] == 1
    assert [*made["click"]] == [*made["p99_over_bare"]] == ["1", "8", "32", "128"]
    assert {"click_over_orm", "postback_over_bare", "busy_desktop", "bytes_per_click"} <= made.keys()
    assert 100 < made["bytes_per_click"] < 5000
    assert ("rss_mb" in made) is (sys.platform == "linux")
    assert all(figure.median > 0 for figure in found)
    assert len(figures.rates([measured_round])) == 13


def test_a_row_that_was_answered_and_is_not_there_ends_the_bench(full: Path) -> None:
    since = books.Marks(0, 0, 0)
    books.must_hold(full, since, 6000, 400)
    with pytest.raises(ServerFailed, match="1 of 6001 answered requests left no row in click"):
        books.must_hold(full, since, 6001, 400)


def test_a_median_is_held_against_what_is_asked() -> None:
    figure = Figure(("a",), "rate", [1.0, 5.0, 2.0], must=1.5, aim=4.0)
    assert (figure.median, figure.is_missed) == (2.0, False)
    line = " ".join(figure.line().split())
    assert line == "rate 2.00 x [1.00 - 5.00] asked >= 1.5: met, aim >= 4: MISSED"
    assert Figure(("b",), "memory", [130.0], must=120, is_limit=True, unit="MB").is_missed
    assert figures.as_json([figure, Figure(("c", "32"), "x", [1.0])], 3) == {"a": 2.0, "c": {"32": 1.0}, "rounds": 3}


def test_growth_compares_large_with_small_in_the_same_round() -> None:
    slow, fast = (Measured(1, rate, 1, 1, 1, 1, 0) for rate in (90.0, 100.0))
    pair = (figures.Grown(click=fast, postback=fast), figures.Grown(click=slow, postback=slow))
    assert [figure.median for figure in figures.of_growth([pair], 1000)] == [0.9, 0.9]


# -- a filled folder -----------------------------------------------------------------------------------------------------


def test_a_filled_folder_is_sound_and_owes_nobody_anything(full: Path) -> None:
    assert is_filled(full)
    with closing(dialect.driver().connect(str(full / "tallyback.db"))) as connection:
        one = lambda query: connection.execute(query).fetchone()[0]  # noqa: E731
        assert one("PRAGMA integrity_check") == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert (one("SELECT count(*) FROM click"), one("SELECT count(*) FROM conversion")) == (6000, 400)
        assert one("SELECT count(*) FROM relay WHERE state NOT IN ('delivered', 'skipped')") == 0
        assert one("SELECT count(*) FROM postback") == one("SELECT count(*) FROM entry") >= 400
        assert one("SELECT count(DISTINCT external_id) FROM click") == 6000


def test_a_copied_click_has_a_whole_story_of_its_own(full: Path) -> None:
    with open_data(str(full)) as data:
        sold = [row["click"] for row in lists.conversions(data, Filters(limit=5))]
        chains = [evidence(data, click) for click in sold]
        now = data.clock()
    assert len({chain["click"]["external_id"] for chain in chains}) == 5
    for click, chain in zip(sold, chains, strict=True):
        relays = [relay for relay in chain["relays"] if relay["state"] == "delivered"]
        assert click in chain["click"]["destination"]
        assert click in chain["postbacks"][0]["query"]
        assert chain["conversions"][0]["txn_id"] in chain["postbacks"][0]["query"]
        for relay in relays:
            (attempt,) = relay["history"]
            assert f"visitor={chain['click']['external_id']}&" in attempt["url"]
            assert attempt["headers"]["Idempotency-Key"] == relay["key"]
            assert attempt["time"] < iso(now)
    assert sum(relay["state"] == "delivered" for chain in chains for relay in chain["relays"]) > 0


def test_the_reports_count_what_was_filled(full: Path) -> None:
    with open_data(str(full)) as data:
        rows = report(data, ["campaign"]).rows
    assert sum(row["clicks"] for row in rows) == 6000


def test_a_folder_with_clicks_and_one_with_too_few_asked_for_are_left_alone(full: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds clicks already"):
        fill(full, 1000, 0)
    with pytest.raises(BadInput, match="cannot be filled"):
        fill(tmp_path / "new", 10, 0)
    assert not (tmp_path / "new").exists()


def test_what_goes_wrong_is_told_in_one_line(full: Path) -> None:
    line = [sys.executable, "-m", "tests.bench", "fill", str(full)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"bench: {full}: This folder holds clicks already.")
    assert done.stderr.count("\n") == 1


def test_the_desktop_opens_on_a_full_folder_and_is_watched_while_it_is_used(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PySide6")
    monkeypatch.setitem(os.environ, "QT_QPA_PLATFORM", "offscreen")
    told = opened(full, is_used=True)
    assert 0 < told["up"] <= told["filled"]
    assert (
        told["holds"].keys()
        == told["worked"].keys()
        == told["took"].keys()
        >= {"scrolling by wheel", "opening evidence"}
    )
    assert all(held > 0 for held in told["holds"].values())
