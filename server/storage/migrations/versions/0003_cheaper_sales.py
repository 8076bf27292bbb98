"""What every sale paid for: indexes that nobody asked, and keys of relays that lay all over theirs."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BASE_32 = "abcdefghijklmnopqrstuvwxyz234567"
_RELAYS = (
    "SELECT relay.id, conversion_id, status, revision, destination.key AS destination"
    " FROM relay JOIN destination ON destination.id = destination_id"
)


def upgrade() -> None:
    op.drop_index("ix_postback_conversion_id", table_name="postback")
    op.drop_index("ix_relay_click_id", table_name="relay")
    op.drop_index("ix_conversion_network_id_txn_id", table_name="conversion")
    connection = op.get_bind()
    keys = [{"id": row.id, "new": _key(row)} for row in connection.execute(sa.text(_RELAYS))]
    if keys:
        connection.execute(sa.text("UPDATE relay SET key = :new WHERE id = :id"), keys)


def _key(row: Any) -> str:
    """The conversion's number first, so that new ones lie side by side."""
    parts = f"{row.status}:{row.revision}:{row.destination}"
    digest = int.from_bytes(hashlib.blake2b(parts.encode(), digest_size=8).digest())
    number = row.conversion_id << 64 | digest
    return "".join(_BASE_32[number >> shift & 31] for shift in range(125, -1, -5))
