"""Archives things instead of deleting them, with what depends on them; what is live never names what is archived."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from server.api.data import Data
from server.api.history import DESKTOP, moment_of_change
from server.errors import BadInput
from server.setup.specs import KINDS, Spec
from server.storage.specs import StoredSetup, load_specs, set_archived, setup_changed

Named = tuple[str, str]  # kind and key


def archived(data: Data) -> dict[str, set[str]]:
    """The keys of what is archived, by kind."""
    with data.database.read() as connection:
        return load_specs(connection).archived


def dependents(data: Data, kind: str, key: str) -> list[Named]:
    """The live things that name this one, and those that name them."""
    with data.database.read() as connection:
        return _dependents(load_specs(connection), (kind, key))


def archive(data: Data, kind: str, key: str, *, with_dependents: bool = False) -> list[Named]:
    """An archived campaign takes no visit; postbacks for its clicks are attributed and relayed as before."""

    def job(connection: Connection) -> list[Named]:
        stored = load_specs(connection)
        further = _dependents(stored, (kind, key))
        if further and not with_dependents:
            names = ", ".join(f"{kind} {key}" for kind, key in further)
            raise BadInput(f"{kind} {key} is used by {names}.", remedy="Archive those too, or let them use another.")
        every = [(kind, key), *further]
        _set(connection, data, every[::-1], is_archived=True)
        return every

    return data.database.write(job)


def unarchive(data: Data, kind: str, key: str) -> list[Named]:
    """With the archived things that it names, for without them it could not work."""

    def job(connection: Connection) -> list[Named]:
        stored = load_specs(connection)
        every = {(kind, key): None}
        for named in (queue := [(kind, key)]):
            wanted = [one for one in _names(named[0], _spec(stored, named)) if one[1] in stored.archived[one[0]]]
            queue += [one for one in wanted if one not in every]
            every |= dict.fromkeys(wanted)
        _set(connection, data, list(every)[::-1], is_archived=False)
        return list(every)

    return data.database.write(job)


def _set(connection: Connection, data: Data, things: list[Named], *, is_archived: bool) -> None:
    now = moment_of_change(connection, data.clock)
    for kind, key in things:
        set_archived(connection, kind, key, DESKTOP, now, is_archived=is_archived)
    setup_changed(connection)


def _dependents(stored: StoredSetup, thing: Named) -> list[Named]:
    live = [(kind, key) for kind in KINDS for key in stored.specs[kind] if key not in stored.archived[kind]]
    found: dict[Named, None] = {}
    for wanted in (queue := [thing]):
        new = [
            one for one in live if one not in found and one != thing and wanted in _names(one[0], _spec(stored, one))
        ]
        found |= dict.fromkeys(new)
        queue += new
    return list(found)


def _names(kind: str, spec: Spec) -> Iterator[Named]:
    """What a thing cannot do without."""
    if kind == "offer":
        yield "network", spec["network"]
        if spec.get("cap", {}).get("alternative"):
            yield "offer", spec["cap"]["alternative"]
    elif kind == "campaign":
        yield "source", spec["source"]
        for path in spec["path"]:
            yield from (("offer", one["offer"]) for one in path["offers"])
            yield from (("landing", one["landing"]) for one in path.get("landings", ()))


def _spec(stored: StoredSetup, thing: Named) -> Spec:
    return stored.specs[thing[0]][thing[1]]
