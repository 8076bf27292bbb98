"""How many files this process may have open: each connection is one, and some systems start a process with 256."""

from __future__ import annotations

import logging
import sys

if sys.platform != "win32":
    import resource

BESIDE = 500  # the database, the spool, relays under way, the log

log = logging.getLogger(__name__)


def connections(wanted: int) -> int:
    """So many can be open at once, once the limit was raised as far as it is needed and may be."""
    if sys.platform == "win32":  # has no such limit for sockets
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + BESIDE
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):  # macOS has a limit of its own below the one that it tells
        allowed = soft
    if allowed < needed:
        log.warning("only %d files may be open at once: raise the limit (ulimit -n) to %d", allowed, needed)
    return max(min(wanted, allowed - BESIDE), allowed // 2)
