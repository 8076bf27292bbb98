"""Where the data lives, and the lock that lets one server at a time work on it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import platformdirs

from server.errors import BadInput, FolderInUse

if os.name == "nt":
    import msvcrt
else:
    import fcntl

_PATIENCE = 20
_LOCKED_BYTE = 1 << 20  # past the text, so that others may read who holds the lock


@dataclass(frozen=True, slots=True)
class DataFolder:
    path: Path

    @property
    def default_url(self) -> str:
        return f"sqlite:///{self.path / 'tallyback.db'}"

    def url(self, chosen: str | None) -> str:
        return chosen or self.default_url

    @property
    def lock_file(self) -> Path:
        return self.path / "server.lock"

    @property
    def spool_file(self) -> Path:
        return self.path / "spool"

    @property
    def log_file(self) -> Path:
        return self.path / "tallyback.log"

    @property
    def geo_folder(self) -> Path:
        return self.path / "geo"

    @property
    def bots_folder(self) -> Path:
        return self.path / "bots"

    @property
    def stats_file(self) -> Path:
        return self.path / "stats.json"


@dataclass(frozen=True, slots=True)
class Running:
    """The server that works on this folder now."""

    pid: int
    host: str
    port: int


def data_folder(chosen: str | None, *, create: bool = True) -> DataFolder:
    path = Path(chosen or platformdirs.user_data_dir("tallyback", appauthor=False))
    try:
        path = path.expanduser()
        if create:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not path.is_dir():
            raise BadInput("There is no data folder here.", where=str(path), remedy="Check --data.")
        if create and os.name == "posix" and path.stat().st_uid == os.getuid():
            path.chmod(0o700)
    except (OSError, ValueError, RuntimeError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(
            f"This cannot be a data folder: {what}.", where=str(path), remedy="Name another with --data."
        ) from error
    return DataFolder(path)


class ServerLock:
    """Held as long as the process lives: the system frees it even after a crash."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def take(self) -> None:
        try:
            file = self._folder.lock_file.open("a+", encoding="utf-8")
            if os.name == "posix":
                self._folder.lock_file.chmod(0o600)
        except OSError as error:
            what = f"The data folder cannot be written: {error.strerror}."
            remedy = "Mend its rights, or name another with --data."
            raise BadInput(what, where=str(self._folder.lock_file), remedy=remedy) from error
        try:
            _lock_soon(file)
        except OSError as error:
            running = running_server(self._folder)
            file.close()
            holder = f"process {running.pid} (http://{running.host}:{running.port})" if running else "another process"
            raise FolderInUse(str(self._folder.path), holder) from error
        file.truncate(0)  # of whoever was killed before it could
        self._file = file

    def announce(self, running: Running) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(json.dumps(asdict(running)))
            self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.close()
            self._file = None


def running_server(folder: DataFolder) -> Running | None:
    """Whoever holds the lock, by its own word; None where nobody does."""
    try:
        with folder.lock_file.open("r+", encoding="utf-8") as file:
            try:
                _lock(file)
            except OSError:
                file.seek(0)
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    return Running(**json.loads(file.read()))
    except OSError:
        return None
    return None


def _lock_soon(file: IO[str]) -> None:
    """Whoever only looks whether a server runs holds the lock for an instant."""
    for _ in range(_PATIENCE):
        with contextlib.suppress(OSError):
            _lock(file)
            return
        time.sleep(0.02)
    _lock(file)


def _lock(file: IO[str]) -> None:
    if os.name == "nt":
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
