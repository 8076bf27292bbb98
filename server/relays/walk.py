"""A visitor's requests, redirect by redirect: capped, within a wall clock, and ended when told to."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from server.domain.retry import FailureKind
from server.relays.client import CONNECT_S, MOST_KEPT, READ_S, checked_transport, kind_of
from server.relays.probe import Fetched

MOST_REDIRECTS = 10
WALL_S = 20.0
_MOST_READ = 64 * 1024
_LOOK_S = 0.05
_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class Walked:
    """Every address that was asked, in order; the failure, or the reason, that kept the last from answering."""

    steps: Sequence[Fetched]
    failure: FailureKind | None = None
    is_endless: bool = False
    leads_to_app: str = ""  # an address that is no web page: market://, intent://


def fetch(url: str, agent: str, stop: threading.Event) -> Walked:
    """An address of our own, whatever network it lies in; a redirect is shown and not followed."""
    return _until_stopped(_Walk(agent, None).to(url, 0), url, stop)


def follow(url: str, agent: str, stop: threading.Event) -> Walked:
    """An offer's address to its end. Private networks only where the owner wrote such an address there."""
    return _until_stopped(_Walk(agent, _opened_by(url)).to(url, MOST_REDIRECTS), url, stop)


class _Walk:
    def __init__(self, agent: str, allow: Sequence[str] | None) -> None:
        transport = (
            httpx.AsyncHTTPTransport(verify=_context(), trust_env=False)
            if allow is None
            else checked_transport(_context(), allow)
        )
        headers = {"User-Agent": agent, "Accept": "text/html,*/*", "Accept-Encoding": "identity"}
        timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=timeout, headers=headers)
        self._ends_at = time.monotonic() + WALL_S

    async def to(self, url: str, most: int) -> Walked:
        steps: list[Fetched] = []
        async with self._client:
            while True:
                came, failure = await self._ask(url)
                steps.append(came)
                if failure or not came.location or not 300 <= came.status < 400 or most == 0:
                    return Walked(steps, failure)
                if len(steps) > most:
                    return Walked(steps, is_endless=True)
                try:
                    url = urljoin(url, came.location).partition("#")[0]
                    scheme = urlsplit(url).scheme
                except ValueError:
                    steps.append(Fetched(0, f"{came.location[:MOST_KEPT]} is no address"))
                    return Walked(steps, "dns")
                if scheme not in _WEB:
                    return Walked(steps, leads_to_app=url)

    async def _ask(self, url: str) -> tuple[Fetched, FailureKind | None]:
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, self._ends_at - started)), self._client.stream("GET", url) as response:
                raw = b""
                async for chunk in response.aiter_raw():
                    raw += chunk[: _MOST_READ - len(raw)]
                    if len(raw) >= _MOST_READ:
                        break
                text = raw.decode("utf-8", "replace")[:MOST_KEPT]
                return Fetched(response.status_code, text, dict(response.headers), _since(started), url), None
        except Exception as error:  # noqa: BLE001 - whatever it was, the walk ends here and says so
            words = (str(error) or type(error).__name__)[:200]
            return Fetched(0, words, milliseconds=_since(started), url=url), kind_of(error)


def _until_stopped(walk: Coroutine[Any, Any, Walked], url: str, stop: threading.Event) -> Walked:
    async def watched() -> Walked:
        task = asyncio.ensure_future(walk)
        while not task.done():
            if stop.is_set():
                task.cancel()
            await asyncio.wait({task}, timeout=_LOOK_S)
        if task.cancelled():
            return Walked([Fetched(0, "it was called off", url=url)], "broken_off")
        return task.result()

    return asyncio.run(watched())


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    """To read the certificates of the system takes a while."""
    return ssl.create_default_context()


def _opened_by(url: str) -> tuple[str, ...]:
    """A redirect from outside must not reach into the owner's network; the owner's own words may."""
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost":
            return ("127.0.0.0/8", "::1/128")
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        return ()


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
