"""Connections by the thousand that say nothing or a byte now and then: `python -m tests.faults.attackers --help`.

They come from as many addresses as asked for, and whoever is hung up on is back soon. A process of its own, so that the
one who measures is not held up; prints `ready` once each was opened once, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import ipaddress
import os
import select
import socket
import sys
import time

DRIPPED = b"GET /c/summer?ext=slow HTTP/1.1\r\nHost: x\r\nX-Drip: " + b"a" * 4096
BACK_A_SECOND = 2000
DRIP_EVERY_S = 0.5
AT_ONCE = 500  # opened before the others get their turn


class Attack:
    def __init__(self, target: tuple[str, int], first: str, addresses: int, count: int) -> None:
        self._target = target
        self._first = int(ipaddress.IPv4Address(first))
        self._addresses = addresses
        self._open: dict[int, tuple[socket.socket, int]] = {}  # how far each has come with its request
        self._missing = count
        self._poll = select.epoll()
        self.opened = 0

    def turn(self, most: int) -> None:
        for _ in range(min(most, self._missing)):
            self._begin()
        for descriptor, _ in self._poll.poll(0):
            self._end_if_over(descriptor)

    def drip(self) -> None:
        """Every other connection says one byte more; the rest are silent."""
        for descriptor, (connection, said) in list(self._open.items()):
            if descriptor % 2:
                with contextlib.suppress(OSError):
                    connection.send(DRIPPED[said : said + 1])
                    self._open[descriptor] = connection, said + 1

    def _begin(self) -> None:
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        source = str(ipaddress.IPv4Address(self._first + self.opened % self._addresses))
        self.opened += 1
        try:
            connection.bind((source, 0))
            connection.connect(self._target)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                connection.close()
                return
        self._missing -= 1
        self._open[connection.fileno()] = connection, 0
        self._poll.register(connection, select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR)

    def _end_if_over(self, descriptor: int) -> None:
        connection, _ = self._open[descriptor]
        try:
            if connection.recv(100):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._poll.unregister(descriptor)
        del self._open[descriptor]
        connection.close()
        self._missing += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--first", required=True, help="the first address to come from")
    parser.add_argument("--addresses", type=int, required=True)
    parser.add_argument("--count", type=int, default=10_000)
    told = parser.parse_args()
    attack = Attack((told.host, told.port), told.first, told.addresses, told.count)
    while attack.opened < told.count:
        attack.turn(AT_ONCE)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    pause_s, dripped_at = 0.05, time.monotonic()
    while not select.select([sys.stdin], [], [], pause_s)[0]:
        attack.turn(int(BACK_A_SECOND * pause_s))
        if time.monotonic() - dripped_at > DRIP_EVERY_S:
            dripped_at = time.monotonic()
            attack.drip()
    sys.stdout.write(f"{attack.opened}\n")
    sys.stdout.flush()
    os._exit(0)  # ten thousand sockets close quicker with their process


if __name__ == "__main__":
    main()
