"""`tallyback demo` as a stranger runs it: it ends by itself, balances, and keeps what it is told to keep."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.domain.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent


def demo(*words: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", "demo", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )


def test_a_short_run_balances_and_leaves_nothing_behind(tmp_path):
    started = time.monotonic()
    done = demo("--for", "3s", "--json", temporary=tmp_path)
    assert time.monotonic() - started < 25
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    (line,) = done.stdout.splitlines()
    books = json.loads(line)
    assert books["balanced"] is True
    assert books["differences"] == []
    figures = books["books"]
    assert all(figure["sent"] == figure["counted"] for figure in figures.values())
    assert figures["clicks"]["counted"] > 20
    assert float(figures["cost"]["counted"]) > 0
    assert float(figures["revenue_by_report"]["counted"]) > 0
    assert figures["relays_delivered"]["counted"] > 5
    assert figures["attempts"]["counted"] > figures["relays_delivered"]["counted"], "some were refused at first"
    assert list(tmp_path.iterdir()) == []


def test_all_outcomes_come_about_and_the_data_is_kept(tmp_path):
    kept = tmp_path / "kept data"
    done = demo("--for", "4s", "--rate", "30", "--keep", str(kept), temporary=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "The books balance." in done.stdout
    lines = done.stdout.splitlines()
    assert all(any(f" {outcome} " in line for line in lines) for outcome in Outcome if outcome != "test")
    assert lines[-1].startswith("  tallyback evidence ")
    click_id = lines[-1].split()[2]
    shown = subprocess.run(
        [sys.executable, "-m", "server", "evidence", click_id, "--data", str(kept), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(shown.stdout)["click"]["id"] == click_id


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--for", "soon"], "is no time"),
        (["--for", "0"], "is no time"),
        (["--for", "11m"], "is no time"),
        (["--rate", "0"], "--rate"),
        (["--data", "/srv/mine"], "throw-away"),
        (["--database", "postgresql+psycopg://localhost/mine"], "throw-away"),
        (["--keep", str(ROOT)], "not empty"),
        (["--keep", str(ROOT / "run.py")], "cannot be kept"),
    ],
)
def test_what_it_cannot_do_is_refused_in_one_line(tmp_path, words, says):
    done = demo(*words, temporary=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that can be caught")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_ended_takes_its_server_and_its_folder_with_it(tmp_path, number, status):
    running = subprocess.Popen(
        [sys.executable, "-m", "server", "demo", "--for", "60s"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    assert running.stdout is not None
    assert "running" in running.stdout.readline()  # the first look: the server is up
    running.send_signal(number)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == status
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
