"""The server of the demo: a process of its own, as an owner starts it, that never outlives the demo."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from server.errors import TallybackError

_START_S = 30.0
_STOP_S = 15.0
_HOUSE = Path(__file__).resolve().parent.parent.parent


class ServerEnded(TallybackError):
    """The server did not start, or ended before the demo did."""

    exit_status = 1


class ServerProcess:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        words = ["serve", "--data", str(self._folder), "--port", "0", "--json"]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                cwd=_HOUSE,
            )
        try:
            self.url = self._address()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def must_run(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise ServerEnded("The server ended before the demo did.", remedy=self._last_words())

    def complaints(self) -> list[str]:
        """What it wrote about faults of its own."""
        marks = (" ERROR ", " CRITICAL ", "Traceback ")
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if any(mark in line for mark in marks)]

    def _address(self) -> str:
        lines: list[str] = []
        process = self._process
        if process is None or process.stdout is None:
            raise AssertionError("the process was started with a pipe")
        stdout = process.stdout
        reading = threading.Thread(target=lambda: lines.append(stdout.readline()), name="first line", daemon=True)
        reading.start()
        reading.join(_START_S)
        if not lines or not lines[0]:
            raise ServerEnded("The server did not start.", remedy=self._last_words())
        return str(json.loads(lines[0])["url"])

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return f"It said: {said[-1].removeprefix('tallyback: ')}" if said else "It said nothing; try once more."

    def stop(self) -> None:
        """SIGTERM, as an operator does it; killed only where that does not help, or a person insists."""
        process = self._process
        if process is None:
            return
        try:
            process.terminate()
            process.wait(_STOP_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
        self._process = None
