"""Alembic's migrations of the tables, and which version this program needs."""

KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")  # in order
HEAD = KNOWN[-1]
