"""What the addresses need of the engine: to read, to write durably, and to know the setup and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.clock import Clock
from server.domain.click_id import Keys
from server.domain.things import Setup
from server.pipeline.ground import Ground
from server.storage.database import Database
from server.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Tracker:
    database: Database
    writer: Writer
    keys: Keys
    clock: Clock
    setup: Callable[[], Setup]
    fresh_setup: Callable[[], Setup]
    relay_owed: Callable[[], None]
    health: Callable[[], dict[str, Any]]

    def ground(self, setup: Setup) -> Ground:
        return Ground(setup, self.database.digest_key, self.clock())
