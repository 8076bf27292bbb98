"""What every page works with: the data, the jobs, the theme, and ways to the other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.jobs import Jobs
from app.pulse import Pulse
from app.server_process import ServerProcess
from app.theme import Theme
from server.api.data import Data
from server.domain.things import Setup

PAGE_OF = {  # where a thing of each kind is edited
    "campaign": "campaigns",
    "source": "sources",
    "network": "networks",
    "offer": "offers",
    "landing": "landings",
}


@dataclass(slots=True)
class Desk:
    data: Data
    jobs: Jobs
    theme: Theme
    pulse: Pulse
    server: ServerProcess
    show_evidence: Callable[[str], None]  # of a click id
    go_to: Callable[[str, dict[str, Any]], None]  # a page by name, and what it is narrowed to
    say: Callable[[str], None]  # a line in the status bar
    begin: Callable[[], None] = lambda: None  # the questions of the first run, asked again

    def __post_init__(self) -> None:
        self.data.setup()  # the one time that it is read here: nothing is on screen yet

    @property
    def setup(self) -> Setup:
        """As the pulse last found it; the database is not asked."""
        return self.data.current.known

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.setup.owner.timezone)
