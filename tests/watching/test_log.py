"""The server's log: one JSON object a line, nothing forged, nothing secret, nothing that holds anybody up."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.domain.things import Network, Setup
from server.log import MOST_ALIKE, ServerLog
from tests.loop import running
from tests.watching.full_disk import full_disk

log = logging.getLogger("server.test")
FORGED = '\n{"time":"2026-01-01","level":"error","event":"forged"}\r\n'
HOSTILE = (FORGED, "\x1b[31m red \x07", "\u202egnp.exe", "\u2028\u2029\x85", "lone \ud800 one", "\x00\x7f", '"},"x":{"')


def lines(folder: Path) -> list[dict[str, Any]]:
    raw = (folder / "tallyback.log").read_bytes()
    assert raw.endswith(b"\n")
    assert raw.isascii()
    assert not any((byte < 32 and byte != 10) or byte == 127 for byte in raw)
    return [json.loads(line) for line in raw.splitlines()]


def fault_of(words: str) -> ValueError:
    try:
        int("no number")
    except ValueError as error:
        error.args = (words,)
        return error
    raise AssertionError


@contextmanager
def logging_to(folder: Path, setup: Setup | None = None) -> Iterator[ServerLog]:
    with ServerLog() as server_log:
        server_log.keep_in(folder / "tallyback.log", lambda: setup or Setup())
        yield server_log


def test_a_line_says_when_where_how_bad_and_what(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        log.info("the %s listens", "server", extra={"fields": {"url": "http://x", "pid": 7}})
    (line,) = lines(tmp_path)
    assert line.pop("time").endswith("Z")
    where = line.pop("where")
    assert where.startswith("server.test:")
    assert line == {"level": "info", "event": "the server listens", "url": "http://x", "pid": 7}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_from_outside_breaks_no_line_and_forges_none(
    tmp_path: Path, hostile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(tmp_path):
        log.warning("it said %s", hostile, extra={"fields": {"said": hostile}})
        log.error("a fault at %s", hostile, exc_info=fault_of(hostile))
    first, second = lines(tmp_path)
    assert (first["event"], first["said"]) == (f"it said {hostile}", hostile)
    assert hostile.strip() in second["traceback"].replace("\\ud800", "\ud800")
    for_a_person = capsys.readouterr().err
    assert for_a_person.count("\n") == 2
    assert all(sign.isprintable() for sign in for_a_person.replace("\n", ""))
    assert for_a_person.endswith(" (Traceback in the log)\n")


def test_a_traceback_is_one_field_and_words_that_do_not_fit_are_told_all_the_same(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        log.warning("%d clicks", "many")
        try:
            {}["missing"]
        except KeyError:
            log.exception("a fault")
    first, second = lines(tmp_path)
    assert first["event"] == "%d clicks ('many',)"
    assert second["error"] == "KeyError: 'missing'"
    assert second["traceback"].startswith("Traceback (most recent call last)")


def test_what_is_said_again_and_again_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(tmp_path):
        for number in range(MOST_ALIKE + 312):
            log.warning("once more: %d", number)
        log.warning("something else")
    told = lines(tmp_path)
    assert len(told) == MOST_ALIKE + 2
    assert [line["repeated"] for line in told if "repeated" in line] == [312]
    assert f"once more: {MOST_ALIKE + 311} (and 312 more like this)" in capsys.readouterr().err


def test_a_secret_is_cut_out_and_one_that_was_changed_stays_so(tmp_path: Path) -> None:
    setups = [Setup(networks={"n": Network("n", token="canary-one")})]
    with ServerLog() as server_log:
        server_log.keep_in(tmp_path / "tallyback.log", lambda: setups[-1])
        log.warning("with %s", "canary-one", extra={"fields": {"url": "/p/n?x=canary-one&y=203.0.113.9"}})
        setups.append(Setup(networks={"n": Network("n", token="canary-two")}))
        log.error("a fault", exc_info=fault_of("canary-one canary-two"))
    assert "canary" not in (tmp_path / "tallyback.log").read_text()
    assert lines(tmp_path)[0]["url"] == "/p/n?x=***&y=203.0.113.0/24"


def test_other_libraries_tell_only_what_is_wrong(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        logging.getLogger("httpx").info("HTTP Request: GET https://ad.example/?token=x")
        logging.getLogger("httpx").warning("a warning")
    assert [line["event"] for line in lines(tmp_path)] == ["a warning"]


def test_a_thread_that_ends_by_a_fault_is_told(tmp_path: Path) -> None:
    def fault() -> None:
        raise ZeroDivisionError

    with logging_to(tmp_path):
        thread = threading.Thread(target=fault, name="odd")
        thread.start()
        thread.join()
    (line,) = lines(tmp_path)
    assert (line["level"], line["event"], line["error"]) == ("critical", "the thread odd ended", "ZeroDivisionError: ")


def test_on_a_full_disk_lines_wait_and_nobody_who_logs_notices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tallyback.log"
    with logging_to(tmp_path):
        log.warning("before")
        until(lambda: path.exists() and path.stat().st_size)
        with full_disk(path.stat().st_size + 20):
            for number in range(10):
                log.warning("while %d", number)
            until(lambda: "The log cannot be written" in capsys.readouterr().err)
        log.warning("after")
    assert [line["event"] for line in lines(tmp_path)] == ["before", *(f"while {n}" for n in range(10)), "after"]


def test_what_was_said_before_the_folder_was_ours_is_kept_and_without_a_folder_only_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ServerLog() as server_log:
        log.warning("early")
        server_log.keep_in(tmp_path / "tallyback.log", Setup)
    assert [line["event"] for line in lines(tmp_path)] == ["early"]
    with ServerLog():
        log.warning("refused")
    assert capsys.readouterr().err.endswith("WARNING server.test: refused\n")
    assert len(lines(tmp_path)) == 1


def test_afterwards_logging_is_as_it_was(tmp_path: Path) -> None:
    before = (logging.getLogger().handlers, logging.getLogger("server").level, threading.excepthook)
    with logging_to(tmp_path):
        assert logging.getLogger().handlers != before[0]
    assert (logging.getLogger().handlers, logging.getLogger("server").level, threading.excepthook) == before


TOKEN = "canary-token-7411"
SETUP = f"""
trusted_proxies = ["127.0.0.1"]
[[source]]
key = "prop"
[source.relay]
url = "https://ad.invalid/conv?api_key=canary-url&v={{click_id}}"
headers = {{ Authorization = "Bearer canary-header" }}
[[network]]
key = "maxi"
token = "{TOKEN}"
hmac = {{ header = "X-Sig", secret = "canary-hmac", over = "query" }}
[[network]]
key = "open"
token = ""
[[offer]]
key = "keto"
network = "open"
url = "https://go.example.net/?sub1={{click_id}}"
[[campaign]]
key = "summer"
source = "prop"
[[campaign.path]]
offers = [{{ offer = "keto" }}]
"""
REFUSING = """
CREATE TRIGGER refuse_postbacks BEFORE INSERT ON postback BEGIN SELECT RAISE(ABORT, 'planted'); END;
CREATE TRIGGER refuse_clicks BEFORE INSERT ON click BEGIN SELECT RAISE(ABORT, 'planted'); END;
"""


def test_a_real_server_under_hostile_requests_tells_no_secret_and_no_forged_line(tmp_path: Path) -> None:
    """Its tables refuse every row, so that each request is a fault that it tells with all that it knows."""
    with running(tmp_path, SETUP) as loop:
        with closing(sqlite3.connect(loop.folder / "tallyback.db", timeout=10)) as database:
            database.executescript(REFUSING)
        hostile = {
            "User-Agent": 'x"}{"event":"forged"} \xe2\x80\xae',
            "X-Forwarded-For": "203.0.113.77",
            "X-Sig": "canary-hmac",
        }
        hostile["Authorization"] = "Bearer canary-header"
        for target in (
            f"/p/open?token={TOKEN}&click_id=x%0a%7b%22event%22:%22forged%22%7d",
            f"/p/%0a%7b%22event%22%3a%22forged%22%7d?token={TOKEN}",
            f"/p/%e2%80%ae%ed%a0%80%00%1b%5b31m?x={TOKEN}",
            f"/c/summer?ext={TOKEN}&sub1=%0d%0aforged&sub2=2001:db8:1:2::5",
            f"/c/{TOKEN}%0aforged?ext=1",
        ):
            for _ in range(30):
                loop.request("GET", target, headers=hostile)
        assert loop.stop() == 0
        told = lines(loop.folder)
        assert {line["level"] for line in told} >= {"info", "error"}
        assert all({"time", "level", "where", "event"} <= line.keys() for line in told)
        assert [line for line in told if line["event"] == "forged"] == []
        assert any(line.get("repeated") for line in told)
        assert any("203.0.113.0/24" in str(line) for line in told)
        kept = "".join(file.read_text() for file in loop.folder.glob("tallyback.log*")) + loop.errors()
        assert "canary" not in kept
        assert "203.0.113.77" not in kept
        assert "2001:db8:1:2" not in kept
        assert all(line.startswith("20") for line in loop.errors().splitlines())


def until(is_so: Any) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
