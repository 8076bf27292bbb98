"""What a load generator finds out, whichever it was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in milliseconds, from the request's last byte out to the answer's last byte in."""

    answered: int
    rate: float  # a second
    p50: float
    p99: float
    p999: float
    longest: float
    errors: int
