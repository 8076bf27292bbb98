"""Which addresses a relay may reach: the name is looked up once, checked, and connected to as it was checked."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Any

import httpcore

_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in ("2002::/16", "2001::/32", "3fff::/20", "192.88.99.0/24", "192.0.0.0/24")
)  # 6to4 and Teredo call themselves global and lead anywhere; of the others not every Python knows
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")  # NAT64, site-local and IPv4-compatible addresses lie outside
_LINK_LOCAL = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10"))
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressBlocked(httpcore.ConnectError):
    """The name leads to an address that a relay may not reach."""


class NameUnknown(httpcore.ConnectError):
    """The name leads nowhere."""


def is_allowed(address: IpAddress, allow: Sequence[IpNetwork]) -> bool:
    """Public addresses, and the ranges that the owner named; link-local ones never."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in _LINK_LOCAL):
        return False
    if any(address.version == network.version and address in network for network in allow):
        return True
    if address.version == 6 and address not in _GLOBAL_IPV6:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NEVER)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was checked, so that a name that changes its mind gains nothing."""

    def __init__(self, allow: Sequence[str]) -> None:
        self._allow = [ipaddress.ip_network(network, strict=False) for network in allow]
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _resolve(host, port, timeout)
        allowed = [address for address in addresses if is_allowed(ipaddress.ip_address(address), self._allow)]
        if not allowed:
            raise AddressBlocked(f"{host} leads to {addresses[0]}, which relays may not reach")
        *others, last = _one_of_each_family(allowed)
        for address in others:  # half of a network of two families may be dead
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._backend.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int, timeout_s: float | None) -> list[str]:
    """In a thread of its own: dead name servers hold it for half a minute, and neither another relay nor a stop."""
    found: Future[list[Any]] = Future()
    found.set_running_or_notify_cancel()

    def look_up() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it
            found.set_exception(error)

    threading.Thread(target=look_up, name="resolver", daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            entries = await asyncio.wrap_future(found)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(f"{host}: {str(error) or 'the name servers do not answer'}") from error
    return [str(entry[4][0]).partition("%")[0] for entry in entries]


def _one_of_each_family(addresses: Sequence[str]) -> list[str]:
    first: dict[bool, str] = {}
    for address in addresses:
        first.setdefault(":" in address, address)
    return list(first.values())
