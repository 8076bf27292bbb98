"""Receipts of networks, their judgements, and the conversions that they add up to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, BigInt, List, OptionalMoney, OptionalText, OptionalTime, Pk, Time


class PostbackRow(Base):
    """One request of a network, verbatim, with its present judgement: a receipt."""

    __tablename__ = "postback"
    id: Mapped[Pk]
    time: Mapped[Time] = mapped_column(index=True)
    network_id: Mapped[int | None] = mapped_column(ForeignKey("network.id"))
    address: Mapped[str]
    method: Mapped[str]
    query: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str]
    ip: Mapped[str]
    outcome: Mapped[str]
    warnings: Mapped[List]
    reason: Mapped[str]
    remedy: Mapped[str]
    click_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    conversion_id: Mapped[int | None] = mapped_column(ForeignKey("conversion.id"))
    replayed: Mapped[int] = mapped_column(default=0)
    __table_args__ = (Index("ix_postback_network_id_outcome_id", "network_id", "outcome", "id"),)


class JudgementRow(Base):
    """What a receipt was judged to be before it was replayed: both results are kept."""

    __tablename__ = "judgement"
    id: Mapped[Pk]
    postback_id: Mapped[int] = mapped_column(ForeignKey("postback.id"), index=True)
    time: Mapped[Time]
    outcome: Mapped[str]
    warnings: Mapped[List]
    reason: Mapped[str]
    conversion_id: Mapped[int | None] = mapped_column(BigInt)


class ConversionRow(Base):
    """What the receipts about one event of one click add up to."""

    __tablename__ = "conversion"
    id: Mapped[Pk]
    identity: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    click_id: Mapped[int] = mapped_column(BigInt, ForeignKey("click.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    event: Mapped[OptionalText]
    event_key: Mapped[str]
    txn_id: Mapped[OptionalText]
    time: Mapped[Time] = mapped_column(index=True)
    updated: Mapped[Time]
    status: Mapped[str]
    original_status: Mapped[str]
    kept: Mapped[OptionalText]
    is_test: Mapped[bool]
    payout: Mapped[OptionalMoney]
    currency: Mapped[OptionalText]
    sale_amount: Mapped[OptionalMoney]
    sale_currency: Mapped[OptionalText]
    reversed: Mapped[OptionalMoney]
    net: Mapped[int] = mapped_column(BigInt)
    rate: Mapped[OptionalText]  # as it was frozen; none where it is at par
    base_currency: Mapped[str]
    payout_base: Mapped[OptionalMoney]
    net_base: Mapped[OptionalMoney]
    cost_price: Mapped[OptionalMoney]  # by what its campaign said then: an amount, or a share of the net, or neither
    cost_share: Mapped[int | None]
    cost: Mapped[OptionalMoney]
    cost_currency: Mapped[OptionalText]
    cost_rate: Mapped[OptionalText]
    cost_base: Mapped[OptionalMoney]
    bases: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # the same in other base currencies
    warnings: Mapped[List]
    custom1: Mapped[OptionalText]
    custom2: Mapped[OptionalText]
    custom3: Mapped[OptionalText]
    custom4: Mapped[OptionalText]
    custom5: Mapped[OptionalText]

    @property
    def counted(self) -> bool:
        return self.kept is None and not self.is_test


class EntryRow(Base):
    """What one receipt, or a person, said about a conversion: its history, and what is folded."""

    __tablename__ = "entry"
    id: Mapped[Pk]
    conversion_id: Mapped[int] = mapped_column(ForeignKey("conversion.id"), index=True)
    postback_id: Mapped[int | None] = mapped_column(ForeignKey("postback.id"), unique=True)
    arrived_at: Mapped[Time]
    status: Mapped[str]
    amount: Mapped[OptionalMoney]
    currency: Mapped[OptionalText]
    is_read: Mapped[bool]
    sale_amount: Mapped[OptionalMoney]
    sale_currency: Mapped[OptionalText]
    network_time: Mapped[OptionalTime]
    txn_id: Mapped[OptionalText]
    is_manual: Mapped[bool]
    effect: Mapped[str]


class RateRow(Base):
    """What one unit of a currency was worth in another on a day, as decimal text."""

    __tablename__ = "rate"
    day: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    base_currency: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[str]
    origin: Mapped[OptionalText]  # who says so
    __table_args__ = (Index("ix_rate_currency_base_currency_day", "currency", "base_currency", "day"),)
