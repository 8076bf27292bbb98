"""Drives a server from a process of its own: with wrk where it is installed, else with ours."""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.errors import TallybackError
from tests.bench.load import PATIENCE_S
from tests.bench.measured import Measured
from tests.bench.visitors import REFERRER, VISITORS

ROOT = Path(__file__).resolve().parents[2]
_LUA = Path(__file__).with_name("wrk.lua")
_MARK = "MEASURED "
_TO_START_S = 60.0


class GeneratorFailed(TallybackError):
    """The load generator ended without figures."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked, line by line over and over, and the status of the right answer."""

    targets: Path
    status: int


def work_of(file: Path, targets: Sequence[str], status: int) -> Work:
    file.write_text("\n".join(targets) + "\n", encoding="utf-8")
    return Work(file, status)


def installed() -> str:
    return "wrk" if shutil.which("wrk") else "ours"


class Generator:
    def __init__(self, name: str = "") -> None:
        self.name = name or installed()
        if self.name == "wrk" and not shutil.which("wrk"):
            raise GeneratorFailed("wrk is not installed.", remedy="Install it, or leave --generator out.")

    def drive(self, url: str, work: Work, connections: int, seconds: float) -> Measured:
        run = secrets.token_hex(4)  # no two runs send the same external or transaction id
        if self.name == "wrk":
            return _wrk(url, work, connections, seconds, run)
        return _ours(url, work, connections, seconds, run)


def _ours(url: str, work: Work, connections: int, seconds: float, run: str) -> Measured:
    words = [url, "--targets", str(work.targets), "--status", str(work.status), "--run", run]
    words += ["--connections", str(connections), "--seconds", str(seconds)]
    said = _said_by([sys.executable, "-m", "tests.bench.load", *words], dict(os.environ), seconds)
    return Measured(**json.loads(said))


def _wrk(url: str, work: Work, connections: int, seconds: float, run: str) -> Measured:
    """wrk knows whole seconds only, and takes every status below 400 for a right one: the rows are counted after."""
    whole = math.ceil(seconds)
    line = ["wrk", "-t1", f"-c{connections}", f"-d{whole}s", "--timeout", f"{PATIENCE_S:.0f}s", "-s", str(_LUA), url]
    visitors = work.targets.with_name("visitors")
    visitors.write_text("".join(f"{address}\t{agent}\n" for address, agent in VISITORS), encoding="utf-8")
    told = {"BENCH_TARGETS": str(work.targets), "BENCH_VISITORS": str(visitors)}
    told |= {"BENCH_RUN": run, "BENCH_REFERRER": REFERRER}
    said = _said_by(line, {**os.environ, **told}, whole)
    return Measured(**json.loads(said.rpartition(_MARK)[2]))


def _said_by(line: list[str], environ: dict[str, str], seconds: float) -> str:
    patience = seconds + PATIENCE_S + _TO_START_S
    try:
        done = subprocess.run(
            line, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise GeneratorFailed("The load generator did not come to an end.", where=line[0]) from error
    if done.returncode or "{" not in done.stdout:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise GeneratorFailed(f"The load generator failed: {words[-1] if words else 'it said nothing'}.", where=line[0])
    return done.stdout
