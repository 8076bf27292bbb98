"""A server that says byte for byte what a test tells it to, and counts what it was sent."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

Talk = Callable[[socket.socket], None]  # what is said once a connection stands


class RawServer:
    """One thread a connection; use it as a context manager."""

    def __init__(
        self, talk: Talk, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._talk = talk
        self._tls = tls
        self._listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._thread = threading.Thread(target=self._accept)
        self._threads: list[threading.Thread] = []
        self.host, self.port = host, int(self._listening.getsockname()[1])
        self.connections = 0
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in (self._thread, *self._threads):
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(10)
            if self._tls is None:
                self._talk(connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as secure:
                self._talk(secure)


def heard(connection: socket.socket) -> bytes:
    """One request, its body included; empty where none came."""
    said = b""
    while b"\r\n\r\n" not in said or len(said.partition(b"\r\n\r\n")[2]) < _length(said):
        more = connection.recv(65536)
        if not more:
            break
        said += more
    return said


def _length(said: bytes) -> int:
    found = re.search(rb"\r\nContent-Length: (\d+)\r\n", said)
    return int(found[1]) if found else 0


def says(answer: bytes) -> Talk:
    """Hears a request, answers so, and hangs up."""

    def talk(connection: socket.socket) -> None:
        if heard(connection):
            connection.sendall(answer)

    return talk


def answer(body: bytes = b"OK", status: str = "200 OK", *headers: str) -> bytes:
    head = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
