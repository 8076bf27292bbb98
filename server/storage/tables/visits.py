"""Visits: clicks, their steps to offers, and those that led nowhere."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.tables.base import Base, BigInt, OptionalMoney, OptionalText, Pk, Time


class ClickRow(Base):
    """One visit. Its time is in its key."""

    __tablename__ = "click"
    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    path: Mapped[int | None]
    reason: Mapped[str]
    landing_id: Mapped[int | None] = mapped_column(ForeignKey("landing.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"))
    network_id: Mapped[int | None] = mapped_column(ForeignKey("network.id"))
    destination: Mapped[OptionalText]
    is_direct: Mapped[bool | None]  # its page registered it; without a redirect of ours
    external_id: Mapped[OptionalText]
    cost: Mapped[OptionalMoney]
    cost_currency: Mapped[OptionalText]
    cost_base: Mapped[OptionalMoney]  # by the rate of its day, where it was paid in another currency
    base_currency: Mapped[OptionalText]
    bases: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))  # in other base currencies
    country: Mapped[OptionalText]
    region: Mapped[OptionalText]
    isp: Mapped[OptionalText]
    device: Mapped[OptionalText]
    os: Mapped[OptionalText]
    os_version: Mapped[OptionalText]
    browser: Mapped[OptionalText]
    browser_version: Mapped[OptionalText]
    language: Mapped[OptionalText]
    bot: Mapped[OptionalText]
    is_returning: Mapped[bool | None]
    ip: Mapped[OptionalText]
    user_agent: Mapped[OptionalText]
    referrer: Mapped[OptionalText]
    platform_ids: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    test_echo: Mapped[OptionalText]
    sub1: Mapped[OptionalText]
    sub2: Mapped[OptionalText]
    sub3: Mapped[OptionalText]
    sub4: Mapped[OptionalText]
    sub5: Mapped[OptionalText]
    sub6: Mapped[OptionalText]
    sub7: Mapped[OptionalText]
    sub8: Mapped[OptionalText]
    sub9: Mapped[OptionalText]
    sub10: Mapped[OptionalText]
    sub11: Mapped[OptionalText]
    sub12: Mapped[OptionalText]
    sub13: Mapped[OptionalText]
    sub14: Mapped[OptionalText]
    sub15: Mapped[OptionalText]
    sub16: Mapped[OptionalText]
    sub17: Mapped[OptionalText]
    sub18: Mapped[OptionalText]
    sub19: Mapped[OptionalText]
    sub20: Mapped[OptionalText]


class StepRow(Base):
    """A click's going from a landing page to an offer; a click without landing page holds its only step itself."""

    __tablename__ = "step"
    id: Mapped[Pk]
    click_id: Mapped[int] = mapped_column(BigInt, ForeignKey("click.id"), index=True)
    time: Mapped[Time]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))
    destination: Mapped[str]


class MissedClickRow(Base):
    """Visits to addresses that are no campaign of ours, by day."""

    __tablename__ = "missed_click"
    day: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class TestTicketRow(Base):
    """What makes a click a test one: a word that only the owner's own command knows, and where its relay goes."""

    __tablename__ = "test_ticket"
    ticket: Mapped[str] = mapped_column(primary_key=True)
    echo: Mapped[str]
    expires_at: Mapped[Time]
