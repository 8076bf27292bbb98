"""One plain request, as a visitor or a network would make it: for tests of the loop and the demo."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

TIMEOUT_S = 15.0
MOST_SHOWN = 2048


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back; status 0 and the reason where nothing did."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    milliseconds: int = 0
    url: str = ""

    @property
    def location(self) -> str | None:
        return self.headers.get("location")


class Probe:
    """A small client with its own connections: no redirects followed, nothing taken from the environment."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)

    def fetch(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Fetched:
        started = time.monotonic()
        try:
            answer = self._client.request(method, url, headers=dict(headers or {}), content=body.encode() or None)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Fetched(0, str(error) or type(error).__name__, milliseconds=_since(started))
        return Fetched(answer.status_code, answer.text[:MOST_SHOWN], dict(answer.headers), _since(started))

    def close(self) -> None:
        self._client.close()


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
