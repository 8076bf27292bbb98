"""A field that is a table: named rows with a few columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.widgets.forms.field import LEFT_OUT, NONE_SIGN, Field, Spec, Trail, put, value_at
from app.widgets.forms.grid import Grid


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column, and the place in the spec of its cell in each row: `prefix` row `suffix`."""

    heading: str
    prefix: Trail
    suffix: Trail = ()

    def trail(self, row: str) -> Trail:
        return (*self.prefix, row, *self.suffix)


class GridField(Field):
    """Each cell is a value of its own: empty leaves it to the template, - takes the template's away."""

    def __init__(
        self, label: str, rows: Sequence[tuple[str, str]], columns: Sequence[GridColumn], always: int, hint: str = ""
    ) -> None:
        self.grid = Grid([column.heading for column in columns], len(rows), always)
        self.grid.setVerticalHeaderLabels([words for _, words in rows])
        self._rows = [name for name, _ in rows]
        self._columns = list(columns)
        self._spec: Spec = {}
        super().__init__(label, self.grid, columns[0].prefix, hint)
        self.grid.edited.connect(lambda: self.changed.emit())

    def load(self, spec: Spec, template: Spec) -> None:
        self._spec = spec
        self.inherit(template)
        self.grid.fill([[self._cell(column.trail(row)) for column in self._columns] for row in self._rows])
        self._shown_first = self.shown()

    def inherit(self, template: Spec) -> None:
        self.inherited = template
        for number, row in enumerate(self._rows):
            for place, column in enumerate(self._columns):
                told = value_at(template, column.trail(row))
                self.grid.suggest(number, place, told if isinstance(told, str) else "")
        self.grid.reveal()

    def store(self, spec: Spec) -> None:
        first = self._shown_first or []
        for number, (row, cells) in enumerate(zip(self._rows, self.shown(), strict=True)):
            for place, column in enumerate(self._columns):
                if cells[place] != first[number][place]:
                    put(spec, column.trail(row), self._said(number, place, cells[place]))

    def concerns(self, trail: Trail) -> int:
        prefixes = [column.prefix for column in self._columns]
        return max((len(prefix) for prefix in prefixes if trail[: len(prefix)] == prefix), default=0)

    def shown(self) -> list[tuple[str, ...]]:
        return self.grid.texts()

    def _cell(self, trail: Trail) -> str:
        value = value_at(self._spec, trail)
        if value == "" and value_at(self.inherited, trail) not in (LEFT_OUT, ""):
            return NONE_SIGN
        return "" if value is LEFT_OUT else str(value)

    def _said(self, row: int, column: int, text: str) -> Any:
        if text == NONE_SIGN and self.grid.suggestion_at(row, column):
            return ""
        return text or LEFT_OUT
