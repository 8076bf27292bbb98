"""Which addresses a relay may reach: the name is looked up once, checked, and connected to as it was checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence

import httpcore

_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24")
)  # NAT64, 6to4 and Teredo call themselves global and lead anywhere
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
        addresses = await self._resolve(host, port, timeout)
        allowed = [address for address in addresses if is_allowed(ipaddress.ip_address(address), self._allow)]
        if not allowed:
            raise AddressBlocked(f"{host} leads to {addresses[0]}, which relays may not reach")
        return await self._backend.connect_tcp(allowed[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int, timeout_s: float | None) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise NameUnknown(f"{host}: {error or 'the name servers do not answer'}") from error
        return [str(entry[4][0]).partition("%")[0] for entry in found]
