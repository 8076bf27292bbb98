"""A server on this data, for whoever starts one: the command line or the desktop's own process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from server.engine import Engine
from server.settings import data_folder
from server.storage import dialect


@dataclass(frozen=True, slots=True)
class Listening:
    url: str
    host: str
    port: int


def serve(folder: str | None, url: str | None, host: str, port: int, on_listening: Callable[[Listening], None]) -> None:
    """Until SIGTERM or SIGINT; what is under way then still gets its answer."""
    engine = Engine(data_folder(folder), url=url, host=host, port=port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        engine.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    on_listening(Listening(engine.url, engine.host, engine.port))
    engine.run()


def notice() -> str | None:
    """What the owner should know about this installation before it serves."""
    if dialect.is_sound():
        return None
    version = ".".join(map(str, dialect.driver().sqlite_version_info))
    return f"SQLite {version} is older than 3.51.3; only the server writes checkpoints, which keeps the log sound."
