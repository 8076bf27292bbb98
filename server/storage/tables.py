"""The tables. Times are milliseconds UTC, money millionths; what later issues fill has its column from the start."""

from __future__ import annotations

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only where the key is called INTEGER; PostgreSQL's integer would be too small.
BigInt = BigInteger().with_variant(Integer(), "sqlite")

Pk = Annotated[int, mapped_column(BigInt, primary_key=True)]
Time = Annotated[int, mapped_column(BigInt)]
OptionalTime = Annotated[int | None, mapped_column(BigInt)]
OptionalMoney = Annotated[int | None, mapped_column(BigInt)]
OptionalText = Annotated[str | None, mapped_column(Text)]
Document = Annotated[dict[str, Any], mapped_column(JSON)]
List = Annotated[list[Any], mapped_column(JSON)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text(), int: BigInt}  # noqa: RUF012 - SQLAlchemy reads it as it stands


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
    external_id: Mapped[OptionalText]
    cost: Mapped[OptionalMoney]
    cost_currency: Mapped[OptionalText]
    country: Mapped[OptionalText]
    region: Mapped[OptionalText]
    isp: Mapped[OptionalText]
    device: Mapped[OptionalText]
    os: Mapped[OptionalText]
    browser: Mapped[OptionalText]
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
    conversion_id: Mapped[int | None] = mapped_column(ForeignKey("conversion.id"), index=True)
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
    rate: Mapped[OptionalText]
    base_currency: Mapped[str]
    payout_base: Mapped[OptionalMoney]
    net_base: Mapped[OptionalMoney]
    warnings: Mapped[List]
    custom1: Mapped[OptionalText]
    custom2: Mapped[OptionalText]
    custom3: Mapped[OptionalText]
    custom4: Mapped[OptionalText]
    custom5: Mapped[OptionalText]
    __table_args__ = (Index("ix_conversion_network_id_txn_id", "network_id", "txn_id"),)

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
    click_id: Mapped[int] = mapped_column(BigInt, ForeignKey("click.id"), index=True)
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


THINGS: dict[str, type[ThingRow]] = {
    "source": SourceRow,
    "network": NetworkRow,
    "offer": OfferRow,
    "landing": LandingRow,
    "campaign": CampaignRow,
}
