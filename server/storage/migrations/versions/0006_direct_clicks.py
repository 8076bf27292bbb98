"""Which clicks a landing page registered by itself, with our script on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("click", sa.Column("is_direct", sa.Boolean(), nullable=True))
