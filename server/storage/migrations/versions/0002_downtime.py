"""Downtime: when what came could not be recorded, or nothing could come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# SQLite numbers rows by itself only where the key is called INTEGER.
BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "downtime",
        sa.Column("id", BigInt, nullable=False),
        sa.Column("began_at", BigInt, nullable=False),
        sa.Column("ended_at", BigInt, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("clicks", BigInt, nullable=True),
        sa.Column("postbacks", BigInt, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime")),
    )
    with op.batch_alter_table("downtime", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_downtime_ended_at"), ["ended_at"], unique=False)
