"""Waitress, started on a socket of our own and stopped only after those under way have their answer."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import threading
import time
from typing import Any

import waitress
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from server.errors import BadInput, PortInUse
from server.web import open_files
from server.web.fast.batch import Batch
from server.web.fast.channel import FastChannel
from server.web.fast.contract import misfit
from server.web.hardened import HardenedServer, is_loopback
from server.web.proxy import is_trusted
from server.web.tracker import Tracker

THREADS = 16
BACKLOG = 4096
CONNECTIONS = 3000
DRAIN_S = 4.0
_SETTINGS: dict[str, Any] = {
    "threads": THREADS,
    "backlog": BACKLOG,
    "asyncore_use_poll": True,
    "cleanup_interval": 1,
    "channel_timeout": 30,
    "max_request_header_size": 16 * 1024,
    "max_request_body_size": 64 * 1024,
    "clear_untrusted_proxy_headers": False,  # TrustedProxies does it
    "ident": None,
}

log = logging.getLogger(__name__)


def listening_socket(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise BadInput(
            f"{host[:60] or 'Nothing'} is no address to listen on.", remedy="Use --host 127.0.0.1 or --host 0.0.0.0."
        ) from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(where)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from error
        raise BadInput(
            f"Cannot listen on {host}, port {port}: {error.strerror}.", remedy="Choose another --host or --port."
        ) from error
    return listening


class HttpServer:
    """One listening socket and its loop; `stop` may be called from any thread or signal handler."""

    def __init__(self, app: Any, listening: socket.socket, tracker: Tracker) -> None:
        self._stopping = threading.Event()
        self._batch: Batch | None = None
        if unlike := misfit():
            log.warning(
                "Waitress is not as we know it (%s): clicks go the plain way, and connections are not limited", unlike
            )
            self._server = waitress.create_server(app, **_settings(), sockets=[listening])
            return
        self._server = _hardened_server(app, listening, tracker)
        if tracker.is_fast:
            self._batch = self._server.batch = Batch(tracker)
            self._server.channel_class = FastChannel

    def run(self) -> None:
        while not self._stopping.is_set():
            self._turn(1.0)
        self._drain()

    def stop(self) -> None:
        self._stopping.set()
        self._server.pull_trigger()

    def _turn(self, timeout_s: float) -> None:
        wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._server._map, count=1)  # noqa: SLF001
        if self._batch:
            self._batch.settle()

    def _drain(self) -> None:
        """Takes no new connection, answers what was asked, then closes."""
        self._server.del_channel()
        self._server.socket.close()
        until = time.monotonic() + DRAIN_S
        while self._is_answering() and time.monotonic() < until:
            self._turn(0.05)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.trigger.close()

    def _is_answering(self) -> bool:
        return any(channel.requests or channel.total_outbufs_len for channel in self._server.active_channels.values())


def _settings() -> dict[str, Any]:
    return {**_SETTINGS, "connection_limit": open_files.connections(CONNECTIONS)}


def _hardened_server(app: Any, listening: socket.socket, tracker: Tracker) -> HardenedServer:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(THREADS)
    return HardenedServer(
        app,
        {},
        _sock=listening,
        dispatcher=dispatcher,
        adj=Adjustments(**_settings(), sockets=[listening]),
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        bind_socket=False,
        is_exempt=lambda address: is_loopback(address) or is_trusted(address, tracker.setup().owner),
        refused=tracker.counters.refused,
    )
