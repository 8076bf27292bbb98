"""Waitress against those who hold connections: a limit for each address, one deadline for a whole request.

Whoever dripped a byte now and then could keep a thousand connections open and every visitor out. An address may hold
only so many connections on which no whole request has come yet; carriers put thousands of visitors behind one
address, but those ask at once. From its first moment, or from the first byte of a further request, a connection has a
few seconds to say all, head and body; half a one while half of all places are silent. Loopback and the owner's own
proxies are exempt from the first, not the second.
"""

from __future__ import annotations

import ipaddress
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from server.web.parser import Parser

MOST_SILENT = 20  # connections of one address that have not said a whole request
DEADLINE_S = 5.0
PRESSED_S = 0.5  # the same while half of all connections that may be open say nothing: places must come free in time
ACCEPTS = 64  # in one turn: Waitress takes one


class HardenedChannel(HTTPChannel):  # type: ignore[misc]
    parser_class = Parser

    def __init__(self, server: HardenedServer, *rest: Any, **named: Any) -> None:
        super().__init__(server, *rest, **named)
        self._holder: str | None = server.enter(str(self.addr[0]))
        self._began: float | None = time.monotonic()

    def received(self, data: bytes) -> Any:
        if self._began is None:
            self._began = time.monotonic()
        before = len(self.requests)
        result = super().received(data)
        if self.request is None:
            self.whole_request_came()
        if any(request.error for request in self.requests[before:]):
            self.server.refused("malformed")
        return result

    def whole_request_came(self) -> None:
        self._began = None
        self._let_go()

    def is_overdue(self, now: float, patience_s: float) -> bool:
        return self._began is not None and not self.requests and now - self._began > patience_s

    def handle_close(self) -> None:
        self._let_go()
        super().handle_close()

    def _let_go(self) -> None:
        if self._holder is not None:
            self.server.leave(self._holder)
            self._holder = None


class HardenedServer(TcpWSGIServer):  # type: ignore[misc]
    channel_class = HardenedChannel

    def __init__(
        self, *rest: Any, is_exempt: Callable[[str], bool], refused: Callable[[str], None], **named: Any
    ) -> None:
        self._silent: Counter[str] = Counter()
        self._is_exempt = is_exempt
        self.refused = refused
        super().__init__(*rest, **named)

    def handle_accept(self) -> None:
        for _ in range(ACCEPTS):
            try:
                accepted = self.accept()
                if accepted is None:
                    return
                connection, address = accepted
                self.set_socket_options(connection)
            except OSError:
                continue  # it has gone again
            if self._is_full(str(address[0])):
                connection.close()
                self.refused("limit")
            else:
                self.channel_class(self, connection, address, self.adj, map=self._map)

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        since_start = time.monotonic()
        is_pressed = self._silent.total() > self.adj.connection_limit // 2
        patience_s = min(PRESSED_S, DEADLINE_S) if is_pressed else DEADLINE_S
        if is_pressed:
            self.next_channel_cleanup = now + PRESSED_S / 2
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(since_start, patience_s):
                channel.will_close = True  # not at once: whom this turn accepts could have its number, and its end

    def enter(self, address: str) -> str:
        holder = holder_of(address)
        self._silent[holder] += 1
        return holder

    def leave(self, holder: str) -> None:
        self._silent[holder] -= 1
        if not self._silent[holder]:
            del self._silent[holder]

    def _is_full(self, address: str) -> bool:
        return self._silent[holder_of(address)] >= MOST_SILENT and not self._is_exempt(address)


def holder_of(address: str) -> str:
    """In IPv6 whoever has one address has all of its network."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


def is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith(("127.", "::ffff:127."))
