"""Where a rate came from, the rates by which amounts were frozen, and amounts in other base currencies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("rate", sa.Column("origin", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_rate_currency_base_currency_day"), "rate", ["currency", "base_currency", "day"], unique=False
    )
    op.add_column("conversion", sa.Column("cost_rate", sa.Text(), nullable=True))
    op.add_column("conversion", sa.Column("bases", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("click", sa.Column("bases", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("correction", sa.Column("bases", sa.JSON(none_as_null=True), nullable=True))
