"""Corrections of cost: what the clicks of a period cost together by a later word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, BigInt, OptionalMoney, OptionalText, OptionalTime, Pk, Time


class CorrectionRow(Base):
    """A rule, not a change: each click keeps what it cost by itself, and reports apply the rule until it is undone."""

    __tablename__ = "correction"
    id: Mapped[Pk]
    time: Mapped[Time]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    first_key: Mapped[int] = mapped_column(BigInt)
    end_key: Mapped[int] = mapped_column(BigInt)
    where: Mapped[dict[str, str]] = mapped_column(JSON)
    total: Mapped[int] = mapped_column(BigInt)
    currency: Mapped[str]
    total_base: Mapped[OptionalMoney]
    base_currency: Mapped[str]
    clicks: Mapped[int]  # over which the totals are spread
    part: Mapped[int] = mapped_column(BigInt)
    more_before: Mapped[int] = mapped_column(BigInt)
    part_base: Mapped[OptionalMoney]
    more_before_base: Mapped[OptionalMoney]
    cost_before: Mapped[int] = mapped_column(BigInt)  # of the same clicks in the base currency
    bases: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # totals and parts in others
    note: Mapped[OptionalText]
    undone_at: Mapped[OptionalTime]
