"""F2: no answer leaves before the disk has what it answers, whichever way the request took."""

from __future__ import annotations

import http.client
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from server.storage import dialect
from tests.ad_network import setup_with
from tests.faults.conftest import Note
from tests.faults.trace import STRACE, Event, events, traced, unflushed
from tests.loop import Loop, running

AT_ONCE = 6
EACH = 12

may_trace = pytest.mark.skipif(
    not sys.platform.startswith("linux") or STRACE is None or os.geteuid() != 0,
    reason="strace is not installed, or may not look: WHETHER ANSWERS WAIT FOR THE DISK IS NOT TESTED",
)


def ask(connection: http.client.HTTPConnection, method: str, target: str, headers: dict[str, str]) -> str:
    body = "" if method == "GET" else "from=form"
    connection.request(method, target, body or None, headers)
    came = connection.getresponse()
    text = came.read().decode()
    assert came.status in (200, 302), (came.status, text)
    return came.getheader("Location") or text


def ask_all(loop: Loop, visit: Callable[[http.client.HTTPConnection, str], None], each: int = EACH) -> None:
    """Several visitors at once, each over a connection of its own that stays open."""
    problems: list[BaseException] = []

    def visitor(name: int) -> None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", int(loop.url.rsplit(":", 1)[1]), timeout=60)) as own:
                for number in range(each):
                    visit(own, f"{name}-{number}")
        except BaseException as error:  # noqa: BLE001 - told below
            problems.append(error)

    threads = [threading.Thread(target=visitor, args=(name,)) for name in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []


@may_trace
@pytest.mark.parametrize("way", ["the fast way", "the plain way"])
def test_an_answer_comes_after_a_flush_that_came_after_its_request(tmp_path: Path, note: Note, way: str) -> None:
    """What is unusual goes the plain way: a header that Waitress alone minds, a postback with a body."""
    is_fast = way == "the fast way"
    headers = {} if is_fast else {"TE": "trailers"}

    def visit(own: http.client.HTTPConnection, txn_id: str) -> None:
        click = ask(own, "GET", f"/c/summer?ext=x{txn_id}", headers).split("sub1=")[1]
        told = f"/p/maxi?token=a-secret&click_id={click}&txn_id={txn_id}&payout=1"
        assert ask(own, "GET" if is_fast else "POST", told, headers).startswith("OK accepted")

    with running(tmp_path, setup_with("http://127.0.0.1:1", 'delay = "1h"')) as loop:
        assert loop.process
        with traced(loop.process.pid, tmp_path / "trace"):
            ask_all(loop, visit)
        assert loop.stop() == 0
    answers, bad = unflushed(events((tmp_path / "trace").read_text().splitlines()))
    assert bad == []
    assert answers == 2 * AT_ONCE * EACH
    note(flushed=answers)


@may_trace
def test_what_goes_into_the_spool_is_flushed_there_before_it_is_answered(tmp_path: Path, note: Note) -> None:
    def visit(own: http.client.HTTPConnection, txn_id: str) -> None:
        click = ask(own, "GET", f"/c/summer?ext=x{txn_id}", {}).split("sub1=")[1]
        told = f"/p/maxi?token=a-secret&click_id={click}&txn_id={txn_id}&payout=1"
        assert ask(own, "GET", told, {}) == "STORED spooled"

    with running(tmp_path, setup_with("http://127.0.0.1:1", 'delay = "1h"')) as loop:
        assert loop.process
        with closing(dialect.driver().connect(str(loop.folder / "tallyback.db"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with traced(loop.process.pid, tmp_path / "trace"):
                ask_all(loop, visit)
            other.execute("ROLLBACK")
        assert loop.stop() == 0
    answers, bad = unflushed(events((tmp_path / "trace").read_text().splitlines()))
    assert bad == []
    assert answers == 2 * AT_ONCE * EACH
    note(flushed=answers)


def test_the_tracer_itself_sees_an_answer_that_came_too_early() -> None:
    """A trace in which thread 2's flush ends only after thread 1 has answered."""
    lines = [
        '1 recvfrom(9<socket:[5]>, "GET /c/summer?ext=1 HTTP/1.1"..., 8192, 0, NULL, NULL) = 90',
        "2 fdatasync(7</data/tallyback.db-wal> <unfinished ...>",
        '1 sendto(9<socket:[5]>, "HTTP/1.1 302 FOUND"..., 300, 0, NULL, 0) = 300',
        "2 <... fdatasync resumed>) = 0",
        '1 recvfrom(9<socket:[5]>, "GET /c/summer?ext=2 HTTP/1.1"..., 8192, 0, NULL, NULL) = 90',
        "1 fdatasync(7</data/tallyback.db-wal>) = 0",
        '1 sendto(9<socket:[5]>, "HTTP/1.1 302 FOUND"..., 300, 0, NULL, 0) = 300',
    ]
    found = events(lines)
    assert [event.kind for event in found] == ["read", "send", "flush", "read", "flush", "send"]
    assert found[2] == Event("flush", "7</data/tallyback.db-wal>", "", 1, 3)
    answers, bad = unflushed(found)
    assert (answers, len(bad)) == (2, 1)
