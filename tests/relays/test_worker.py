"""The relay line of a running server, hour by hour: its schedule, its limits, and what it survives."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from server import worker
from server.clock import DAY, HOUR, MINUTE, SECOND
from server.pipeline import due, relay
from tests.ad_network import AdNetwork, Scripted, setup_with
from tests.relays.ticking import ticking

FAILING = Scripted(500, b"not now")


def test_a_destination_that_fails_is_tried_again_after_5_s_30_s_and_2_min(tmp_path: Path) -> None:
    with AdNetwork(FAILING, FAILING, FAILING) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        click = loop.sale()
        for tries, wait in enumerate((5 * SECOND, 30 * SECOND, 2 * MINUTE), start=1):
            failed = loop.settled(click, tries)
            assert (failed["state"], failed["reason"], failed["attempts"]) == ("failed", "http_500", tries)
            loop.skip(wait * 8 // 10 - 200)  # a fifth early at most
            assert len(loop.relay(click)["history"]) == tries
            loop.skip(wait * 4 // 10 + 200)
        delivered = loop.settled(click, 4)
        assert (delivered["state"], delivered["attempts"]) == ("delivered", 4)
        assert [attempt["status"] for attempt in delivered["history"]] == [500, 500, 500, 200]
        assert [attempt["answer"] for attempt in delivered["history"]] == ["not now", "not now", "not now", "OK"]
        assert {told.headers["Idempotency-Key"] for told in ad.told} == {delivered["key"]}


def test_probes_behind_an_open_breaker_use_no_attempt_up_and_age_alone_ends_them(tmp_path: Path) -> None:
    with AdNetwork(*[FAILING] * 20) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        click = loop.sale()
        for tries in range(1, 6):
            assert loop.settled(click, tries)["attempts"] == tries
            loop.skip(40 * MINUTE)
        for tries in (6, 7, 8):
            probed = loop.settled(click, tries)
            assert (probed["state"], probed["reason"], probed["attempts"]) == ("failed", "http_500", 5)
            assert probed["history"][-1]["counted"] is False
            loop.skip(31 * SECOND)
        loop.settled(click, 9)
        loop.skip(7 * DAY)
        dead = loop.settled(click, 10)
        assert (dead["state"], dead["reason"]) == ("dead", "expired")


def test_a_success_text_that_is_missing_three_times_is_dead(tmp_path: Path) -> None:
    error = Scripted(200, b'{"status": "error"}')
    success = """success = '"ok"'"""
    with AdNetwork(error, error, error) as ad, ticking(tmp_path, setup_with(ad.url, relay=success)) as loop:
        click = loop.sale()
        for tries in (1, 2):
            failed = loop.settled(click, tries)
            assert (failed["state"], failed["reason"]) == ("failed", "no_success_text")
            loop.skip(MINUTE)
        dead = loop.settled(click, 3)
        assert (dead["state"], dead["reason"], dead["attempts"]) == ("dead", "no_success_text", 3)
        assert dead["next_attempt"] is None
        loop.skip(DAY)
        ad.script.append(Scripted(200, b'{"status": "ok"}'))
        assert loop.settled(loop.sale("t2"), 1)["state"] == "delivered"
        assert len(ad.told) == 4


def test_a_404_is_tried_three_times(tmp_path: Path) -> None:
    with AdNetwork(*[Scripted(404)] * 3) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        click = loop.sale()
        for tries in (1, 2):
            assert loop.settled(click, tries)["state"] == "failed"
            loop.skip(MINUTE)
        relay = loop.settled(click, 3)
        assert (relay["state"], relay["reason"]) == ("dead", "http_404")


def test_retry_after_holds_the_whole_destination_back(tmp_path: Path) -> None:
    busy = Scripted(429, headers={"Retry-After": "3600"})
    with AdNetwork(busy) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        first = loop.sale("t1")
        relay = loop.settled(first, 1)
        assert (relay["state"], relay["reason"]) == ("failed", "http_429")
        second = loop.sale("t2")
        loop.skip(HOUR - 5 * SECOND)
        other = loop.sale("t3")
        assert [loop.relay(click)["state"] for click in (first, second, other)] == ["failed", "waiting", "waiting"]
        assert len(ad.told) == 1
        loop.skip(6 * SECOND)
        for click, tries in ((first, 2), (second, 1), (other, 1)):
            assert loop.settled(click, tries)["state"] == "delivered"


def test_where_nothing_could_be_sent_no_attempt_is_used_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with ticking(tmp_path, setup_with(f"http://127.0.0.1:{port}")) as loop:
        click = loop.sale()
        for tries in range(1, 5):
            relay = loop.settled(click, tries)
            assert (relay["state"], relay["reason"], relay["attempts"]) == ("failed", "connect", 0)
            loop.skip(13 * MINUTE)  # a laptop that is offline waits ten at most, and a fifth of that
        assert {attempt["counted"] for attempt in relay["history"]} == {False}
        loop.settled(click, 5)
        loop.skip(7 * DAY)
        assert loop.settled(click, 6)["state"] == "dead"
        assert loop.relay(click)["reason"] == "expired"


def test_behind_an_open_breaker_one_probe_goes_in_half_a_minute(tmp_path: Path) -> None:
    with AdNetwork(*[FAILING] * 6) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        clicks = [loop.sale(f"t{number}") for number in range(1, 6)]
        for click in clicks:
            assert loop.settled(click, 1)["attempts"] == 1
        late = loop.sale("late")
        loop.skip(29 * SECOND)
        assert len(ad.told) <= 6
        loop.until(lambda: len(ad.told) == 6)
        loop.until(lambda: not [one for one in loop.relays() if one["state"] == "sending"])
        assert sum(one["attempts"] for one in loop.relays()) == 5
        loop.skip(31 * SECOND)
        loop.until(lambda: {one["state"] for one in loop.relays()} == {"delivered"})
        assert loop.relay(late)["state"] == "delivered"
        assert len(ad.told) == 12


def test_a_clock_that_is_set_back_an_hour_does_not_hold_a_relay_up(tmp_path: Path) -> None:
    with AdNetwork(FAILING) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        click = loop.sale()
        loop.settled(click, 1)
        loop.skip(-HOUR)
        assert loop.settled(click, 2)["state"] == "delivered"
        assert loop.settled(loop.sale("t2"), 1)["state"] == "delivered"


def test_a_clock_that_is_set_on_an_hour_sends_nothing_twice(tmp_path: Path) -> None:
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        loop.settled(loop.sale("t1"), 1)
        loop.skip(HOUR)
        loop.settled(loop.sale("t2"), 1)
        assert len(ad.told) == 2


def test_a_delay_is_waited_for(tmp_path: Path) -> None:
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url, relay='delay = "2h"')) as loop:
        click = loop.sale()
        loop.skip(2 * HOUR - MINUTE)
        assert (loop.relay(click)["state"], ad.told) == ("waiting", [])
        loop.skip(MINUTE + SECOND)
        assert loop.settled(click, 1)["state"] == "delivered"


def test_what_was_under_way_when_its_destination_was_paused_is_held_too(tmp_path: Path) -> None:
    slow = threading.Event()
    with AdNetwork(Scripted(500, wait=slow), Scripted(401)) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        first = loop.sale("t1")
        loop.until(lambda: len(ad.told) == 1)
        second = loop.sale("t2")
        assert loop.settled(second, 1)["state"] == "held"
        slow.set()
        relay = loop.settled(first, 1)
        assert (relay["state"], relay["reason"]) == ("held", "http_401")
        loop.skip(HOUR)
        third = loop.sale("t3")
        assert loop.relay(third)["state"] == "held"
        assert len(ad.told) == 2


def test_a_relay_that_cannot_be_rendered_is_held_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rendered = relay.rendered
    poison: list[str] = []

    def stumbling(connection, row, template, ground):
        if threading.current_thread() is threading.main_thread():  # the test itself looks at the list
            return rendered(connection, row, template, ground)
        if not poison or poison[0] == row.key:
            poison[:] = [row.key]
            raise RuntimeError("a fault of ours")
        return rendered(connection, row, template, ground)

    monkeypatch.setattr(relay, "rendered", stumbling)
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        first, second = loop.sale("t1"), loop.sale("t2")
        assert loop.settled(second, 1)["state"] == "delivered"
        relay_of_first = loop.settled(first, 1)
        monkeypatch.setattr(relay, "rendered", rendered)
        assert relay_of_first["state"] == "held"
        assert "fault" in relay_of_first["reason"]
        assert "a fault of ours" in caplog.text


def test_the_line_goes_on_after_any_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    destinations_due = due.destinations_due
    faults: list[Exception] = [RuntimeError("a bug"), OperationalError("SELECT", {}, Exception("disk I/O error"))]

    def stumbling(queues, now):
        if faults:
            raise faults.pop(0)
        return destinations_due(queues, now)

    monkeypatch.setattr(worker, "LONGEST_IDLE_S", 0.05)
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        monkeypatch.setattr(due, "destinations_due", stumbling)
        assert loop.settled(loop.sale(), 1)["state"] == "delivered"
        assert not faults
        assert "a bug" in caplog.text
        assert "disk I/O error" in caplog.text
        assert len(ad.told) == 1


def test_what_came_back_is_written_as_soon_as_the_database_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settle = relay.settle
    faults = [OperationalError("UPDATE", {}, Exception("database is locked"))] * 3

    def stumbling(*words):
        if faults:
            raise faults.pop()
        return settle(*words)

    monkeypatch.setattr(worker, "LONGEST_IDLE_S", 0.05)
    monkeypatch.setattr(relay, "settle", stumbling)
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        assert loop.settled(loop.sale(), 1)["state"] == "delivered"
        assert "database is locked" in caplog.text
        assert len(ad.told) == 1


def test_a_result_that_cannot_be_judged_holds_the_relay_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumbling(*_):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(relay, "settle", stumbling)
    with AdNetwork() as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        held = loop.settled(loop.sale(), 1)
        assert held["state"] == "held"
        assert "fault" in held["reason"]
        assert "a fault of ours" in caplog.text
        assert len(ad.told) == 1


def test_no_more_than_two_are_under_way_at_one_destination(tmp_path: Path) -> None:
    slow = threading.Event()
    with AdNetwork(*[Scripted(wait=slow)] * 10) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        for number in range(10):
            loop.sale(f"t{number}")
        loop.until(lambda: len(ad.told) == 2)
        assert [one["state"] for one in loop.relays()].count("sending") == 2
        slow.set()
        loop.until(lambda: {one["state"] for one in loop.relays()} == {"delivered"})
        assert len(ad.told) == 10


def test_a_stop_waits_for_no_name_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    asked = threading.Event()
    real = socket.getaddrinfo

    def slow(host, *rest, **more):
        if str(host).endswith(".example"):
            asked.set()
            answered.wait(20)
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with ticking(tmp_path, setup_with("http://dead.example")) as loop:
            loop.sale()
            assert asked.wait(10)
            began = time.monotonic()
        assert time.monotonic() - began < 8
    finally:
        answered.set()
