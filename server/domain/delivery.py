"""The states of a relay, from owed to delivered or given up."""

from __future__ import annotations

WAITING, SENDING, DELIVERED, SKIPPED, FAILED, HELD, DEAD = (
    *("waiting", "sending", "delivered", "skipped", "failed", "held", "dead"),
)
STATES = (WAITING, SENDING, DELIVERED, SKIPPED, FAILED, HELD, DEAD)

TO_THE_SOURCE = "source"  # in place of a test's echo: its relay goes to the source itself
