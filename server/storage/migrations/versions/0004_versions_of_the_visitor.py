"""The versions of the visitor's system and browser, kept on the click."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("click", sa.Column("os_version", sa.Text(), nullable=True))
    op.add_column("click", sa.Column("browser_version", sa.Text(), nullable=True))
