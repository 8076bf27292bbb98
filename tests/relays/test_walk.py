"""A visitor's walk: redirect by redirect, capped, within a wall clock, and nowhere that a stranger's redirect may not lead."""

from __future__ import annotations

import threading
import time

import pytest

from server.relays import walk
from server.relays.walk import Walked, fetch, follow
from tests.relays.raw_server import RawServer, answer, free_port, says

AGENT = "Mozilla/5.0"


def redirect(location: str, more: str = "") -> bytes:
    """It says that it hangs up, as `says` does: the next step is not to be sent into a connection that closes."""
    return answer(b"", "302 Found", "Connection: close", f"Location: {location}", *([more] if more else []))


def followed(url: str) -> Walked:
    return follow(url, AGENT, threading.Event())


def test_an_own_address_is_asked_once_and_not_followed() -> None:
    with RawServer(says(answer())) as canary, RawServer(says(redirect(f"{canary.url}/x"))) as server:
        walked = fetch(f"{server.url}/c/summer", AGENT, threading.Event())
        assert canary.connections == 0
    [came] = walked.steps
    assert (came.status, came.location, came.url) == (302, f"{canary.url}/x", f"{server.url}/c/summer")


def test_each_address_on_the_way_is_kept_with_its_answer() -> None:
    with RawServer(says(answer(b"page"))) as last, RawServer(says(redirect(f"{last.url}/end?x=1#part"))) as first:
        walked = followed(f"{first.url}/?sub1=A")
    assert [(came.status, came.url) for came in walked.steps] == [
        (302, f"{first.url}/?sub1=A"),
        (200, f"{last.url}/end?x=1"),
    ]
    assert (walked.failure, walked.steps[-1].text) == (None, "page")


def test_a_way_without_an_end_is_left() -> None:
    with RawServer(says(redirect("/again"))) as server:
        walked = followed(server.url)
    assert walked.is_endless
    assert len(walked.steps) == walk.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "location", ["http://127.0.0.2:9/", "http://[::1]:9/", "http://169.254.169.254/", "http://10.0.0.1/"]
)
def test_a_redirect_does_not_reach_into_a_private_network(location: str) -> None:
    with RawServer(says(redirect(location))) as server:
        walked = followed(server.url)
    assert walked.failure == "blocked_ip"
    assert [came.status for came in walked.steps] == [302, 0]


def test_a_name_opens_no_private_network_but_the_machine_s_own_does() -> None:
    with RawServer(says(answer())) as server:
        assert followed(f"http://localhost:{server.port}/").failure in (None, "connect")  # where it means IPv6 first
    assert walk._opened_by("http://offer.example/") == ()
    assert walk._opened_by("http://[") == ()


def test_an_app_and_nonsense_end_the_way() -> None:
    with RawServer(says(redirect("intent://x#Intent;end"))) as server:
        assert followed(server.url).leads_to_app == "intent://x"
    with RawServer(says(redirect("http://["))) as server:
        assert followed(server.url).failure == "dns"


def test_nobody_there_is_a_failure_and_no_exception() -> None:
    walked = followed(f"http://127.0.0.1:{free_port()}/")
    assert walked.failure == "connect"
    assert walked.steps[-1].text


def test_an_endless_answer_is_cut() -> None:
    def talk(connection) -> None:  # type: ignore[no-untyped-def]
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:
            return

    with RawServer(talk) as server:
        walked = followed(server.url)
    assert (walked.steps[0].status, len(walked.steps[0].text)) == (200, 2048)


def test_the_wall_clock_holds_for_the_whole_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "WALL_S", 0.3)
    hangs = threading.Event()
    with RawServer(lambda _connection: hangs.wait(30) and None) as server:
        walked = followed(server.url)
        hangs.set()
    assert walked.failure == "timeout"


def test_it_ends_at_once_when_told_to() -> None:
    hangs, stop = threading.Event(), threading.Event()
    with RawServer(lambda _connection: hangs.wait(30) and None) as server:
        threading.Timer(0.1, stop.set).start()
        began = time.monotonic()
        walked = follow(server.url, AGENT, stop)
        assert time.monotonic() - began < 5
        hangs.set()
    assert walked.failure == "broken_off"


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(says(answer(b"proxy"))) as proxy, RawServer(says(answer(b"direct"))) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert followed(server.url).steps[0].text == "direct"
        assert fetch(server.url, AGENT, threading.Event()).steps[0].text == "direct"
        assert proxy.connections == 0
