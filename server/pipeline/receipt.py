"""What a network sent, as it came: who may speak for it, and our own token cut out before anything is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from server.domain.browser import PIXEL
from server.domain.things import TOKEN, Network, Signature

_MASK = b"***"
_TOKEN = TOKEN.encode()
_PAIR = _TOKEN + b"="


class Receipt(NamedTuple):
    """One request to a `/p/`, as it came; our own token is cut out before it is stored."""

    arrived_at: int
    address: str
    method: str
    query: bytes
    body: bytes
    content_type: str
    ip: str
    headers: Mapping[str, str]  # names in lower case


def refusal_of(receipt: Receipt, network: Network | None) -> str | None:
    """Why a request may not speak for the network, None where it may."""
    if network is None:
        address = f"/pixel/{receipt.address}.gif" if receipt.method == PIXEL else f"/p/{receipt.address}"
        return f"There is no network behind the address {address}."
    if receipt.method == PIXEL:
        return None if network.pixel else f"A browser may not speak for network {network.key}: its pixel is not true."
    if network.ips and not _is_listed(receipt.ip, network):
        return f"The address {receipt.ip} is not among those of network {network.key}."
    if network.hmac and not _is_signed(receipt, network.hmac):
        return f"The signature in {network.hmac.header} is missing or wrong."
    if network.token:
        tokens = _tokens(receipt)
        if not tokens:
            return f"The request carries no token, and network {network.key} has one."
        if not any(_same(token, network.token.encode()) for token in tokens):
            return f"The token is not that of network {network.key}."
    return None


def _is_listed(ip: str, network: Network) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address  # what a socket of both kinds makes of IPv4
    return any(address in ipaddress.ip_network(listed, strict=False) for listed in network.ips)


def _is_signed(receipt: Receipt, signature: Signature) -> bool:
    signed = receipt.body if signature.over == "body" else receipt.query
    digest = hmac.new(signature.secret.encode(), signed, hashlib.sha256).digest()
    given = receipt.headers.get(signature.header.lower(), "").strip().removeprefix("sha256=").encode()
    return _same(given.lower(), digest.hex().encode()) or _same(given, base64.b64encode(digest))


def _same(one: bytes, other: bytes) -> bool:
    """In the same time wherever they differ, and whatever bytes they hold."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


# Up to the next parameter, which a second question mark can introduce as well.
_TOKEN_PAIR = re.compile(
    rb"(?P<name>(?:^|[?&]|&amp;)\s*" + _TOKEN + rb"\s*=)(?P<value>[^&?]*(?:\?(?![\w.\-\[\]%]+=)[^&?]*)*)",
    re.IGNORECASE,
)
_TOKEN_JSON = re.compile(rb'(?P<name>"' + _TOKEN + rb'"\s*:\s*)"(?P<value>(?:[^"\\]|\\.)*)"', re.IGNORECASE)


def _tokens(receipt: Receipt) -> list[bytes]:
    raws = [raw for raw in (receipt.query, receipt.body) if _speaks_of_it(raw)]
    pairs = [match["value"] for raw in raws for match in _TOKEN_PAIR.finditer(raw)]
    values = [unquote_to_bytes(value.replace(b"+", b" ")).strip(b" \t\r\n\"'/") for value in pairs]
    in_json = [match["value"] for match in _TOKEN_JSON.finditer(receipt.body)] if _speaks_of_it(receipt.body) else []
    return [value for value in values if value] + in_json


def _speaks_of_it(raw: bytes) -> bool:
    """Whether it is worth while to look for the token by patterns."""
    return raw != b"" and _TOKEN in raw.lower()


def without_token(receipt: Receipt, network: Network | None) -> Receipt:
    """As it is kept, and as it is judged: so nothing that is made of it holds our token either."""
    return receipt._replace(query=_masked(receipt.query, network), body=_masked(receipt.body, network))


def plainly_opened(receipt: Receipt, network: Network) -> Receipt | None:
    """Without its token, where that stands once, as our own links write it, and is all that is to be looked at."""
    if network.ips or network.hmac or not network.token or receipt.body:
        return None
    before, _, rest = receipt.query.partition(_PAIR)
    given, sign, after = rest.partition(b"&")
    token = network.token.encode()
    if before[-1:] not in (b"", b"&") or not hmac.compare_digest(given, token):
        return None
    others = before + after
    if _TOKEN in others.lower() or token in others:
        return None
    return receipt._replace(query=b"".join((before, _PAIR, _MASK, sign, after)))


def _masked(raw: bytes, network: Network | None) -> bytes:
    """The parameter goes, and our token wherever else it stands."""
    if _speaks_of_it(raw):
        raw = _TOKEN_PAIR.sub(lambda match: match["name"] + _MASK, raw)
        if b'"' in raw:
            raw = _TOKEN_JSON.sub(lambda match: match["name"] + b'"' + _MASK + b'"', raw)
    return raw.replace(network.token.encode(), _MASK) if network and len(network.token) >= 8 else raw
