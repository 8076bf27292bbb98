"""What a monitor is told: whether the server is well, and nothing of the business."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from server import VERSION
from server.clock import MINUTE
from tests.ad_network import AdNetwork, Scripted, setup_with
from tests.relays.ticking import ticking
from tests.web.conftest import World


def test_a_server_that_is_well_says_so_and_no_more(world: World) -> None:
    came = world.get("/healthz")
    told = json.loads(came.text)
    assert (came.status, came.headers["content-type"]) == (200, "application/json")
    assert (told["ok"], told["database"], told["writer"]) == (True, True, True)
    assert isinstance(told["outbox_age_s"], int)
    assert [name for name, value in told.items() if isinstance(value, str)] == ["version"]


def test_the_age_of_the_outbox_is_that_of_the_oldest_relay_due(tmp_path: Path) -> None:
    busy = Scripted(429, headers={"Retry-After": "3600"})
    with AdNetwork(busy) as ad, ticking(tmp_path, setup_with(ad.url)) as loop:
        assert json.loads(loop.get("/healthz").text)["outbox_age_s"] == 0
        loop.settled(loop.sale(), 1)
        loop.sale("t2")
        loop.skip(10 * MINUTE)
        assert 600 <= json.loads(loop.get("/healthz").text)["outbox_age_s"] < 660


def test_a_server_whose_writer_has_ended_is_not_well(tmp_path: Path) -> None:
    with ticking(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        assert loop.get("/healthz").status == 200
        loop.engine._writer.stop()
        came = loop.get("/healthz")
        assert came.status == 503
        told = json.loads(came.text)
        assert (told["ok"], told["database"], told["writer"]) == (False, True, False)


def test_a_database_that_cannot_be_read_holds_up_nobody_who_asks_for_health(tmp_path: Path) -> None:
    with ticking(tmp_path, setup_with("http://127.0.0.1:1")) as loop, contextlib.ExitStack() as held:
        assert loop.get("/healthz").status == 200
        reading = loop.engine._database.reading
        for _ in range(reading.pool.size()):
            held.enter_context(reading.connect())
        for _ in range(4):  # whoever asks after the first waits for nothing at all
            began = time.monotonic()
            told = loop.engine._tracker.health()
            assert (told["ok"], told["database"], told["writer"]) == (False, False, True)
            assert time.monotonic() - began < 2
        held.close()
        loop.until(lambda: loop.get("/healthz").status == 200)


def test_whoever_runs_the_server_is_told_how_long_and_which(world: World) -> None:
    told = json.loads(world.get("/healthz").text)
    assert told["version"] == VERSION
    assert told["uptime_s"] >= 0
    assert told["spool"] == {"is_open": True, "waiting": 0, "used": 0.0, "unrecorded": 0}
