"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite numbers rows by itself only where the key is called INTEGER.
BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "boot",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", BigInt, nullable=False),
        sa.Column("started_at", BigInt, nullable=False),
        sa.Column("heartbeat_at", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boot")),
    )
    op.create_table(
        "change",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_table(
        "destination",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paused", sa.Text(), nullable=True),
        sa.Column("failures", BigInt, nullable=False),
        sa.Column("waits_until", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination")),
        sa.UniqueConstraint("key", name=op.f("uq_destination_key")),
    )
    op.create_table(
        "landing",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("archived_at", BigInt, nullable=True),
        sa.Column("changed_at", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing")),
        sa.UniqueConstraint("key", name=op.f("uq_landing_key")),
    )
    op.create_table(
        "missed_click",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("day", "key", name=op.f("pk_missed_click")),
    )
    op.create_table(
        "network",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("archived_at", BigInt, nullable=True),
        sa.Column("changed_at", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network")),
        sa.UniqueConstraint("key", name=op.f("uq_network_key")),
    )
    op.create_table(
        "rate",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", "base_currency", name=op.f("pk_rate")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "source",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("archived_at", BigInt, nullable=True),
        sa.Column("changed_at", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("key", name=op.f("uq_source_key")),
    )
    op.create_table(
        "test_ticket",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("echo", sa.Text(), nullable=False),
        sa.Column("expires_at", BigInt, nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_test_ticket")),
    )
    op.create_table(
        "campaign",
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("archived_at", BigInt, nullable=True),
        sa.Column("changed_at", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_campaign_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("key", name=op.f("uq_campaign_key")),
    )
    op.create_table(
        "offer",
        sa.Column("network_id", BigInt, nullable=False),
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("archived_at", BigInt, nullable=True),
        sa.Column("changed_at", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_offer_network_id_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("key", name=op.f("uq_offer_key")),
    )
    op.create_table(
        "click",
        sa.Column("id", BigInt, autoincrement=False, nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("path", BigInt, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("landing_id", BigInt, nullable=True),
        sa.Column("offer_id", BigInt, nullable=True),
        sa.Column("network_id", BigInt, nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("cost", BigInt, nullable=True),
        sa.Column("cost_currency", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("isp", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("os", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("bot", sa.Text(), nullable=True),
        sa.Column("is_returning", sa.Boolean(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("platform_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("test_echo", sa.Text(), nullable=True),
        sa.Column("sub1", sa.Text(), nullable=True),
        sa.Column("sub2", sa.Text(), nullable=True),
        sa.Column("sub3", sa.Text(), nullable=True),
        sa.Column("sub4", sa.Text(), nullable=True),
        sa.Column("sub5", sa.Text(), nullable=True),
        sa.Column("sub6", sa.Text(), nullable=True),
        sa.Column("sub7", sa.Text(), nullable=True),
        sa.Column("sub8", sa.Text(), nullable=True),
        sa.Column("sub9", sa.Text(), nullable=True),
        sa.Column("sub10", sa.Text(), nullable=True),
        sa.Column("sub11", sa.Text(), nullable=True),
        sa.Column("sub12", sa.Text(), nullable=True),
        sa.Column("sub13", sa.Text(), nullable=True),
        sa.Column("sub14", sa.Text(), nullable=True),
        sa.Column("sub15", sa.Text(), nullable=True),
        sa.Column("sub16", sa.Text(), nullable=True),
        sa.Column("sub17", sa.Text(), nullable=True),
        sa.Column("sub18", sa.Text(), nullable=True),
        sa.Column("sub19", sa.Text(), nullable=True),
        sa.Column("sub20", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_click_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["landing_id"], ["landing.id"], name=op.f("fk_click_landing_id_landing")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_click_network_id_network")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_click_offer_id_offer")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_click_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click")),
    )
    op.create_table(
        "conversion",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("click_id", BigInt, nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("network_id", BigInt, nullable=False),
        sa.Column("offer_id", BigInt, nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("txn_id", sa.Text(), nullable=True),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("updated", BigInt, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("original_status", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("payout", BigInt, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("sale_amount", BigInt, nullable=True),
        sa.Column("sale_currency", sa.Text(), nullable=True),
        sa.Column("reversed", BigInt, nullable=True),
        sa.Column("net", BigInt, nullable=False),
        sa.Column("rate", sa.Text(), nullable=True),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("payout_base", BigInt, nullable=True),
        sa.Column("net_base", BigInt, nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("custom1", sa.Text(), nullable=True),
        sa.Column("custom2", sa.Text(), nullable=True),
        sa.Column("custom3", sa.Text(), nullable=True),
        sa.Column("custom4", sa.Text(), nullable=True),
        sa.Column("custom5", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_conversion_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["click_id"], ["click.id"], name=op.f("fk_conversion_click_id_click")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_conversion_network_id_network")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_conversion_offer_id_offer")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_conversion_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversion")),
        sa.UniqueConstraint("identity", name=op.f("uq_conversion_identity")),
    )
    with op.batch_alter_table("conversion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversion_click_id"), ["click_id"], unique=False)
        batch_op.create_index("ix_conversion_network_id_txn_id", ["network_id", "txn_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversion_time"), ["time"], unique=False)

    op.create_table(
        "step",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("click_id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("offer_id", BigInt, nullable=False),
        sa.Column("network_id", BigInt, nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["click_id"], ["click.id"], name=op.f("fk_step_click_id_click")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_step_network_id_network")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_step_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_step_click_id"), ["click_id"], unique=False)

    op.create_table(
        "postback",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("network_id", BigInt, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("click_id", BigInt, nullable=True),
        sa.Column("conversion_id", BigInt, nullable=True),
        sa.Column("replayed", BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversion_id"], ["conversion.id"], name=op.f("fk_postback_conversion_id_conversion")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_postback_network_id_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postback")),
    )
    with op.batch_alter_table("postback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postback_click_id"), ["click_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_postback_conversion_id"), ["conversion_id"], unique=False)
        batch_op.create_index("ix_postback_network_id_outcome_id", ["network_id", "outcome", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_postback_time"), ["time"], unique=False)

    op.create_table(
        "relay",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("conversion_id", BigInt, nullable=False),
        sa.Column("click_id", BigInt, nullable=False),
        sa.Column("source_id", BigInt, nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("destination_id", BigInt, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", BigInt, nullable=False),
        sa.Column("payout", BigInt, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", BigInt, nullable=False),
        sa.Column("uncounted", BigInt, nullable=False),
        sa.Column("next_at", BigInt, nullable=True),
        sa.Column("delay", BigInt, nullable=False),
        sa.Column("expires_at", BigInt, nullable=False),
        sa.Column("held_at", BigInt, nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", BigInt, nullable=False),
        sa.Column("is_probe", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_relay_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["click_id"], ["click.id"], name=op.f("fk_relay_click_id_click")),
        sa.ForeignKeyConstraint(["conversion_id"], ["conversion.id"], name=op.f("fk_relay_conversion_id_conversion")),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["destination.id"], name=op.f("fk_relay_destination_id_destination")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_relay_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
        sa.UniqueConstraint("key", name=op.f("uq_relay_key")),
    )
    with op.batch_alter_table("relay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relay_click_id"), ["click_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relay_conversion_id"), ["conversion_id"], unique=False)
        batch_op.create_index(
            "ix_relay_destination_id_state_next_at", ["destination_id", "state", "next_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_relay_time"), ["time"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("relay_id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("status", BigInt, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("milliseconds", BigInt, nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["relay_id"], ["relay.id"], name=op.f("fk_attempt_relay_id_relay")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_relay_id"), ["relay_id"], unique=False)

    op.create_table(
        "entry",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("conversion_id", BigInt, nullable=False),
        sa.Column("postback_id", BigInt, nullable=True),
        sa.Column("arrived_at", BigInt, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", BigInt, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("sale_amount", BigInt, nullable=True),
        sa.Column("sale_currency", sa.Text(), nullable=True),
        sa.Column("network_time", BigInt, nullable=True),
        sa.Column("txn_id", sa.Text(), nullable=True),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversion_id"], ["conversion.id"], name=op.f("fk_entry_conversion_id_conversion")),
        sa.ForeignKeyConstraint(["postback_id"], ["postback.id"], name=op.f("fk_entry_postback_id_postback")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("postback_id", name=op.f("uq_entry_postback_id")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_conversion_id"), ["conversion_id"], unique=False)

    op.create_table(
        "judgement",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("postback_id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conversion_id", BigInt, nullable=True),
        sa.ForeignKeyConstraint(["postback_id"], ["postback.id"], name=op.f("fk_judgement_postback_id_postback")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judgement_postback_id"), ["postback_id"], unique=False)
