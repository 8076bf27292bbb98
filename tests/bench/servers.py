"""The servers that are measured: each a process of its own, on a port that the system picks, stopped by its pid."""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.api.data import open_data
from server.api.setup import apply, read_file
from server.errors import TallybackError
from tests.bench.generator import ROOT
from tests.bench.visitors import write_geo

SETUP = Path(__file__).with_name("setup.toml")
_TO_START_S = 60.0
_TO_STOP_S = 20.0
_COMPLAINT = re.compile(r"Traceback|\bERROR\b|\bCRITICAL\b")


class ServerFailed(TallybackError):
    """A server did not start, or complained."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class Served:
    name: str
    url: str
    pid: int
    log: Path

    def memory_mb(self) -> float | None:
        """What of it is in memory now, where the system says so."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return None
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        return int(found[1]) / 1024 if found else None

    def complaint(self) -> str:
        """The first that it wrote down, with the last line of the traceback below it; empty where there is none."""
        lines = iter(self.log.read_text(encoding="utf-8", errors="replace").splitlines())
        first = next((line for line in lines if _COMPLAINT.search(line)), "")
        error = next((line for line in lines if not line.startswith((" ", "Traceback"))), "")
        return f"{first}: {error}" if first and error else first


def set_up(folder: Path, *, knows_countries: bool = True) -> None:
    """A data folder with the setup of the bench."""
    with open_data(str(folder)) as data:
        apply(data, read_file(str(SETUP)), "bench")
    if knows_countries:
        write_geo(folder / "geo")


def bare() -> list[str]:
    return ["tests.bench.bare"]


def orm(folder: Path) -> list[str]:
    return ["tests.bench.orm", str(folder / "orm.db")]


def tallyback(folder: Path) -> list[str]:
    return ["server", "serve", "--json", "--port", "0", "--data", str(folder)]


@contextmanager
def serving(name: str, words: list[str], log: Path) -> Iterator[Served]:
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield Served(name, _address(name, process, log), process.pid, log)
    finally:
        _stop(process)


def _address(name: str, process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    is_heard, _, _ = select.select([process.stdout], [], [], _TO_START_S)
    line = process.stdout.readline() if is_heard else ""
    if not line:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise ServerFailed(f"The server {name} did not start: {said[-1] if said else 'it said nothing'}.")
    return str(json.loads(line)["url"])


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_TO_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdout:
            process.stdout.close()
