"""A field of an editor: it holds the value at one place of a spec, and hands back untouched what nobody touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.widgets.labelled import Labelled

Spec = dict[Any, Any]
Trail = tuple[str | int, ...]

LEFT_OUT = object()  # the key does not stand in the spec: the template's value or the default applies
NONE_SIGN = "-"  # what a person writes to take away what the template gives


def value_at(spec: Spec, trail: Trail) -> Any:
    inner: Any = spec
    for step in trail:
        if not isinstance(inner, dict) or step not in inner:
            return LEFT_OUT
        inner = inner[step]
    return inner


def put(spec: Spec, trail: Trail, value: Any) -> None:
    """A table that has become empty by it goes too."""
    if len(trail) == 1:
        if value is LEFT_OUT:
            spec.pop(trail[0], None)
        else:
            spec[trail[0]] = value
        return
    inner = spec.get(trail[0])
    if not isinstance(inner, dict):
        if value is LEFT_OUT:
            return
        inner = spec[trail[0]] = {}
    had_any = bool(inner)
    put(inner, trail[1:], value)
    if had_any and not inner:
        del spec[trail[0]]


class Field(Labelled):
    """Subclasses say how a value is shown, and how what is shown is written; the rest is the same for all."""

    changed = Signal()

    def __init__(self, label: str, editor: QWidget, trail: Trail, hint: str = "") -> None:
        super().__init__(label, editor, hint)
        self.trail = trail
        self.table: Trail = ()  # the place of the table that holds it, where that is a part of a larger spec
        self.inherited: Any = LEFT_OUT  # what the template says
        self._loaded: Any = LEFT_OUT
        self._shown_first: Any = None

    @property
    def is_touched(self) -> bool:
        return bool(self.shown() != self._shown_first)

    def load(self, spec: Spec, template: Spec) -> None:
        self.inherited = value_at(template, self.trail)
        self._loaded = value_at(spec, self.trail)
        self._show()

    def inherit(self, template: Spec) -> None:
        """Another template was chosen: what was not touched follows it."""
        was_touched = self.is_touched
        self.inherited = value_at(template, self.trail)
        if was_touched:
            self.show_inherited()
        else:
            self._show()

    def store(self, spec: Spec) -> None:
        """Into what was loaded."""
        if self.is_touched:
            put(spec, self.trail, self.written())

    def concerns(self, trail: Trail) -> int:
        """How closely a problem at that place is this field's: 0 where it is not."""
        place = (*self.table, *self.trail)
        return len(place) if trail[: len(place)] == place else 0

    def parts(self) -> Sequence[Field]:
        """The fields beside which its problems may stand: itself, and those that it is made of."""
        return (self,)

    def open_problems(self) -> None:
        """What is folded away opens where something in it has to be mended."""

    def worded(self, further: Trail, text: str) -> str:
        """A field of many values says of which one it speaks."""
        named = [str(step + 1) if isinstance(step, int) else step for step in further]
        return f"{' '.join(named)}: {text}" if named else text

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        if not self.problem:
            self.show_problem("")

    def _show(self) -> None:
        self.blockSignals(True)
        self.show_inherited()
        self.show_value(self._loaded)
        self._shown_first = self.shown()
        self.blockSignals(False)

    # -- what a kind of field says ------------------------------------------------------------------------------------

    def show_value(self, value: Any) -> None:
        raise NotImplementedError

    def show_inherited(self) -> None:
        """Where nothing is written, what then applies is shown."""

    def shown(self) -> Any:
        """What stands in the editor, comparable."""
        raise NotImplementedError

    def written(self) -> Any:
        """What stands in the editor, as the setup file would have it."""
        raise NotImplementedError
