"""How many files a server may have open, as far as another process can know it."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from server.web.open_files import BESIDE
from server.web.server import CONNECTIONS

try:
    import resource
except ImportError:  # Windows knows no such limit
    resource = None  # type: ignore[assignment]

NEEDED = CONNECTIONS + BESIDE


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
