"""Who really calls: proxies that the owner trusts are believed, everybody's forwarding headers fall away."""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from server.domain.things import Owner, Setup

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
SHARED = "tallyback.shared_address"  # in the environ: a proxy that nobody named speaks, for whomever
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORWARDING = (
    *("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX"),
    *("X_REAL_IP", "FORWARDED", "CF_CONNECTING_IP", "TRUE_CLIENT_IP"),
)


class TrustedProxies:
    def __init__(self, app: WsgiApp, setup: Callable[[], Setup]) -> None:
        self._app = app
        self._setup = setup

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        owner = self._setup().owner
        own_header = _own_header(owner)
        names = (*_FORWARDING, own_header) if own_header else _FORWARDING
        said = {name: environ.pop(f"HTTP_{name}") for name in names if f"HTTP_{name}" in environ}
        environ.pop("HTTP_HOST", None)  # nothing hangs on it, and the framework answers one that no name can be 404
        peer = environ.get("REMOTE_ADDR", "")
        environ["REMOTE_ADDR"] = caller(peer, said, owner)
        if said and not is_trusted(peer, owner):
            environ[SHARED] = True
        elif scheme := _scheme(said):
            environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start_response)


def caller(peer: str, headers: Mapping[str, str], owner: Owner) -> str:
    """The visitor's own address; headers as WSGI has them, without its HTTP_."""
    if not is_trusted(peer, owner):
        return _shown(peer)
    said = headers.get("X_FORWARDED_FOR", "")
    if not owner.client_ip_header and _is_plain(said):
        return said
    return _client(peer, headers, owner)


def is_trusted(peer: str, owner: Owner) -> bool:
    return _is_trusted(peer, tuple(owner.trusted_proxies))


@functools.lru_cache(maxsize=256)
def _is_trusted(peer: str, trusted: tuple[str, ...]) -> bool:
    address = _address(peer)
    return address is not None and _is_in(address, _networks(trusted))


def _is_plain(said: str) -> bool:
    """One IPv4 address in its usual form, which is what most proxies say; most visitors come once, so none is kept."""
    try:
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, said)) == said
    except (OSError, ValueError):  # ValueError: letters that are none of ASCII, or a NUL
        return False


def is_https(peer: str, headers: Mapping[str, str], owner: Owner) -> bool:
    """By the word of a proxy that the owner trusts."""
    return _scheme(headers) == "https" and is_trusted(peer, owner)


def _scheme(said: Mapping[str, str]) -> str | None:
    if "X_FORWARDED_PROTO" not in said:
        return None
    scheme = said["X_FORWARDED_PROTO"].split(",")[-1].strip().lower()
    return scheme if scheme in ("http", "https") else None


def _own_header(owner: Owner) -> str | None:
    return owner.client_ip_header.upper().replace("-", "_") if owner.client_ip_header else None


def _client(peer: str, headers: Mapping[str, str], owner: Owner) -> str:
    """The one header that the owner named, else X-Forwarded-For from the right up to the first stranger."""
    own_header = _own_header(owner)
    if own_header:
        return str(_address(headers.get(own_header, "")) or _shown(peer))
    client, trusted = _address(peer), _networks(tuple(owner.trusted_proxies))
    for part in reversed(headers.get("X_FORWARDED_FOR", "").split(",")):
        address = _address(part)
        if address is None:
            break
        client = address
        if not _is_in(address, trusted):
            break
    return str(client)


@functools.lru_cache(maxsize=4096)
def _shown(peer: str) -> str:
    """The address in its one usual form."""
    address = _address(peer)
    return peer if address is None else str(address)


@functools.lru_cache(maxsize=8)
def _networks(trusted: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in trusted)


def _is_in(address: IpAddress, networks: Sequence[Any]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@functools.lru_cache(maxsize=4096)
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
