"""Sends one relay: one wall clock over everything, no redirects, no proxies, a capped answer, a checked address."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
import zlib
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx

from server.domain.retry import Answer, Failure, FailureKind
from server.relays.addresses import AddressBlocked, CheckedBackend, NameUnknown
from server.relays.message import Reply, Request

WALL_S = 20.0
CONNECT_S = 5.0
READ_S = 10.0
MOST_READ = 64 * 1024
MOST_KEPT = 2 * 1024


class Client:
    """One connection pool a set of allowed ranges, so that what one destination may reach no other borrows."""

    def __init__(self) -> None:
        self._ssl = ssl.create_default_context()
        self._clients: dict[tuple[str, ...], httpx.AsyncClient] = {}

    async def send(self, request: Request, now: int) -> Reply:
        started = time.monotonic()
        status: int | None = None
        raw = b""
        try:
            async with asyncio.timeout(WALL_S):
                async with self._client(tuple(request.allow)).stream(
                    request.method, request.url, headers=dict(request.headers), content=request.body.encode() or None
                ) as response:
                    status = response.status_code
                    async for chunk in response.aiter_raw():
                        raw += chunk[: MOST_READ - len(raw)]
                        if len(raw) >= MOST_READ:
                            break
            text = _text(raw, response.headers.get("content-encoding", ""))
            result: Answer | Failure = Answer(
                status,
                says_success=request.success is None or request.success in text,
                retry_after=_retry_after(response.headers.get("retry-after"), now),
            )
            error = None
        except Exception as raised:  # noqa: BLE001 - whatever it was, it ends this attempt and nothing else
            text = _text(raw, "")
            result, error = Failure(kind_of(raised)), _words(raised)
        return Reply(result, text[:MOST_KEPT], int((time.monotonic() - started) * 1000), error)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    def _client(self, allow: tuple[str, ...]) -> httpx.AsyncClient:
        if allow not in self._clients:
            self._clients[allow] = httpx.AsyncClient(
                transport=checked_transport(self._ssl, allow),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                headers={"User-Agent": "Tallyback", "Accept": "*/*", "Accept-Encoding": "identity"},
            )
        return self._clients[allow]


def checked_transport(context: ssl.SSLContext, allow: Sequence[str]) -> httpx.AsyncHTTPTransport:
    transport = httpx.AsyncHTTPTransport(verify=context, retries=0, trust_env=False)
    # httpx has no public seam for the network beneath it: this is the one place that reaches for it.
    transport._pool._network_backend = CheckedBackend(allow)  # noqa: SLF001
    return transport


def kind_of(error: BaseException) -> FailureKind:
    """Which of our words an error is; the cause says more than httpx does."""
    causes = _causes(error)
    if any(isinstance(cause, AddressBlocked) for cause in causes):
        return "blocked_ip"
    if any(isinstance(cause, NameUnknown) for cause in causes):
        return "dns"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol):
        return "tls" if any(isinstance(cause, ssl.SSLError) for cause in causes) else "connect"
    if isinstance(error, httpx.InvalidURL):
        return "dns"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "timeout"
    return "broken_off"


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(causes) < 10:
        causes.append(current)
        current = current.__cause__ or current.__context__
    return causes


def _words(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]


def _text(raw: bytes, encoding: str) -> str:
    if encoding.strip().lower() in ("gzip", "deflate"):
        with contextlib.suppress(zlib.error):
            raw = zlib.decompressobj(wbits=47).decompress(raw, MOST_READ)
    return raw.decode("utf-8", "replace").replace("\x00", "�")


def _retry_after(header: str | None, now: int) -> int | None:
    """Seconds or a date; anything else says nothing."""
    if not header:
        return None
    if header.strip().isdecimal() and header.isascii():
        return min(int(header.strip()[:12]), 10**9) * 1000
    try:
        date = parsedate_to_datetime(header)
        wait = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if wait > 0 else None
