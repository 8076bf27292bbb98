"""Undo and redo of what the desktop saved, told from the setup's history; every undoing is an entry of it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select

from server.api.data import Data
from server.api.setup import save_changes, stored_specs
from server.clock import Clock
from server.current import templates
from server.errors import BadInput, NothingMatched
from server.setup.build import build
from server.setup.specs import KINDS
from server.storage.specs import load_specs, set_archived, setup_changed
from server.storage.tables import ChangeRow

DESKTOP, UNDO, REDO = "desktop", "desktop: undo", "desktop: redo"
_LOOKED_BACK = 500

Step = Sequence[Row[Any]]  # the changes that were saved together


@dataclass(frozen=True, slots=True)
class Steps:
    """What undo and redo would do next, in words; empty where there is nothing."""

    undo: str = ""
    redo: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    kind: str
    key: str
    words: str


def steps(data: Data) -> Steps:
    with data.database.read() as connection:
        done, undone = _stacks(connection)
    return Steps(_words(done[-1]) if done else "", _words(undone[-1]) if undone else "")


def undo(data: Data) -> Done:
    return data.database.write(lambda connection: _go(connection, data.clock, UNDO))


def redo(data: Data) -> Done:
    return data.database.write(lambda connection: _go(connection, data.clock, REDO))


def moment_of_change(connection: Connection, clock: Clock) -> int:
    """Now, and later than every change before: changes of one moment are one step."""
    return max(clock(), (connection.scalar(select(func.max(ChangeRow.time))) or 0) + 1)


def _stacks(connection: Connection) -> tuple[list[Step], list[Step]]:
    query = select(*ChangeRow.__table__.columns).where(
        ChangeRow.who.in_((DESKTOP, UNDO, REDO)), ChangeRow.kind.in_(KINDS)
    )
    rows = connection.execute(query.order_by(ChangeRow.id.desc()).limit(_LOOKED_BACK)).all()[::-1]
    done: list[Step] = []
    undone: list[Step] = []
    for (_, who), group in groupby(rows, key=lambda row: (row.time, row.who)):
        step = list(group)
        if who == DESKTOP:
            done.append(step)
            undone.clear()
        elif who == UNDO and done:
            undone.append(done.pop())
        elif who == REDO and undone:
            done.append(undone.pop())
    return done, undone


def _go(connection: Connection, clock: Clock, way: str) -> Done:
    done, undone = _stacks(connection)
    stack = done if way == UNDO else undone
    if not stack:
        raise NothingMatched("There is nothing to undo." if way == UNDO else "There is nothing to redo.")
    now = moment_of_change(connection, clock)
    step = stack[-1]
    for row in reversed(step) if way == UNDO else step:
        before, after = (row.after, row.before) if way == UNDO else (row.before, row.after)
        _turn(connection, row, before, after, way, now)
    build(stored_specs(connection), templates())
    setup_changed(connection)
    return Done(step[-1].kind, step[-1].key, _words(step))


def _turn(connection: Connection, row: Row[Any], before: Any, after: Any, way: str, now: int) -> None:
    """From one state of a thing to the other; what was created is archived, for clicks may already know it."""
    specs = stored_specs(connection)
    if after is None or before is None or "archived" in after:
        is_archived = after is None or (before is not None and after["archived"])
        if is_archived == (row.key in load_specs(connection).archived[row.kind]):
            raise _overtaken(row)
        set_archived(connection, row.kind, row.key, way, now, is_archived=is_archived)
        return
    if specs.of(row.kind).get(row.key) != before:
        raise _overtaken(row)
    changed = replace(specs, **{row.kind: {**specs.of(row.kind), row.key: after}})
    save_changes(connection, specs, changed, way, now)


def _overtaken(row: Row[Any]) -> BadInput:
    return BadInput(
        f"{row.kind} {row.key} was changed elsewhere since.", remedy="Change it by hand; nothing was undone or redone."
    )


def _words(step: Step) -> str:
    row = step[-1]  # what was asked for is archived last, after what depends on it
    if row.before is None:
        verb = "create"
    elif "archived" in row.after:
        verb = "archive" if row.after["archived"] else "take back"
    else:
        verb = "change"
    further = f" and {len(step) - 1} more" if len(step) > 1 else ""
    return f"{verb} {row.kind} {row.key}{further}"
