"""Waiting for what another thread does."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    def wait(is_so: Callable[[], object]) -> None:
        end = time.monotonic() + 15
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.005)

    return wait
