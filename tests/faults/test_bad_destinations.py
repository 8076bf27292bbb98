"""F6, F8, F10, F11, F13, F14: ad networks that sleep, drip, burst, lie about TLS or are not there, all at once.

One server meets them all at the same time, because that is the point: none of them delays the one that is well.
"""

from __future__ import annotations

import functools
import gzip
import re
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from server.api import lists
from server.api.data import Data, open_data
from server.api.listings import Filters
from server.clock import system_clock
from tests.ad_network import AdNetwork, Scripted
from tests.faults.conftest import Note
from tests.loop import Loop, running
from tests.relays.raw_server import RawServer, free_port, heard
from tests.relays.test_tls import OPENSSL, certificate

HOUR_S, DAY_S = 3600, 86_400
WALL_S = 20.0
RETRY_AFTER = {  # what it says, and between which waits (in seconds) the next attempt lies
    "seven": ("7", 7, 7.5),
    "hour": ("", HOUR_S - 60, HOUR_S + 1),  # a date, made when it is needed
    "minus": ("-1", 4, 6),
    "garbage": ("soon", 4, 6),
    "past": ("Thu, 01 Jan 1970 00:00:00 GMT", 4, 6),
    "forever": ("1000000000", DAY_S, DAY_S + 1),
}


def an_hour_from_now() -> str:
    return formatdate(system_clock() // 1000 + HOUR_S, usegmt=True)


@functools.cache
def packed() -> bytes:
    return gzip.compress(b"\0" * 300_000_000, 1)


def sleeps(connection: socket.socket) -> None:
    heard(connection)
    connection.settimeout(40)
    connection.recv(1)  # until the other side has had enough


def drips(said: bytes) -> Any:
    def talk(connection: socket.socket) -> None:
        heard(connection)
        for byte in said + b"a" * 1000:
            connection.sendall(bytes([byte]))
            connection.settimeout(0.5)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    return talk


def bursts(connection: socket.socket) -> None:
    heard(connection)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed())}\r\n\r\n"
    connection.sendall(head.encode() + packed())


@dataclass
class World:
    loop: Loop
    data: Data
    tls: list[bytes]
    well: AdNetwork
    sold: dict[str, str] = field(default_factory=dict)

    def sale(self, source: str, txn_id: str) -> str:
        click = self.loop.click(f"/c/{source}?ext={txn_id}")
        came = self.loop.get(f"/p/maxi?token=a-secret&click_id={click}&txn_id={source}-{txn_id}&payout=1")
        assert came.text.startswith("OK accepted "), came
        return click

    def relay(self, click: str) -> dict[str, Any]:
        [relay] = lists.relays_list(self.data, Filters(click=click))
        return relay

    def tried(self, click: str) -> dict[str, Any]:
        """Once its first attempt is over; by then a further one may be under way."""
        self.loop.until(lambda: [one for one in self.relay(click)["history"][:1] if one["result"] != "sending"], 40)
        return self.relay(click)

    def settled(self, click: str, seconds: float = 30) -> dict[str, Any]:
        self.loop.until(lambda: self.relay(click)["state"] not in ("waiting", "sending"), seconds)
        return self.relay(click)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("bad")
    said: list[bytes] = []
    with ExitStack() as stack:

        def raw(talk: Any, **more: Any) -> str:
            return stack.enter_context(RawServer(talk, **more)).url

        well = stack.enter_context(AdNetwork())
        urls = {
            "well": well.url,
            "asleep": raw(sleeps),
            "drips_head": raw(drips(b"HTTP/1.1 200 OK\r\nX-Slow: ")),
            "drips_body": raw(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")),
            "bomb": raw(bursts),
            "refused": f"http://127.0.0.1:{free_port()}",
            "unknown": "http://nowhere.invalid",
            **{
                key: stack.enter_context(
                    AdNetwork(Scripted(429, headers={"Retry-After": text or an_hour_from_now()}))
                ).url
                for key, (text, _, _) in RETRY_AFTER.items()
            },
        }
        if OPENSSL:
            urls["tls"] = raw(lambda connection: said.append(heard(connection)), tls=tls_context(folder)).replace(
                "http://127.0.0.1", "https://localhost"
            )
        relays = {key: {"url": f"{url}/conv", "allow": ["127.0.0.0/8", "::1/128"]} for key, url in urls.items()}
        with running(folder, setup(relays)) as loop, open_data(str(loop.folder)) as data:
            world = World(loop, data, said, well)
            world.sold = {key: world.sale(key, "first") for key in urls if key not in ("well", "bomb")}
            yield world
            assert "Traceback" not in loop.errors()


def tls_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder, "localhost", 2))  # nobody signed it
    return context


