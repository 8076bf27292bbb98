"""The outbox: destinations, relays, attempts, and the runs of a server that hold leases."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, BigInt, OptionalText, OptionalTime, Pk, Time


class DestinationRow(Base):
    """Where relays go, with what it has been like lately."""

    __tablename__ = "destination"
    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(unique=True)
    paused: Mapped[OptionalText]  # why, None where it runs
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    waits_until: Mapped[int] = mapped_column(BigInt, default=0)


class RelayRow(Base):
    """One message owed to a source about one change of a conversion: a row of the outbox."""

    __tablename__ = "relay"
    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(unique=True)
    time: Mapped[Time] = mapped_column(index=True)
    conversion_id: Mapped[int] = mapped_column(ForeignKey("conversion.id"), index=True)
    click_id: Mapped[int] = mapped_column(BigInt, ForeignKey("click.id"))  # found by its conversion
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("destination.id"))
    status: Mapped[str]
    revision: Mapped[int]
    payout: Mapped[int] = mapped_column(BigInt)
    currency: Mapped[str]
    state: Mapped[str]
    reason: Mapped[OptionalText]
    attempts: Mapped[int] = mapped_column(default=0)  # counted ones
    uncounted: Mapped[int] = mapped_column(default=0)  # failures before anything was sent, in a row
    next_at: Mapped[OptionalTime]
    delay: Mapped[int] = mapped_column(BigInt, default=0)  # of the present wait: a clock set back cannot stretch it
    expires_at: Mapped[Time]
    held_at: Mapped[OptionalTime]
    lease_owner: Mapped[OptionalText]
    lease_token: Mapped[int] = mapped_column(default=0)
    is_probe: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index("ix_relay_destination_id_state_next_at", "destination_id", "state", "next_at"),)


class AttemptRow(Base):
    """One try to deliver a relay: what was sent, secrets masked, and what came back."""

    __tablename__ = "attempt"
    id: Mapped[Pk]
    relay_id: Mapped[int] = mapped_column(ForeignKey("relay.id"), index=True)
    time: Mapped[Time]
    method: Mapped[OptionalText]
    url: Mapped[OptionalText]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSON)
    body: Mapped[OptionalText]
    status: Mapped[int | None]
    answer: Mapped[OptionalText]
    milliseconds: Mapped[int | None]
    result: Mapped[str]  # delivered, or why not; `sending` while under way
    is_counted: Mapped[bool]


class BootRow(Base):
    """One run of a server on this data: who owns a lease, and whether that run still lives."""

    __tablename__ = "boot"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    started_at: Mapped[Time]
    heartbeat_at: Mapped[Time]
