"""SIGTERM: the end comes within ten seconds whatever hangs, with exit status 0 and without a traceback."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import closing
from pathlib import Path

from server.api import lists
from server.api.data import open_data
from server.api.lists import Filters
from server.storage import dialect
from tests.ad_network import AdNetwork, Scripted, setup_with
from tests.loop import Loop, running


def port_of(loop: Loop) -> int:
    return int(loop.url.rsplit(":", 1)[1])


def asked(loop: Loop, target: str) -> http.client.HTTPConnection:
    """A request that is on its way; its answer is not waited for."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(loop), timeout=30)
    connection.request("GET", target)
    return connection


def test_an_idle_server_stops_at_once(tmp_path: Path) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        assert loop.click()
        with closing(asked(loop, "/healthz")) as idle:  # stays open, as a browser's connection does
            assert idle.getresponse().read()
            began = time.monotonic()
            assert loop.stop() == 0
            assert time.monotonic() - began < 5
        assert loop.errors() == ""


def test_a_server_that_is_told_to_stop_before_it_serves_stops(tmp_path: Path) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        assert loop.stop() == 0
        loop.start()
        assert loop.stop() == 0
        assert loop.errors() == ""


def test_neither_a_held_database_nor_a_silent_source_keeps_it_from_stopping(tmp_path: Path) -> None:
    """Another program holds the database for good, a relay waits for its answer, postbacks wait for the database."""
    answers = threading.Event()
    with (
        AdNetwork(Scripted(wait=answers)) as ad,
        running(tmp_path, setup_with(ad.url)) as loop,
        closing(dialect.driver().connect(str(loop.folder / "tallyback.db"), isolation_level=None)) as other,
    ):
        click = loop.click()
        postback = f"/p/maxi?token=a-secret&click_id={click}&payout=1&txn_id="
        assert loop.get(f"{postback}first").text == "OK accepted 1"
        loop.until(lambda: len(ad.told) == 1)
        other.execute("BEGIN IMMEDIATE")
        waiting = [asked(loop, f"{postback}t{number}") for number in range(5)]
        assert loop.get("/healthz").status == 200
        began = time.monotonic()
        assert loop.stop() == 0
        assert time.monotonic() - began < 10
        assert "Traceback" not in loop.errors()
        other.execute("ROLLBACK")
        answers.set()
        promised = 0
        for connection in waiting:
            with closing(connection):
                try:
                    promised += connection.getresponse().status == 200
                except (http.client.HTTPException, OSError):
                    continue  # no answer, no promise
        loop.start()
        with open_data(str(loop.folder)) as data:
            assert len(list(lists.conversions(data, Filters()))) >= 1 + promised
            loop.until(lambda: {relay["state"] for relay in lists.relays_list(data, Filters())} == {"delivered"})
            owed = {relay["key"] for relay in lists.relays_list(data, Filters())}
        assert {told.headers["Idempotency-Key"] for told in ad.told} == owed
