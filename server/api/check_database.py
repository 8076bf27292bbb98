"""The database itself: which one it is, whether its file is whole, its tables, and what refers to what."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, text

from server.api.finding import RESTORE, Trouble, named
from server.api.looking import Look
from server.storage import dialect
from server.storage.migrations import HEAD, KNOWN
from server.storage.tables import Base

_MOST = 20
_UNPROVEN = text("SELECT conname FROM pg_constraint WHERE NOT convalidated")
_INVALID = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")


def version_of_database(look: Look) -> str:
    with look.read() as connection:
        if not look.is_sqlite:
            return f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
    version = ".".join(map(str, dialect.driver().sqlite_version_info))
    if dialect.is_sound():
        return f"SQLite {version}"
    return f"SQLite {version}, older than 3.51.3: only the server writes checkpoints, which keeps the log sound"


def integrity(look: Look) -> str:
    with look.read() as connection:
        if not look.is_sqlite:
            broken = [*connection.scalars(_UNPROVEN), *connection.scalars(_INVALID)]
            if broken:
                raise Trouble(f"PostgreSQL does not vouch for {named(broken)}.", "VALIDATE or REINDEX them.")
            return "every constraint and index is valid"
        way = "integrity_check" if look.is_deep else "quick_check"
        said = list(connection.scalars(text(f"PRAGMA {way}({_MOST})")))
    if said != ["ok"]:
        words = " ".join(str(said[0]).split())
        raise Trouble(f"{look.shown} is damaged: {words[:200]}.", RESTORE)
    return "every page is whole" + (" and every index agrees" if look.is_deep else "")


def version_of_tables(look: Look) -> str:
    with look.read() as connection:
        version = None
        if inspect(connection).has_table("alembic_version"):
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version == HEAD:
        return str(version)
    if version in KNOWN:
        raise Trouble(f"The tables are of version {version}, before {HEAD}.", "Start the server: it brings them up.")
    if version is None:
        raise Trouble(f"{look.shown} is no database of Tallyback.", "Check --data and --database.")
    raise Trouble(f"The tables are of version {version}, newer than this program.", "Update Tallyback.")


def tables(look: Look) -> str:
    with look.read() as connection:
        missing = list(_missing(connection))
    if missing:
        raise Trouble(f"{named(missing)} missing.", RESTORE)
    return f"all {len(Base.metadata.tables)} with their columns and indexes"


def references(look: Look) -> str:
    if not look.is_sqlite:
        return "kept by PostgreSQL"
    with look.read() as connection:
        found = connection.execute(text("PRAGMA foreign_key_check"))
        orphans = [f"{row[0]} {row[1]} (no {row[2]})" for row in found.fetchmany(_MOST)]
        found.close()
    if orphans:
        raise Trouble(f"What these refer to is not there: {named(orphans)}.", RESTORE)
    return "all lead somewhere"


def _missing(connection: Connection) -> Iterator[str]:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for name, table in Base.metadata.tables.items():
        if name not in there:
            yield f"the table {name} is"
            continue
        columns = {column["name"] for column in inspector.get_columns(name)}
        yield from (f"the column {name}.{column.name} is" for column in table.columns if column.name not in columns)
        indexes = {index["name"] for index in inspector.get_indexes(name)}
        yield from (f"the index {index.name} is" for index in table.indexes if index.name not in indexes)
