"""Who asks for what is not there may do so now and then: what is kept of it is evidence, not a place to fill."""

from __future__ import annotations

import threading
from collections import OrderedDict

from server.clock import SECOND
from server.web.hardened import holder_of, is_loopback

BURST = 60  # at once
EACH_MS = 200  # and one more after each of these
MOST_KNOWN = 10_000


class Strangers:
    """A bucket for each address that fills up again with time. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: OrderedDict[str, int] = OrderedDict()  # when the bucket is full again

    def may_ask(self, address: str, now: int) -> bool:
        if is_loopback(address):  # a proxy that the owner has not named: that is everybody
            return True
        holder = holder_of(address)
        with self._lock:
            free_at = self._free_at.pop(holder, now)
            if not now <= free_at <= now + BURST * SECOND:  # long ago, or the clock was set back
                free_at = now
            may_ask = free_at + EACH_MS <= now + BURST * EACH_MS
            self._free_at[holder] = free_at + EACH_MS if may_ask else free_at
            if len(self._free_at) > MOST_KNOWN:
                self._free_at.popitem(last=False)
            return may_ask
