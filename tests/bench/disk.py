"""How long the disk itself takes to say that something is safe: the floor under every durable answer."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

TIMES = 200
_BLOCK = b"x" * 4096
_sync = getattr(os, "fdatasync", os.fsync)


def sync_microseconds(folder: Path) -> float:
    """The median of a block written and flushed, as a commit does it."""
    file = folder / "sync"
    took = []
    with file.open("wb", buffering=0) as opened:
        for _ in range(TIMES):
            opened.write(_BLOCK)
            began = time.perf_counter()
            _sync(opened.fileno())
            took.append(time.perf_counter() - began)
    file.unlink()
    return statistics.median(took) * 1e6
