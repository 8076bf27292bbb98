"""What is set up: settings, things in the words of the setup file, and their history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, Document, OptionalTime, Pk, Time


class SettingRow(Base):
    """The top of the setup file, the key of the click ids, counters of versions: one value a name."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class ThingRow:
    """What every set-up thing has: its key, and the setup file's words for it."""

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(unique=True)
    spec: Mapped[Document]
    archived_at: Mapped[OptionalTime]
    changed_at: Mapped[Time]


class SourceRow(ThingRow, Base):
    __tablename__ = "source"


class NetworkRow(ThingRow, Base):
    __tablename__ = "network"


class OfferRow(ThingRow, Base):
    __tablename__ = "offer"
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))


class LandingRow(ThingRow, Base):
    __tablename__ = "landing"


class CampaignRow(ThingRow, Base):
    __tablename__ = "campaign"
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))


class ChangeRow(Base):
    """One entry of the setup's history: what it was, what it became, by whom."""

    __tablename__ = "change"
    id: Mapped[Pk]
    time: Mapped[Time]
    who: Mapped[str]
    kind: Mapped[str]
    key: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


THINGS: dict[str, type[ThingRow]] = {
    "source": SourceRow,
    "network": NetworkRow,
    "offer": OfferRow,
    "landing": LandingRow,
    "campaign": CampaignRow,
}
