"""Who really calls: proxies that the owner trusts are believed, everybody's forwarding headers fall away."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from server.domain.things import Setup

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORWARDING = (
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT"),
    *("HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP"),
)


class TrustedProxies:
    def __init__(self, app: WsgiApp, setup: Callable[[], Setup]) -> None:
        self._app = app
        self._setup = setup

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        owner = self._setup().owner
        own_header = "HTTP_" + owner.client_ip_header.upper().replace("-", "_") if owner.client_ip_header else None
        said = {name: environ.pop(name) for name in (*_FORWARDING, own_header) if name in environ}
        peer = _address(environ.get("REMOTE_ADDR", ""))
        trusted = _networks(tuple(owner.trusted_proxies))
        if peer is not None and _is_in(peer, trusted):
            environ["REMOTE_ADDR"] = str(_client(peer, said, own_header, trusted))
            scheme = said.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip().lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        elif peer is not None:
            environ["REMOTE_ADDR"] = str(peer)
        return self._app(environ, start_response)


def _client(peer: IpAddress, said: dict[str, str], own_header: str | None, trusted: Sequence[Any]) -> IpAddress:
    """The one header that the owner named, else X-Forwarded-For from the right up to the first stranger."""
    if own_header:
        return _address(said.get(own_header, "")) or peer
    client = peer
    for part in reversed(said.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _address(part)
        if address is None:
            break
        client = address
        if not _is_in(address, trusted):
            break
    return client


@functools.lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in trusted)


def _is_in(address: IpAddress, networks: Sequence[Any]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _address(text: str) -> IpAddress | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
