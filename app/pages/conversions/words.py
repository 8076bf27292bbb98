"""What a person's word on conversions would change and owe, said in a sentence and a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.widgets.tones import spoken
from server.api.by_hand import Spoken
from server.api.reasons import reason_of


def changes(told: Sequence[Spoken]) -> str:
    """`2 × pending → approved, 1 stays approved`."""
    counted = Counter((one.before, one.after) for one in told)
    return ", ".join(
        f"{count} × {spoken(before)} → {spoken(after)}" if before != after else f"{count} stays {spoken(after)}"
        for (before, after), count in counted.items()
    )


def relays_owed(told: Sequence[Spoken]) -> str:
    """Who is told, who is not and why; a line each."""
    relays = [relay for one in told for relay in one.relays]
    if not relays:
        return "No relay is owed: nothing is sent."
    counted = Counter((_name(relay.destination), relay.status, relay.state, relay.reason) for relay in relays)
    lines = []
    for (name, status, state, reason), count in counted.items():
        why = reason_of(reason).why
        if state == "skipped":
            lines.append(f"{name} is not told of {count} × {spoken(status)}: {why}")
        elif state == "held":
            lines.append(f"{name} is owed {count} × {spoken(status)}, held: {why}")
        else:
            lines.append(f"{name} is told {count} × {spoken(status)}.")
    return "\n".join(lines)


def _name(destination: str) -> str:
    return destination.removeprefix("source:")