def setup(relays: dict[str, dict[str, Any]]) -> str:
    return tomli_w.dumps(
        {
            "source": [{"key": key, "external_id": "${SUBID}", "relay": relay} for key, relay in relays.items()],
            "network": [{"key": "maxi", "token": "a-secret", "currency": "USD"}],
            "offer": [{"key": "keto", "network": "maxi", "url": "https://go.example.net/?sub1={click_id}"}],
            "campaign": [{"key": key, "source": key, "path": [{"offers": [{"offer": "keto"}]}]} for key in relays],
        }
    )


def test_the_one_that_is_well_waits_for_none_of_the_others(world: World) -> None:
    took = []
    for number in range(20):
        began = time.monotonic()
        click = world.sale("well", f"w{number}")
        world.loop.until(lambda click=click: world.relay(click)["state"] == "delivered")
        took.append(time.monotonic() - began)
    assert sorted(took)[18] <= 2


@pytest.mark.parametrize("source", ["asleep", "drips_head", "drips_body"])
def test_an_attempt_ends_within_twenty_seconds_whatever_the_other_side_does(world: World, source: str) -> None:
    first = world.tried(world.sold[source])["history"][0]
    assert (first["result"].partition(":")[0], first["counted"]) == ("timeout", True)
    assert first["milliseconds"] <= (WALL_S + 1) * 1000


@pytest.mark.parametrize(("source", "reason"), [("refused", "connect"), ("unknown", "dns"), ("tls", "tls")])
def test_where_nothing_could_be_sent_no_attempt_is_used_up(world: World, source: str, reason: str) -> None:
    if source not in world.sold:
        pytest.skip("no openssl program here: A CERTIFICATE THAT PROVES NOTHING IS NOT TESTED")
    failed = world.tried(world.sold[source])
    assert (failed["history"][0]["result"].partition(":")[0], failed["attempts"]) == (reason, 0)
    assert {attempt["counted"] for attempt in failed["history"] if attempt["result"] != "sending"} == {False}
    assert world.tls == []


@pytest.mark.parametrize("source", RETRY_AFTER)
def test_retry_after_is_obeyed_and_nonsense_is_not(world: World, source: str) -> None:
    _, least, most = RETRY_AFTER[source]
    click = world.sold[source]
    failed = world.loop.until(lambda: first_failure(world.relay(click)))
    answered = datetime.fromisoformat(failed["history"][0]["time"]).timestamp()
    answered += failed["history"][0]["milliseconds"] / 1000
    wait = datetime.fromisoformat(failed["next_attempt"]).timestamp() - answered
    assert least - 0.1 <= wait <= most + 2, wait  # written down a moment after the answer


def first_failure(relay: dict[str, Any]) -> dict[str, Any] | None:
    if relay["state"] == "delivered":  # a short wait may be over: what was written is told by the second attempt
        once, again = relay["history"][:2]
        return {"history": [once], "next_attempt": again["time"]}
    return relay if relay["state"] == "failed" and relay["next_attempt"] else None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_a_bomb_is_not_unpacked(world: World, note: Note) -> None:
    assert world.loop.process
    process = Path(f"/proc/{world.loop.process.pid}")
    world.settled(world.sale("well", "warm"))
    before = memory_kib(process, "VmRSS")
    (process / "clear_refs").write_text("5")  # the peak is measured anew
    delivered = world.settled(world.sale("bomb", "b1"))
    grown = memory_kib(process, "VmHWM") - before
    assert delivered["state"] == "delivered"
    assert len(delivered["history"][0]["answer"]) <= 2048
    note(memory_for_a_bomb_of_300_MB=f"{grown / 1024:.1f} MB")
    assert grown <= 5 * 1024


def memory_kib(process: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", (process / "status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])
