"""The states of a relay are the words of the design."""

from __future__ import annotations

from server.domain.delivery import STATES


def test_the_states_are_those_of_the_design_in_the_order_of_a_relays_life() -> None:
    assert STATES == ("waiting", "sending", "delivered", "skipped", "failed", "held", "dead")
