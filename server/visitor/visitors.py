"""What is known of visitors: the facts of each, from data that is looked at again while the server runs."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from server.clock import DAY
from server.errors import BadInput
from server.visitor import agents, bots, geo, ranges
from server.visitor.folder import Folder
from server.visitor.geo import GeoFile
from server.visitor.lately import Lately
from server.visitor.ranges import Ranges

LOOK_S = 2.0
VISITORS_REMEMBERED = 262_144  # 3 MB
ASKERS_REMEMBERED = 16_384  # 0.2 MB: addresses that asked for robots.txt

log = logging.getLogger(__name__)


class Visitors:
    """Safe for many threads; one of its own looks whether files changed."""

    def __init__(self, geo_folder: Path, bots_folder: Path, secret: bytes) -> None:
        self.geo = Folder(geo_folder, geo.SUFFIX, GeoFile)
        self.ranges = Folder(bots_folder, ranges.SUFFIX, Ranges)
        self._secret = hashlib.sha256(b"visitor" + secret).digest()
        self._visits = Lately(VISITORS_REMEMBERED, DAY)
        self._askers = Lately(ASKERS_REMEMBERED, DAY)
        self._are_askers = False  # mostly nobody asked, and nothing is to be looked up
        self._ended = threading.Event()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visitor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Until the patterns are compiled and the files are open."""
        self._is_ready.wait()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> Sequence[BadInput]:
        """Reads what is new in the data; what is newly wrong with it."""
        return [*self.geo.look(), *self.ranges.look()]

    def _run(self) -> None:
        try:
            agents.warm_up()
            self._look()
        finally:
            self._is_ready.set()
        while not self._ended.wait(LOOK_S):
            self._look()

    def _look(self) -> None:
        try:
            for trouble in self.look():
                log.warning("left aside: %s", trouble)
        except Exception:  # visitors go on with what is known
            log.exception("the data about visitors could not be looked at")

    # -- facts ---------------------------------------------------------------------------------------------------------

    def facts(self, ip: str, agent: str | None, headers: Mapping[str, str], now: int) -> Mapping[str, str]:
        """By column of a click; what is not known is not there. Headers as WSGI has them, without its HTTP_."""
        told = dict(agents.facts_of(agent) if agent else agents.NO_AGENT)
        for file in self.geo.contents.values():
            for name, value in file.facts(ip).items():
                told.setdefault(name, value)
        if "bot" not in told and (why := self._bot(ip, headers, now)):
            told["bot"] = why
        return told

    def _bot(self, ip: str, headers: Mapping[str, str], now: int) -> str | None:
        for known in self.ranges.contents.values():
            if known.holds(ip):
                return f"range: {known.name}"
        if self._are_askers and self._askers.knows(self._hash(ip), now):
            return bots.ROBOTS
        return bots.PREFETCH if bots.is_prefetch(headers) else None

    def asked_for_robots(self, ip: str, now: int) -> None:
        self._are_askers = True
        self._askers.remember(self._hash(ip), now)

    # -- new or returning ----------------------------------------------------------------------------------------------

    def key(self, campaign_id: int, ip: str, agent: str | None) -> int:
        """Of this visitor on this campaign: tells nothing of either, and is the same after a restart."""
        return self._hash(f"{campaign_id}\n{ip}\n{agent or ''}")

    def knows(self, key: int, now: int) -> bool:
        return self._visits.knows(key, now)

    def remember(self, key: int, at: int) -> None:
        self._visits.remember(key, at)

    def _hash(self, text: str) -> int:
        digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8, key=self._secret).digest()
        return int.from_bytes(digest)
