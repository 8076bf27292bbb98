"""The setup as it stands in the database: built once, and fresh within a fifth of a second of a change elsewhere."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from server.catalog import load_catalog
from server.clock import Clock
from server.domain.things import Setup
from server.errors import TallybackError
from server.setup.build import build
from server.setup.specs import Specs, Templates
from server.storage.database import Database
from server.storage.specs import load_specs, version_of_setup

FRESH_FOR_MS = 200

log = logging.getLogger(__name__)


def templates() -> Templates:
    catalog = load_catalog()
    return Templates(
        networks={key: template.spec for key, template in catalog.networks.items()},
        sources={key: template.spec for key, template in catalog.sources.items()},
        fill_in={key: tuple(template.fill_in) for key, template in catalog.sources.items()},
    )


def load_setup(connection: Connection) -> Setup:
    stored = load_specs(connection)
    setup = build(Specs(stored.owner, **stored.specs), templates(), stored.ids)
    archived = stored.archived["campaign"]
    return replace(
        setup,
        campaigns={key: campaign for key, campaign in setup.campaigns.items() if key not in archived},
        archived_campaigns={key: campaign for key, campaign in setup.campaigns.items() if key in archived},
    )


class CurrentSetup:
    """What requests see: the last setup, looked at again when it may be old."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._setup = Setup()
        self._version = -1
        self._looked_at = 0

    def get(self) -> Setup:
        now = self._clock()
        if not 0 <= now - self._looked_at < FRESH_FOR_MS:
            return self.refresh()
        return self._setup

    @property
    def known(self) -> Setup:
        """The last one, however old."""
        return self._setup

    def refresh(self) -> Setup:
        """Looks now, whoever looked before: an address that nobody knows may have been set up this instant.

        What cannot be read or understood leaves the last good setup in force: visitors are sent on all the same.
        """
        try:
            return self._look()
        except (SQLAlchemyError, TallybackError) as error:
            if self._version < 0:
                raise
            log.error("the setup cannot be read anew, the last one stays in force: %s", error)  # noqa: TRY400 - one line
            self._looked_at = self._clock()
            return self._setup

    def _look(self) -> Setup:
        with self._lock, self._database.read() as connection:
            version = version_of_setup(connection)
            if version != self._version:
                self._setup, self._version = load_setup(connection), version
            self._looked_at = self._clock()
            return self._setup
