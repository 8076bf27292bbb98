"""The setup as its rows keep it: one spec a thing, in the words of the setup file, with its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.storage.tables import THINGS, ChangeRow, SettingRow, ThingRow

_OWNER_PREFIX = "owner."
_VERSION = "setup_version"


@dataclass(frozen=True, slots=True)
class StoredSetup:
    owner: dict[str, Any] = field(default_factory=dict)
    specs: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # kind -> key -> spec
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    archived: dict[str, set[str]] = field(default_factory=dict)


def version_of_setup(connection: Connection) -> int:
    return connection.scalar(select(SettingRow.value).where(SettingRow.name == _VERSION)) or 0


def load_specs(connection: Connection) -> StoredSetup:
    stored = StoredSetup()
    for name, value in connection.execute(select(SettingRow.name, SettingRow.value)):
        if name.startswith(_OWNER_PREFIX):
            stored.owner[name.removeprefix(_OWNER_PREFIX)] = value
    for kind, row in THINGS.items():
        things = connection.execute(select(row.id, row.key, row.spec, row.archived_at).order_by(row.id)).all()
        stored.specs[kind] = {thing.key: thing.spec for thing in things}
        stored.ids[kind] = {thing.key: thing.id for thing in things}
        stored.archived[kind] = {thing.key for thing in things if thing.archived_at is not None}
    return stored


def save_owner(connection: Connection, before: Mapping[str, Any], after: Mapping[str, Any], who: str, now: int) -> None:
    for name in before.keys() | after.keys():
        if before.get(name) == after.get(name):
            continue
        connection.execute(delete(SettingRow).where(SettingRow.name == _OWNER_PREFIX + name))
        if name in after:
            connection.execute(insert(SettingRow).values(name=_OWNER_PREFIX + name, value=after[name]))
        change = {"before": {name: before.get(name)}, "after": {name: after.get(name)}}
        connection.execute(insert(ChangeRow).values(time=now, who=who, kind="owner", key=name, **change))


def save_thing(
    connection: Connection, kind: str, key: str, spec: dict[str, Any], links: Mapping[str, int], who: str, now: int
) -> int:
    """Creates or replaces one thing; what changed goes into the history."""
    row: type[ThingRow] = THINGS[kind]
    known = connection.execute(select(row.id, row.spec).where(row.key == key)).one_or_none()
    values = {"spec": spec, "changed_at": now, **links}
    if known is None:
        result = connection.execute(insert(row).values(key=key, **values).returning(row.id)).scalar_one()
    else:
        connection.execute(update(row).where(row.id == known.id).values(**values))
        result = known.id
    change = {"before": known.spec if known else None, "after": spec}
    connection.execute(insert(ChangeRow).values(time=now, who=who, kind=kind, key=key, **change))
    return int(result)


def set_archived(connection: Connection, kind: str, key: str, who: str, now: int, *, is_archived: bool) -> None:
    """Archives a thing or takes it back; its words stay as they are."""
    row: type[ThingRow] = THINGS[kind]
    connection.execute(update(row).where(row.key == key).values(archived_at=now if is_archived else None))
    change = {"before": {"archived": not is_archived}, "after": {"archived": is_archived}}
    connection.execute(insert(ChangeRow).values(time=now, who=who, kind=kind, key=key, **change))


def setup_changed(connection: Connection) -> None:
    """Tells every server on this data that what it keeps in memory is old."""
    version = version_of_setup(connection)
    if version:
        connection.execute(update(SettingRow).where(SettingRow.name == _VERSION).values(value=version + 1))
    else:
        connection.execute(insert(SettingRow).values(name=_VERSION, value=1))
