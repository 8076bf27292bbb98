"""F26: ten thousand connections that say nothing or drip, while a visitor clicks from elsewhere."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ad_network import setup_with
from tests.faults.conftest import Note
from tests.faults.own_network import in_its_own_network
from tests.loop import ROOT, Loop, running

SLOW = 10_000
SERVER, VISITOR, FIRST = "10.7.0.1", "10.8.0.1", "10.9.0.1"
MEASURED_S = 6.0
FEW_P99_S = 0.1
MANY_MOST_S = 10.0
PATIENCE_S = 30.0


@contextlib.contextmanager
def attacked(port: int, addresses: int) -> Iterator[None]:
    words = [SERVER, str(port), "--first", FIRST, "--addresses", str(addresses), "--count", str(SLOW)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.attackers", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as attackers:
        assert attackers.stdout
        assert attackers.stdin
        try:
            assert attackers.stdout.readline() == "ready\n"
            yield
            attackers.stdin.close()
            assert int(attackers.stdout.readline()) >= SLOW
        finally:
            attackers.kill()


def clicks(port: int, seconds: float) -> list[float]:
    """One click after another, each over a connection of its own; how long each took. A failure is one, and raises."""
    took: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        connection = http.client.HTTPConnection(SERVER, port, timeout=PATIENCE_S, source_address=(VISITOR, 0))
        with contextlib.closing(connection):
            connection.request("GET", f"/c/summer?ext=v{len(took)}")
            assert connection.getresponse().status == 302
        took.append(time.monotonic() - began)
        time.sleep(0.005)
    return took


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def port_of(loop: Loop) -> int:
    return int(loop.url.rsplit(":", 1)[1])


@in_its_own_network("10.7.0.1/32", "10.8.0.1/32", "10.9.0.0/16")
def test_from_a_hundred_addresses_they_are_hardly_felt(tmp_path: Path, note: Note) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1"), "--host", "0.0.0.0") as loop:
        clicks(port_of(loop), 1)
        calm = p99(clicks(port_of(loop), 3))
        with attacked(port_of(loop), 100):
            attack = clicks(port_of(loop), MEASURED_S)
        note(p99_under_attack_from_100_addresses=f"{p99(attack) * 1000:.0f} ms (calm {calm * 1000:.0f} ms)")
        assert p99(attack) <= max(FEW_P99_S, 4 * calm)  # a machine that others keep busy is not calm either
        assert "Traceback" not in loop.errors()


@in_its_own_network("10.7.0.1/32", "10.8.0.1/32", "10.9.0.0/16")
def test_from_a_thousand_addresses_every_visitor_is_sent_on(tmp_path: Path, note: Note) -> None:
    with running(tmp_path, setup_with("http://127.0.0.1:1"), "--host", "0.0.0.0") as loop:
        clicks(port_of(loop), 1)
        with attacked(port_of(loop), 1000):
            attack = clicks(port_of(loop), 2 * MEASURED_S)
        note(slowest_click_under_attack_from_1000_addresses=f"{max(attack):.1f} s of {len(attack)}")
        assert max(attack) <= MANY_MOST_S
        assert "Traceback" not in loop.errors()
        assert p99(clicks(port_of(loop), 2)) < 1, "once it is over, all is as before"


@pytest.mark.parametrize(
    "silent", [b"", b"GET /c/summer HTTP/1.1\r\nHost: x\r\n", b"GET /c/summer HTTP/1.1\nHost: x\n\n"]
)
def test_who_does_not_end_a_request_is_hung_up_on(tmp_path: Path, silent: bytes) -> None:
    with (
        running(tmp_path, setup_with("http://127.0.0.1:1")) as loop,
        socket.create_connection(("127.0.0.1", port_of(loop)), timeout=20) as connection,
    ):
        began = time.monotonic()
        connection.sendall(silent)
        assert connection.recv(4096) == b""
        assert time.monotonic() - began < 10
