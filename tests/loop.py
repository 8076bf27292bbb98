"""A Tallyback as a stranger meets it: a data folder, a server process, its addresses and its commands."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.api.data import open_data
from server.api.setup import apply
from server.setup.document import read_document

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str:
        return self.headers["location"]


class Loop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    # -- commands ----------------------------------------------------------------------------------------------------

    def run(self, *words: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "server", *words, "--data", str(self.folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if expect is not None:
            assert done.returncode == expect, (words, done.returncode, done.stdout, done.stderr)
        return done

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").stdout.splitlines()]

    def apply(self, text: str) -> subprocess.CompletedProcess[str]:
        file = self.folder.parent / "setup.toml"
        file.write_text(text, encoding="utf-8")
        return self.run("apply", str(file))

    # -- the server --------------------------------------------------------------------------------------------------

    def start(self, *words: str) -> None:
        with (self.folder.parent / "server.err").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", "--json", "--port", "0", "--data", str(self.folder), *words],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors()
        self.url = json.loads(line)["url"]

    def stop(self) -> int:
        """As an operator does: SIGTERM, and a clean end."""
        assert self.process is not None
        self.process.terminate()
        status = self.process.wait(15)
        self._closed()
        return status

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(15)
        self._closed()

    def errors(self) -> str:
        path = self.folder.parent / "server.err"
        return path.read_text() if path.exists() else ""

    def _closed(self) -> None:
        assert self.process is not None
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None

    # -- requests ----------------------------------------------------------------------------------------------------

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Byte for byte what a caller sends: nothing is encoded, followed or repeated."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            came = connection.getresponse()
            return Answer(
                came.status, came.read().decode(errors="replace"), {k.lower(): v for k, v in came.getheaders()}
            )
        finally:
            connection.close()

    def get(self, target: str) -> Answer:
        return self.request("GET", target)

    def click(self, target: str = "/c/summer?ext=e1") -> str:
        """A visit; the click id that the offer's URL carries as `sub1`."""
        came = self.get(target)
        assert came.status == 302, came
        return came.location.split("sub1=")[1].split("&")[0]

    # -- waiting for what happens by itself --------------------------------------------------------------------------

    def until(self, is_so: Callable[[], Any], seconds: float = 15.0) -> Any:
        """Asks again until it is so: bounded, and without a guess of how long it takes."""
        end = time.monotonic() + seconds
        while not (found := is_so()):
            assert time.monotonic() < end, f"not within {seconds} s; the server said: {self.errors()}"
            time.sleep(0.02)
        return found


@contextmanager
def running(folder: Path, setup: str, *words: str) -> Iterator[Loop]:
    loop = Loop(folder / "data")
    with open_data(str(loop.folder)) as data:  # as `tallyback apply` does, without the time that a process takes
        apply(data, read_document(setup, "setup.toml"))
    loop.start(*words)
    try:
        yield loop
    finally:
        if loop.process is not None:
            os.kill(loop.process.pid, signal.SIGKILL)
            loop.process.wait(15)
            loop._closed()
