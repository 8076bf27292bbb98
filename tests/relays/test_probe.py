"""The probe of a test: one plain request, nothing followed, nothing taken from the environment, no exception."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.relays.probe import Probe
from tests.relays.raw_server import RawServer, answer, free_port, says


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


def test_what_comes_back_is_told(probe: Probe) -> None:
    with RawServer(says(answer(b"hello", "418 Teapot", "X-Id: 7"))) as server:
        fetched = probe.fetch(server.url)
    assert (fetched.status, fetched.text, fetched.headers["x-id"], fetched.location) == (418, "hello", "7", None)


def test_a_redirect_is_shown_and_not_followed(probe: Probe) -> None:
    with (
        RawServer(says(answer())) as canary,
        RawServer(says(answer(b"", "302 Found", f"Location: {canary.url}/x"))) as server,
    ):
        fetched = probe.fetch(server.url)
        assert (fetched.status, fetched.location, canary.connections) == (302, f"{canary.url}/x", 0)


def test_the_environment_names_no_proxy(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(says(answer(b"proxy"))) as proxy, RawServer(says(answer(b"direct"))) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        another = Probe()
        assert (another.fetch(server.url).text, proxy.connections) == ("direct", 0)
        another.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:PORT/", "http://[", "nothing", ""])
def test_where_nothing_answers_the_status_is_0_and_the_text_says_why(probe: Probe, url: str) -> None:
    fetched = probe.fetch(url.replace("PORT", str(free_port())))
    assert fetched.status == 0
    assert fetched.text


def test_where_the_answer_is_none_the_status_is_0(probe: Probe) -> None:
    with RawServer(says(b"SSH-2.0-OpenSSH\r\n")) as server:
        assert probe.fetch(server.url).status == 0
