"""What the answer to one attempt means for its relay: delivered, again later, held, or dead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from server.clock import DAY, HOUR, MINUTE, SECOND

WAITS = (
    *(5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR),
)
MAX_ATTEMPTS = len(WAITS) + 1
MAX_AGE = 7 * DAY
FEW_ATTEMPTS = 3  # for a 404, and for a 2xx that does not say the success text
LONGEST_OFFLINE_WAIT = 10 * MINUTE
LONGEST_RETRY_AFTER = DAY
BREAKER_OPENS_AT = 5  # failures in a row
PROBE_EVERY = 30 * SECOND
JITTER = 0.2

_RETRIED = frozenset({408, 425, 429})
FailureKind = Literal["dns", "connect", "tls", "blocked_ip", "timeout", "broken_off"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The destination answered."""

    status: int
    says_success: bool = True
    retry_after: int | None = None  # milliseconds


@dataclass(frozen=True, slots=True)
class Failure:
    """The destination did not answer; `dns`, `connect`, `tls` and `blocked_ip` happened before anything was sent."""

    kind: FailureKind


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a relay was tried, this attempt included, and what is left of its time."""

    counted: int
    uncounted: int
    expires_at: int
    on_ambiguous: Literal["retry", "hold"] = "retry"
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    pass


@dataclass(frozen=True, slots=True)
class Again:
    at: int
    reason: str
    is_counted: bool = True
    destination_waits_until: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A person has to look; the whole destination pauses with it where `pauses`."""

    reason: str
    pauses: bool


@dataclass(frozen=True, slots=True)
class Dead:
    reason: str
    pauses: bool = False


Verdict = Delivered | Again | Held | Dead


def verdict_of(result: Answer | Failure, tries: Tries, now: int, jitter: float) -> Verdict:
    """`jitter` is a random number of -1…1 that spreads the waits by a fifth."""
    if tries.is_probe:
        tries = Tries(max(tries.counted - 1, 0), tries.uncounted, tries.expires_at, tries.on_ambiguous, is_probe=True)
    match result:
        case Answer():
            return _of_answer(result, tries, now, jitter)
        case Failure():
            return _of_failure(result, tries, now, jitter)
        case _:
            assert_never(result)


def _of_answer(answer: Answer, tries: Tries, now: int, jitter: float) -> Verdict:
    reason = f"http_{answer.status}"
    if 200 <= answer.status < 300:
        return Delivered() if answer.says_success else _few(tries, now, jitter, "no_success_text")
    if answer.status in (401, 403):
        return Held(reason, pauses=True)
    if answer.status == 410:
        return Dead(reason, pauses=True)
    if answer.status == 404:
        return _few(tries, now, jitter, reason)
    if answer.status in _RETRIED or answer.status >= 500 or 300 <= answer.status < 400:
        return _again(tries, now, jitter, "redirect" if 300 <= answer.status < 400 else reason, answer.retry_after)
    return Dead(reason)


def _of_failure(failure: Failure, tries: Tries, now: int, jitter: float) -> Verdict:
    match failure.kind:
        case "blocked_ip":
            return Held("blocked_ip", pauses=True)
        case "dns" | "connect" | "tls":
            if now >= tries.expires_at:
                return Dead("expired")
            wait = min(WAITS[min(tries.uncounted, len(WAITS)) - 1], LONGEST_OFFLINE_WAIT)
            return Again(now + _spread(wait, jitter), failure.kind, is_counted=False)
        case "timeout" | "broken_off":
            if tries.on_ambiguous == "hold":
                return Held(f"ambiguous_{failure.kind}", pauses=False)
            return _again(tries, now, jitter, failure.kind, None)
        case _:
            assert_never(failure.kind)


def _few(tries: Tries, now: int, jitter: float, reason: str) -> Verdict:
    if tries.counted >= FEW_ATTEMPTS:
        return Dead(reason)
    return _again(tries, now, jitter, reason, None)


def _again(tries: Tries, now: int, jitter: float, reason: str, retry_after: int | None) -> Verdict:
    if now >= tries.expires_at:
        return Dead("expired")
    if tries.is_probe:  # uses no attempt up, and the row keeps its schedule: due, behind the breaker
        return Again(now, reason, is_counted=False, destination_waits_until=_obeyed(retry_after, now))
    if tries.counted >= MAX_ATTEMPTS:
        return Dead(reason)
    at = now + _spread(WAITS[max(tries.counted, 1) - 1], jitter)
    until = _obeyed(retry_after, now)
    return Again(max(at, until or 0), reason, destination_waits_until=until)


def _spread(wait: int, jitter: float) -> int:
    return int(wait * (1 + JITTER * jitter))


def _obeyed(retry_after: int | None, now: int) -> int | None:
    if retry_after is None or retry_after <= 0:
        return None
    return now + min(retry_after, LONGEST_RETRY_AFTER)
