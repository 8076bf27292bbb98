"""What is sent to a destination and what came back, for those who do not send themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.retry import Answer, Failure


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    allow: Sequence[str] = ()
    success: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and how long it took."""

    result: Answer | Failure
    text: str
    milliseconds: int
    error: str | None = None
