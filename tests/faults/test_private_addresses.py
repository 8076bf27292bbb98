"""Relays and what is private (F33, F34): canaries listen on every such address, and none of them is ever reached."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli_w

from server.api import lists
from server.api.data import open_data
from server.api.listings import Filters
from tests.ad_network import AdNetwork, Scripted
from tests.faults.conftest import Note
from tests.faults.own_network import in_its_own_network
from tests.loop import Loop, running
from tests.relays.raw_server import RawServer, answer, says

V4 = ("169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200", "198.18.0.1")
V6 = ("fd00:ec2::254", "fe80::1234", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fec0::1", "::127.0.0.1")
WRITTEN = (  # ways to write this machine and the metadata of a cloud; with a user name the setup refuses them
    *("127.0.0.1", "localhost", "LOCALHOST.", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1"),
    *("①②⑦.0.0.1", "127。0。0。1", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]"),
    *("2852039166", "0xa9fea9fe", "169.254.43518"),
)
PUBLIC = "8.8.8.8"
NAMESERVER = (
    re.findall(r"^nameserver\s+(\d+\.\d+\.\d+\.\d+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    if Path("/etc/resolv.conf").exists()
    else []
)[:1] or ["127.0.0.1"]


def setup(urls: dict[str, tuple[str, list[str]]]) -> str:
    """A source and a campaign for each URL and the ranges that its owner allows."""
    return tomli_w.dumps(
        {
            "source": [
                {"key": key, "external_id": "${SUBID}", "relay": {"url": url, "allow": allow}}
                for key, (url, allow) in urls.items()
            ],
            "network": [{"key": "maxi", "token": "a-secret", "currency": "USD"}],
            "offer": [{"key": "keto", "network": "maxi", "url": "https://go.example.net/?sub1={click_id}"}],
            "campaign": [{"key": key, "source": key, "path": [{"offers": [{"offer": "keto"}]}]} for key in urls],
        }
    )


def sale(loop: Loop, key: str, txn_id: str) -> None:
    click = loop.click(f"/c/{key}?ext=v")
    came = loop.get(f"/p/maxi?token=a-secret&click_id={click}&txn_id={key}-{txn_id}&payout=1")
    assert came.text.startswith("OK accepted "), came


def settled(loop: Loop, seconds: float = 20) -> dict[str, list[tuple[str, str | None]]]:
    """By source, oldest first: what became of its relays once each was tried."""

    def tried() -> list[dict[str, Any]] | None:
        with open_data(str(loop.folder)) as data:
            found = list(lists.relays_list(data, Filters()))[::-1]
        return None if [row for row in found if row["state"] in ("waiting", "sending")] else found

    by_source: dict[str, list[tuple[str, str | None]]] = {}
    for row in loop.until(tried, seconds):
        by_source.setdefault(row["source"], []).append((row["state"], row["reason"]))
    return by_source


@contextlib.contextmanager
def name_server(answers: dict[str, list[list[str]]]) -> Iterator[None]:
    """Answers each question for a name with the next of its lists, the last one for ever; IPv6 has none of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind((NAMESERVER[0], 53))
        is_over = threading.Event()

        def serve() -> None:
            while True:
                asked, caller = here.recvfrom(2048)
                if is_over.is_set():
                    return
                end = asked.index(b"\0", 12)
                labels, at = [], 12
                while at < end:
                    labels.append(asked[at + 1 : at + 1 + asked[at]].decode())
                    at += 1 + asked[at]
                kind = struct.unpack(">H", asked[end + 1 : end + 3])[0]
                left = answers.get(".".join(labels).lower())
                found = [] if kind != 1 or not left else left.pop(0) if len(left) > 1 else left[0]
                records = b"".join(
                    b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(address) for address in found
                )
                flags = 0x8180 if left else 0x8183
                head = asked[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0)
                here.sendto(head + asked[12 : end + 5] + records, caller)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end_it:
                end_it.sendto(b"", (NAMESERVER[0], 53))
            thread.join(5)


