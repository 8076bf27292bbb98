"""Gets one public file over HTTPS when somebody asks for it: proven, not redirected, within a size and a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence

import httpx

from server.errors import TallybackError
from server.relays.client import CONNECT_S, READ_S, checked_transport

WALL_S = 30.0
_REMEDY = "Try again later, or download it yourself and name it with --file."


class NotFetched(TallybackError):
    """The file did not come, or not whole."""

    exit_status = 1


def fetch_file(
    url: str, most: int, *, trusted: ssl.SSLContext | None = None, allow: Sequence[str] = (), wall_s: float = WALL_S
) -> bytes:
    """`trusted` and `allow` are for a stand-in on this machine; of `most` bytes there may be no more."""
    try:
        return asyncio.run(_fetched(url, most, trusted or ssl.create_default_context(), allow, wall_s))
    except TimeoutError as error:
        raise NotFetched(f"It did not come within {wall_s:g} s.", where=url, remedy=_REMEDY) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        words = (str(error) or type(error).__name__)[:200]
        raise NotFetched(f"It cannot be fetched: {words}.", where=url, remedy=_REMEDY) from error


async def _fetched(url: str, most: int, trusted: ssl.SSLContext, allow: Sequence[str], wall_s: float) -> bytes:
    if not url.startswith("https://"):
        raise NotFetched("It is not fetched over a line that proves nothing.", where=url, remedy=_REMEDY)
    client = httpx.AsyncClient(
        transport=checked_transport(trusted, allow),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        headers={"User-Agent": "Tallyback", "Accept-Encoding": "identity"},
    )
    async with asyncio.timeout(wall_s), client, client.stream("GET", url) as response:
        if response.status_code != httpx.codes.OK:
            raise NotFetched(f"The answer is {response.status_code}, not the file.", where=url, remedy=_REMEDY)
        raw = b""
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > most:
                raise NotFetched(f"It is larger than {most} bytes.", where=url, remedy=_REMEDY)
        return raw
