"""What the addresses need of the engine: to read, to write durably, and to know the setup and the time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.clock import Clock
from server.counters import Counters
from server.domain.click_id import Keys
from server.domain.things import Setup
from server.pipeline.capping import Caps
from server.pipeline.ground import Ground
from server.pipeline.unrecorded import SPOOL_FULL, Unrecorded, What, missing
from server.storage.database import Database
from server.storage.spool import Spool
from server.storage.writer import Writer
from server.visitor.visitors import Visitors
from server.web.strangers import Strangers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tracker:
    database: Database
    writer: Writer
    keys: Keys
    clock: Clock
    setup: Callable[[], Setup]
    fresh_setup: Callable[[], Setup]
    relay_owed: Callable[[], None]
    spool: Spool
    unrecorded: Unrecorded
    counters: Counters
    health: Callable[[], dict[str, Any]]
    visitors: Visitors
    strangers: Strangers = field(default_factory=Strangers)
    caps: Caps = field(default_factory=Caps)

    @property
    def is_fast(self) -> bool:
        """Whether the loop of the server may write by itself: a database beyond a network would hold it up."""
        return self.database.writing.dialect.name == "sqlite"

    def ground(self, setup: Setup) -> Ground:
        now = self.clock()
        return Ground(setup, self.database.digest_key, now, self.caps.full(setup, now))

    def keep(self, records: Sequence[bytes], what: What | None, why: BaseException) -> int:
        """What the database does not take now goes into the spool: how many, from the front; the rest is missing."""
        is_first = not self.spool.waiting
        kept = self.spool.put(records)
        if kept and is_first:
            log.warning("the database cannot be written, what comes waits in the spool: %s", _said(why))
        if kept < len(records):
            if self.unrecorded.downtime is None:
                log.error("the spool has no room, what comes is not recorded: %s", _said(why))
            if what is not None:
                self.unrecorded.add(missing(SPOOL_FULL, what, len(records) - kept, self.clock()))
        return kept


def _said(why: BaseException) -> object:
    """What the database itself says, without our statement."""
    return getattr(why, "orig", None) or str(why).partition("\n")[0] or type(why).__name__
