"""What a monitor is told: whether the server is well, and nothing of the business."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert not [value for value in told.values() if isinstance(value, str)]


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
