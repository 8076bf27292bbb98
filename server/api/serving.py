"""A server on this data, for whoever starts one: the command line or the desktop's own process."""

from __future__ import annotations

import gc
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from server import VERSION
from server.engine import Engine
from server.log import ServerLog
from server.settings import data_folder
from server.storage import dialect

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    url: str
    host: str
    port: int


def serve(folder: str | None, url: str | None, host: str, port: int, on_listening: Callable[[Listening], None]) -> None:
    """Until SIGTERM or SIGINT; what is under way then still gets its answer."""
    where = data_folder(folder)
    with ServerLog() as server_log:
        engine = Engine(where, url=url, host=host, port=port)
        server_log.keep_in(where.log_file, engine.known_setup)

        def stop(_number: int, _frame: FrameType | None) -> None:
            engine.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        on_listening(Listening(engine.url, engine.host, engine.port))
        log.info("the server listens", extra={"fields": {"url": engine.url, "pid": os.getpid(), "version": VERSION}})
        gc.collect()
        gc.freeze()  # what a server starts with it keeps: no collection need look through it again
        try:
            engine.run()
        except BaseException:
            log.exception("the server ended")
            raise
        log.info("the server has stopped")


def notice() -> str | None:
    """What the owner should know about this installation before it serves."""
    if dialect.is_sound():
        return None
    version = ".".join(map(str, dialect.driver().sqlite_version_info))
    return f"SQLite {version} is older than 3.51.3; only the server writes checkpoints, which keeps the log sound."
