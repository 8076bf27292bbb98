"""`tallyback stats`: what is told is what was sent, to this machine's owner alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.ad_network import AdNetwork, Scripted, setup_with
from tests.loop import Loop, running

UNUSUAL = {"Content-Type": "text/plain"}  # goes the plain way, whatever the loop of the server takes by itself


def stats(loop: Loop) -> dict[str, Any]:
    (found,) = loop.rows("stats")
    return found


def test_the_figures_are_what_was_sent(tmp_path: Path) -> None:
    with AdNetwork() as ad, running(tmp_path, setup_with(ad.url)) as loop:
        clicks = [
            loop.request("GET", f"/c/summer?ext=e{number}", headers=UNUSUAL).location.split("sub1=")[1].split("&")[0]
            for number in range(12)
        ]
        for click in [*clicks[:7], clicks[0], clicks[0]]:
            loop.request("GET", f"/p/maxi?token=a-secret&click_id={click}&payout=3", headers=UNUSUAL)
        for _ in range(3):
            loop.request("GET", "/p/maxi?token=wrong", headers=UNUSUAL)
            loop.request("HEAD", "/p/maxi?token=a-secret", headers=UNUSUAL)
            loop.get("/wp-login.php")
        loop.until(lambda: len(ad.told) >= 7)

        def done() -> dict[str, Any] | None:
            found: dict[str, Any] = stats(loop)["since_start"] or {}
            return found if found.get("relays") == {"delivered": 7} and found.get("refused") else None

        told = loop.until(done)
        assert told["answers"]["click"] == 12
        assert told["answers"]["postback"] == 15
        assert told["postbacks"] == {"accepted": 7, "duplicate": 2, "unauthorised": 3}
        assert told["refused"] == {"unknown_address": 3}
        assert 0 < told["answer_ms"]["click"]["median"] <= told["answer_ms"]["click"]["max"]
        found = stats(loop)
        assert found["data"]["clicks_last_day"] == 12
        assert found["data"]["postbacks"] == {"accepted": 7, "duplicate": 2, "unauthorised": 3}
        assert found["data"]["conversions"] == {"approved": 7}
        assert found["data"]["relays"] == {"delivered": 7}
        assert found["data"]["database_bytes"] > 100_000
        server = found["server"]
        assert server["pid"] == loop.process.pid if loop.process else False
        assert server["memory_bytes"] > 20_000_000
        assert server["descriptors"] > 5
        assert (loop.folder / "stats.json").stat().st_mode & 0o777 == 0o600
        assert "Since its start" in loop.run("stats").stdout


def test_a_destination_that_is_paused_is_named_with_its_reason(tmp_path: Path) -> None:
    with AdNetwork(Scripted(401)) as ad, running(tmp_path, setup_with(ad.url)) as loop:
        loop.get(f"/p/maxi?token=a-secret&click_id={loop.click()}&payout=3")
        paused = loop.until(lambda: stats(loop)["data"]["paused"])
        assert paused == [{"destination": "source:prop", "reason": "http_401"}]
        assert "source:prop (http_401)" in loop.run("stats").stdout


def test_where_no_server_runs_it_says_so_and_what_the_data_says(tmp_path: Path) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        loop.click()
        loop.until((loop.folder / "stats.json").exists)
        loop.kill()
    found = stats(loop)  # the killed one's last word still lies there
    assert (found["server"], found["since_start"]) == (None, None)
    assert found["data"]["clicks_last_day"] == 1
    assert loop.run("stats").stdout.startswith("No server runs on this data.\n")


def test_without_a_folder_or_a_database_there_is_nothing_to_tell(tmp_path: Path) -> None:
    loop = Loop(tmp_path / "none")
    assert loop.run("stats", expect=2).stderr.endswith("There is no data folder here. Check --data.\n")
    assert not loop.folder.exists()
    loop.folder.mkdir()
    assert "There is no database here." in loop.run("stats", expect=2).stderr
    assert list(loop.folder.iterdir()) == []


def test_none_of_it_is_reachable_over_http(tmp_path: Path) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1")) as loop:
        for target in ("/stats", "/stats.json", "/check", "/metrics", "/tallyback.log"):
            assert loop.get(target).status == 404
        said = json.loads(loop.get("/healthz").text)
        assert said.keys() == {"ok", "database", "writer", "outbox_age_s", "spool", "uptime_s", "version"}
