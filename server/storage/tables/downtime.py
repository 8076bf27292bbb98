"""Downtime: when what came could not be recorded, or nothing could come."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, BigInt, Pk, Time


class DowntimeRow(Base):
    """From when to when, why, and how much of what came is missing; None where nobody can know how much."""

    __tablename__ = "downtime"
    id: Mapped[Pk]
    began_at: Mapped[Time]
    ended_at: Mapped[int] = mapped_column(BigInt, index=True)
    why: Mapped[str]
    clicks: Mapped[int | None]
    postbacks: Mapped[int | None]
