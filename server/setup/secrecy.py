"""Which values of a spec are secrets: tokens, signing secrets, and headers whose name says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.domain.masking import MASK, is_secret_header
from server.setup.problem import At, Trail

PLACEHOLDER = MASK  # stands for a secret wherever one is shown; in a file it leaves the secret as it is


def is_secret(trail: Trail) -> bool:
    if trail in (("token",), ("hmac", "secret")):
        return True
    return len(trail) > 1 and trail[-2] == "headers" and is_secret_header(str(trail[-1]))


def masked(value: Any, trail: Trail = ()) -> Any:
    """The same value with a placeholder for each secret; an empty one is no secret but a decision."""
    match value:
        case dict():
            return {key: masked(inner, (*trail, key)) for key, inner in value.items()}
        case list():
            return [masked(inner, (*trail, index)) for index, inner in enumerate(value)]
        case _:
            return PLACEHOLDER if value and is_secret(trail) else value


def known_secret(make: Callable[[Any, At], Any]) -> Callable[[Any, At], Any]:
    """Refuse the placeholder of a secret that nobody knows: it came without the setup that it was taken from."""

    def check(value: Any, at: At) -> Any:
        if value == PLACEHOLDER and is_secret(at.trail):
            raise at.refusal(f"{PLACEHOLDER} stands for a secret, but none is stored here.", "Write the secret itself.")
        return make(value, at)

    return check
