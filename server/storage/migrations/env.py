"""Alembic's entry: the connection is handed in, with its transaction already begun."""

from __future__ import annotations

from alembic import context

from server.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the transaction is the caller's
)
context.run_migrations()
