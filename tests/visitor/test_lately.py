"""A memory of a stated size: what was seen lately is known, what was seen longest ago gives way."""

from __future__ import annotations

import random

import pytest

from server.clock import DAY, SECOND
from server.visitor.lately import Lately

NOW = 1_772_366_400_000


@pytest.fixture
def memory() -> Lately:
    return Lately(1024, DAY)


def test_what_was_seen_is_known_for_its_span(memory: Lately) -> None:
    assert not memory.knows(7, NOW)
    memory.remember(7, NOW)
    assert memory.knows(7, NOW)
    assert memory.knows(7, NOW + DAY - SECOND)
    assert not memory.knows(7, NOW + DAY)
    memory.remember(7, NOW + DAY)
    assert memory.knows(7, NOW + 2 * DAY - SECOND)


def test_a_clock_that_is_set_back_a_little_forgets_nothing(memory: Lately) -> None:
    memory.remember(7, NOW)
    assert memory.knows(7, NOW - 60 * SECOND)
    assert not memory.knows(7, NOW - 2 * DAY)


@pytest.mark.parametrize("key", [0, 1, 2**63, 2**64 - 1])
def test_every_key_can_be_remembered_and_none_is_known_before(memory: Lately, key: int) -> None:
    assert not memory.knows(key, NOW)
    memory.remember(key, NOW)
    assert memory.knows(key, NOW)


def test_it_never_grows_and_keeps_the_latest() -> None:
    memory, chance = Lately(8192, DAY), random.Random(5)
    keys = [chance.getrandbits(64) for _ in range(40_000)]
    for number, key in enumerate(keys):
        memory.remember(key, NOW + number * SECOND)
    assert memory.size == 8192 * 12
    known = [memory.knows(key, NOW + len(keys) * SECOND) for key in keys]
    assert sum(known) <= 8192
    assert sum(known[-4096:]) > 0.97 * 4096