@in_its_own_network(*(f"{address}/32" for address in V4), *(f"{address}/128" for address in V6))
def test_no_private_address_is_reached_however_it_is_written(tmp_path: Path, note: Note) -> None:
    with (
        RawServer(says(answer(b"canary")), host="0.0.0.0") as canary,
        RawServer(says(answer(b"canary")), host="::") as canary6,
    ):
        for address in (*V4, "127.0.0.1"):
            socket.create_connection((address, canary.port), 5).close()  # each of them would be reached
        for address in set(V6) - {"fe80::1234"}:
            socket.create_connection((address, canary6.port), 5).close()
        hosts = [*V4, *WRITTEN, *(f"[{address}]" for address in (*V6, "::1"))]
        urls = {
            f"s{number}": (
                f"http://{host}:{(canary6 if host.startswith('[') and 'ffff' not in host else canary).port}/",
                [],
            )
            for number, host in enumerate(hosts)
        }
        everything = ["0.0.0.0/0", "::/0"]
        urls["never"] = (f"http://169.254.169.254:{canary.port}/", everything)  # whatever the owner names
        urls["meant"] = (f"http://10.0.0.1:{canary.port}/", ["10.0.0.0/8"])
        ours = len(V4) + 1 + len(V6) - 1
        with running(tmp_path, setup(urls)) as loop:
            for key in urls:
                sale(loop, key, "1")
            found = settled(loop)
            meant = found.pop("meant")
            assert meant == [("delivered", None)]
            unknown = [key for key, state in found.items() if state == [("failed", "dns")]]
            no_names = {urls[key][0].split("/")[2].rsplit(":", 1)[0] for key in unknown}
            assert no_names <= set(WRITTEN[1:])
            assert {tuple(state) for key, state in found.items() if key not in unknown} == {(("held", "blocked_ip"),)}
            sale(loop, "s0", "2")  # the destination is paused: nothing is even tried
            assert settled(loop)["s0"] == [("held", "blocked_ip")] * 2
            assert "Traceback" not in loop.errors()
        hits = canary.connections + canary6.connections - ours - 1  # the one that was meant
    note(ways=len(urls) - 1, canary_hits=hits)
    assert hits == 0


@in_its_own_network("169.254.169.254/32")
def test_a_redirect_to_the_metadata_of_a_cloud_is_not_followed(tmp_path: Path, note: Note) -> None:
    with RawServer(says(answer(b"canary")), host="169.254.169.254") as canary:
        moved = Scripted(302, headers={"Location": f"{canary.url}/latest/meta-data/"})
        loop_back = Scripted(307, headers={"Location": "/conv"})
        with AdNetwork(moved, loop_back) as ad:
            urls = {"one": (f"{ad.url}/conv", ["127.0.0.0/8"]), "two": (f"{ad.url}/conv", ["127.0.0.0/8"])}
            with running(tmp_path, setup(urls)) as loop:
                for key in urls:
                    sale(loop, key, "1")
                assert settled(loop) == {"one": [("failed", "redirect")], "two": [("failed", "redirect")]}
            assert len(ad.told) == 2
        note(ways=2, canary_hits=canary.connections)
        assert canary.connections == 0


@in_its_own_network(f"{NAMESERVER[0]}/32", f"{PUBLIC}/32")
def test_a_name_that_changes_its_mind_gains_nothing(tmp_path: Path, note: Note) -> None:
    answers = {
        "rebinding.example": [[PUBLIC], ["127.0.0.1"]],
        "mixed.example": [["127.0.0.1", PUBLIC]],
        "blocked.example": [["0.0.0.0"]],  # what ad-blocking name servers say
        "private.example": [["127.0.0.1"]],
    }
    with (
        RawServer(says(answer(b"OK")), host=PUBLIC) as public,
        RawServer(says(answer(b"canary")), host="127.0.0.1", port=public.port) as canary,
        name_server(answers),
    ):
        urls = {name.partition(".")[0]: (f"http://{name}:{public.port}/", []) for name in answers}
        with running(tmp_path, setup(urls)) as loop:
            for key in urls:
                sale(loop, key, "1")
            first = settled(loop)
            assert {key: first[key] for key in ("rebinding", "mixed")} == {
                "rebinding": [("delivered", None)],
                "mixed": [("delivered", None)],
            }
            assert first["blocked"] == first["private"] == [("held", "blocked_ip")]
            sale(loop, "rebinding", "2")
            assert settled(loop)["rebinding"] == [("delivered", None), ("held", "blocked_ip")]
        assert public.connections == 2
        note(ways=len(answers), canary_hits=canary.connections)
        assert canary.connections == 0
