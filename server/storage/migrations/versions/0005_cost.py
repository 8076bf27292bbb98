"""What clicks and conversions cost in the base currency, and corrections of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# SQLite numbers rows by itself only where the key is called INTEGER.
BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("click", sa.Column("cost_base", BigInt, nullable=True))
    op.add_column("click", sa.Column("base_currency", sa.Text(), nullable=True))
    op.add_column("conversion", sa.Column("cost_price", BigInt, nullable=True))
    op.add_column("conversion", sa.Column("cost_share", BigInt, nullable=True))
    op.add_column("conversion", sa.Column("cost", BigInt, nullable=True))
    op.add_column("conversion", sa.Column("cost_currency", sa.Text(), nullable=True))
    op.add_column("conversion", sa.Column("cost_base", BigInt, nullable=True))
    op.create_table(
        "correction",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("time", BigInt, nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("first_key", BigInt, nullable=False),
        sa.Column("end_key", BigInt, nullable=False),
        sa.Column("where", sa.JSON(), nullable=False),
        sa.Column("total", BigInt, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_base", BigInt, nullable=True),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("clicks", BigInt, nullable=False),
        sa.Column("part", BigInt, nullable=False),
        sa.Column("more_before", BigInt, nullable=False),
        sa.Column("part_base", BigInt, nullable=True),
        sa.Column("more_before_base", BigInt, nullable=True),
        sa.Column("cost_before", BigInt, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("undone_at", BigInt, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_correction_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_campaign_id"), "correction", ["campaign_id"])
