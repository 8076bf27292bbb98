"""The server beside the desktop: a process of its own, started, watched, restarted, or joined where one runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from server.api.data import Data
from server.api.setup import DEFAULT_PORT

_LOOK_MS = 250
_FIRST_WAIT_S = 0.3
_LONGEST_WAIT_S = 30.0
_STEADY_S = 20.0  # a server that ran this long starts again at once
_STOP_S = 10.0
_END_STEP_S = 0.05
_LARGEST_LOG = 1024 * 1024
_ANNOUNCED = "Tallyback listens on"
_MOST_LINES = 200


class ServerState(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    WAITING = "starting again soon"


class ServerProcess(QObject):
    """Looks four times a second who serves this data, whoever started it; so joining and watching are one thing."""

    changed = Signal()

    def __init__(self, data: Data, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self.state = ServerState.STOPPED
        self.url = ""
        self.problem = ""
        self.port = DEFAULT_PORT
        self._is_wanted = False
        self._wait_s = _FIRST_WAIT_S
        self._not_before = 0.0
        self._running_since = 0.0
        self._asked_to_stop_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def log_file(self) -> Path:
        return self._data.folder.path / "server.log"

    def log(self) -> list[str]:
        """The last lines that the server wrote."""
        try:
            return self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-_MOST_LINES:]
        except OSError:
            return []

    def start(self) -> None:
        """Joins the server that runs on this data, else starts one, and keeps one running."""
        self._is_wanted = True
        self._wait_s, self._not_before = _FIRST_WAIT_S, 0.0
        self._timer.start()
        self.look()

    def stop(self) -> None:
        self._is_wanted = False
        running = self._data.server()
        if running is not None:
            self._asked_to_stop_at = time.monotonic()
            with contextlib.suppress(OSError):
                os.kill(running.pid, signal.SIGTERM)
            self._become(ServerState.STOPPING)
        elif self._process is not None:  # it is about to start
            self._process.terminate()
            self._become(ServerState.STOPPING)
        else:
            self._become(ServerState.STOPPED)

    def restart(self) -> None:
        self.stop()
        self._is_wanted = True

    def end(self) -> None:
        """Stops the server and waits until it is gone: for when there are no events any more."""
        self._timer.stop()
        self.stop()
        give_up_at = time.monotonic() + _STOP_S
        while time.monotonic() < give_up_at and (self._data.server() is not None or self._is_alive):
            time.sleep(_END_STEP_S)

    @property
    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def leave(self) -> None:
        """The desktop goes, the server stays."""
        self._timer.stop()

    def look(self) -> None:
        running = self._data.server()
        ended = self._process is not None and self._process.poll() is not None
        if ended:
            self._process = None
        if running is not None:
            self._see_running(f"http://{running.host}:{running.port}", running.pid)
        elif self._process is not None:
            self._become(ServerState.STARTING if self._is_wanted else ServerState.STOPPING)
        else:
            self._see_nobody()

    def _see_running(self, url: str, pid: int) -> None:
        now = time.monotonic()
        if self.state is ServerState.STOPPING:
            if now - self._asked_to_stop_at > _STOP_S:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            return
        if self.state is not ServerState.RUNNING:
            self._running_since = now
            self.problem = ""
        elif now - self._running_since > _STEADY_S:
            self._wait_s = _FIRST_WAIT_S
        self.url = url
        self._become(ServerState.RUNNING)

    def _see_nobody(self) -> None:
        if not self._is_wanted:
            self._become(ServerState.STOPPED)
            return
        now = time.monotonic()
        if self.state in (ServerState.RUNNING, ServerState.STARTING):
            self.problem = _in_the_window(self.log())
            self._not_before = now + self._wait_s
            self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)
            self._become(ServerState.WAITING)
        if now >= self._not_before:
            self._launch()

    def _launch(self) -> None:
        words = ["-m", "server", "serve", "--port", str(self.port), "--data", str(self._data.folder.path)]
        words += ["--database", self._data.url] if self._data.url else []
        if self.log_file.exists() and self.log_file.stat().st_size > _LARGEST_LOG:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, our own words
                [sys.executable, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # it outlives the desktop where the owner wants that
                cwd=Path(__file__).resolve().parent.parent,
            )
        self._become(ServerState.STARTING)

    def _become(self, state: ServerState) -> None:
        if state is not self.state:
            self.state = state
            self.changed.emit()


def _in_the_window(lines: list[str]) -> str:
    """What the command line said last, as it is mended from here."""
    if not lines or lines[-1].startswith(_ANNOUNCED):
        return QCoreApplication.translate("ServerProcess", "It was ended from outside, without a word.")
    return lines[-1].removeprefix("tallyback: ").replace("with --port, or --port 0 for a free one", "under Settings")
