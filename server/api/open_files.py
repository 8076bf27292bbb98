"""How many files a process may have open: each connection is one, and systems begin with few."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from server.web.server import CONNECTIONS

try:
    import resource
except ImportError:  # Windows knows no such limit
    resource = None  # type: ignore[assignment]

NEEDED = CONNECTIONS + 200


def allow() -> None:
    """As many as the server needs, as far as the system lets a process raise its own limit."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = NEEDED if hard == resource.RLIM_INFINITY else min(NEEDED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def allowed(pid: int | None) -> int | None:
    """To the server that runs, else to one that would start now; None where there is no limit that can be known."""
    if pid is not None:
        with contextlib.suppress(OSError):
            limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
            if found := re.search(r"^Max open files\s+(\d+)", limits, re.MULTILINE):
                return int(found[1])
    if resource is None:
        return None
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return None if hard == resource.RLIM_INFINITY else hard
