"""The tables. Times are milliseconds UTC, money millionths; what later issues fill has its column from the start."""

from server.storage.tables.base import Base
from server.storage.tables.costs import CorrectionRow
from server.storage.tables.downtime import DowntimeRow
from server.storage.tables.outbox import AttemptRow, BootRow, DestinationRow, RelayRow
from server.storage.tables.receipts import ConversionRow, EntryRow, JudgementRow, PostbackRow, RateRow
from server.storage.tables.setup import (
    THINGS,
    CampaignRow,
    ChangeRow,
    LandingRow,
    NetworkRow,
    OfferRow,
    SettingRow,
    SourceRow,
    ThingRow,
)
from server.storage.tables.visits import ClickRow, MissedClickRow, StepRow, TestTicketRow

__all__ = [
    "THINGS",
    "AttemptRow",
    "Base",
    "BootRow",
    "CampaignRow",
    "ChangeRow",
    "ClickRow",
    "ConversionRow",
    "CorrectionRow",
    "DestinationRow",
    "DowntimeRow",
    "EntryRow",
    "JudgementRow",
    "LandingRow",
    "MissedClickRow",
    "NetworkRow",
    "OfferRow",
    "PostbackRow",
    "RateRow",
    "RelayRow",
    "SettingRow",
    "SourceRow",
    "StepRow",
    "TestTicketRow",
    "ThingRow",
]
