"""Waitress, started on a socket of our own and stopped only after those under way have their answer."""

from __future__ import annotations

import errno
import re
import socket
import sys
import threading
import time
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

from server.errors import BadInput, PortInUse

THREADS = 16
BACKLOG = 1024
DRAIN_S = 4.0
_ENCODING = re.compile(rb"^transfer-encoding:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


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


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses what two servers could see end in two places, and what waitress itself stumbles over."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("The target or a length cannot be read") from error
        encodings = [encoding.lower() for encoding in _ENCODING.findall(header_plus)]
        is_plain = encodings == [b"chunked"] and self.version == "1.1" and "CONTENT_LENGTH" not in self.headers
        if encodings and not is_plain:
            raise ParsingError("The end of the body is not clear")


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser


class HttpServer:
    """One listening socket and its loop; `stop` may be called from any thread or signal handler."""

    def __init__(self, app: Any, listening: socket.socket) -> None:
        self._stopping = threading.Event()
        self._server = waitress.create_server(
            app,
            sockets=[listening],
            threads=THREADS,
            backlog=BACKLOG,
            connection_limit=1000,
            asyncore_use_poll=True,
            channel_timeout=30,
            max_request_header_size=16 * 1024,
            max_request_body_size=64 * 1024,
            clear_untrusted_proxy_headers=False,  # TrustedProxies does it
            ident=None,
        )
        self._server.channel_class = Channel

    def run(self) -> None:
        while not self._stopping.is_set():
            self._turn(1.0)
        self._drain()

    def stop(self) -> None:
        self._stopping.set()
        self._server.pull_trigger()

    def _turn(self, timeout_s: float) -> None:
        wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._server._map, count=1)  # noqa: SLF001

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
