"""`python3 run.py bench desktop`: the desktop on a million clicks beside the desktop on none.

Each start is a process of its own, in turn. It is timed until the window is up and its first page filled; on the
full folder the list of clicks is then scrolled, filtered and asked for evidence, and the longest time that the window
could not have answered a key is what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from server.errors import TallybackError
from tests.bench import servers
from tests.bench.figures import Figure, as_json
from tests.bench.fill import fill, is_filled
from tests.bench.generator import ROOT

_PATIENCE_S = 300.0
_UP_S = 2.0  # more than the empty one
_HOLD_MS = 100.0


class DesktopFailed(TallybackError):
    """The window did not open, or did not come to its end."""

    exit_status = 1


def main(words: Sequence[str]) -> int:
    told = _arguments(words)
    out = sys.stderr if told.json else sys.stdout
    with ExitStack() as stack:
        folder = told.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tallyback-bench-")))
        empty, full = folder.resolve() / "empty", folder.resolve() / f"desktop-{told.clicks}"
        servers.set_up(empty)
        if not is_filled(full):
            took = fill(full, told.clicks, told.conversions)
            out.write(f"{told.clicks:,} clicks and {told.conversions:,} conversions filled in {took:.0f} s\n")
            out.flush()
        runs = [(opened(empty, is_used=False), opened(full, is_used=True)) for _ in range(told.rounds)]
    found = figures_of(runs)
    for name in ("up", "filled"):
        for place, which in enumerate(("the empty folder", "the full folder")):
            times = "  ".join(f"{run[place][name]:.2f}" for run in runs)
            out.write(f"{f'window {name} on {which}':<48}{times} s\n")
    for name in runs[0][1]["took"]:
        took, worked = (max(run[1][kind][name] for run in runs) for kind in ("took", "worked"))
        out.write(f"{name:<48}{took:.2f} s until shown; at work for {worked:.0f} ms of the longest hold\n")
    out.write("\n".join(["", *(figure.line() for figure in found), ""]))
    missed = [figure.title for figure in found if figure.is_missed]
    if told.json:
        sys.stdout.write(json.dumps(as_json(found, len(runs), missed=missed), indent=2) + "\n")
    return int(bool(missed and told.strict))


def opened(folder: Path, *, is_used: bool) -> dict[str, Any]:
    """What one run of the desktop tells of itself."""
    line = [sys.executable, "-m", "tests.bench.desktop_window", str(folder), str(time.monotonic())]
    environ = dict(os.environ)
    if not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        done = subprocess.run(
            [*line, *(["--use"] if is_used else [])],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DesktopFailed("The desktop did not come to an end.", where=str(folder)) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise DesktopFailed(f"The desktop failed: {said[-1] if said else 'it said nothing'}", where=str(folder))
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def figures_of(runs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[Figure]:
    later = [
        Figure((f"{name}_later_s",), f"window {name} later than on an empty folder", values, _UP_S, None, True, "s")
        for name in ("up", "filled")
        for values in [[full[name] - empty[name] for empty, full in runs]]
    ]
    holds = [
        Figure(("holds_ms", name), f"longest hold: {name}", [full["holds"][name] for _, full in runs], _HOLD_MS,
               None, True, "ms")
        for name in runs[0][1]["holds"]
    ]  # fmt: skip
    return [*later, *holds]


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py bench desktop", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clicks", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--conversions", type=int, default=100_000, metavar="M")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the data lies; a filled folder stays there")
    parser.add_argument("--json", action="store_true", help="the figures as JSON to stdout")
    parser.add_argument("--strict", action="store_true", help="exit status 1 where something asked for is missed")
    return parser.parse_args(words)
