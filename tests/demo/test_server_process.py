"""The demo's server says why it did not start, and never outlives the demo."""

from __future__ import annotations

import pytest

from server.demo.server_process import ServerEnded, ServerProcess
from server.settings import ServerLock, data_folder


def test_it_serves_and_ends(tmp_path, probe):
    with ServerProcess(tmp_path) as server:
        assert probe.fetch(f"{server.url}/healthz").status == 200
        server.must_run()
        url = server.url
    assert probe.fetch(f"{url}/healthz").status == 0
    assert server.complaints() == []
    with pytest.raises(ServerEnded, match="ended before the demo"):
        server.must_run()


def test_why_it_did_not_start_is_said_in_its_own_words(tmp_path):
    lock = ServerLock(data_folder(str(tmp_path)))
    lock.take()
    try:
        with pytest.raises(ServerEnded, match=r"did not start.*in use"), ServerProcess(tmp_path):
            pass
    finally:
        lock.release()


def test_faults_of_its_own_are_complaints(tmp_path):
    server = ServerProcess(tmp_path)
    log = "2026-01-01 00:00:00,000 ERROR server.web: a fault\nTraceback (most recent call last):\ntallyback: a notice\n"
    (tmp_path / "server.log").write_text(log)
    assert len(server.complaints()) == 2
