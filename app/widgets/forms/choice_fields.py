"""Fields with given answers: one of a few, yes or no, and some of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from app.theme import PAD
from app.widgets.forms.field import LEFT_OUT, Field, Trail

Answer = tuple[Any, str]  # what the setup file says, and what a person reads


class Offered(NamedTuple):
    """Things to name: `former` ones, archived since, are shown where they are named already, and offered nowhere."""

    live: Sequence[Answer] = ()
    former: Sequence[Answer] = ()


class CalmBox(QComboBox):
    """The wheel scrolls the form, it does not change an answer on the way."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()


class ChoiceField(Field):
    """The first answer is the one that applies by itself, unless the thing cannot do without one."""

    def __init__(
        self, label: str, trail: Trail, answers: Sequence[Answer], hint: str = "", *, default: Any = LEFT_OUT
    ) -> None:
        self.box = CalmBox()
        self._answers = list(answers)
        self._former: dict[Any, str] = {}
        self._default = default
        super().__init__(label, self.box, trail, hint)
        self.box.currentIndexChanged.connect(lambda _index: self.changed.emit())

    def set_answers(self, answers: Sequence[Answer], former: Sequence[Answer] = ()) -> None:
        """Keeps the answer that stands, also where it is no longer offered."""
        self._answers = list(answers)
        self._former = dict(former)
        was_blocked = self.blockSignals(True)
        self._fill(self.shown())
        self.blockSignals(was_blocked)

    def show_inherited(self) -> None:
        self._fill(self.shown())

    def show_value(self, value: Any) -> None:
        self._fill(value)

    def shown(self) -> Any:
        return self.box.currentData() if self.box.count() else LEFT_OUT

    def written(self) -> Any:
        return self.shown()

    def _fill(self, chosen: Any) -> None:
        applies = self._default if self.inherited is LEFT_OUT else self.inherited
        self.box.clear()
        said = next((words for value, words in self._answers if value == applies), str(applies))
        by_itself = self.tr("Choose…") if applies is LEFT_OUT else said
        if self.inherited is not LEFT_OUT:
            by_itself = self.tr("{0}   (template)").format(said)
        self.box.addItem(by_itself, LEFT_OUT)
        for value, words in self._answers:
            if value != applies or self.inherited is not LEFT_OUT:
                self.box.addItem(words, value)
        self._choose(chosen)

    def _choose(self, value: Any) -> None:
        if value is not LEFT_OUT and value == self._default and self.inherited is LEFT_OUT:
            value = LEFT_OUT  # it says what applies anyway
        index = next((i for i in range(self.box.count()) if self.box.itemData(i) == value), -1)
        if index < 0:
            self.box.addItem(self._former.get(value, str(value)), value)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)


class SwitchField(Field):
    """Yes or no, with one plain sentence."""

    def __init__(self, label: str, trail: Trail, hint: str = "", *, default: bool = False) -> None:
        self.check = QCheckBox(label)
        self._default = default
        self.check.setAccessibleName(label)
        super().__init__("", self.check, trail, hint)
        self.check.toggled.connect(lambda _is_on: self.changed.emit())

    def show_value(self, value: Any) -> None:
        self.check.setChecked(self._by_itself() if value is LEFT_OUT else bool(value))

    def shown(self) -> bool:
        return self.check.isChecked()

    def written(self) -> Any:
        return LEFT_OUT if self.shown() == self._by_itself() else self.shown()

    def _by_itself(self) -> bool:
        return self._default if self.inherited is LEFT_OUT else bool(self.inherited)


class ChecksField(Field):
    """Some of several words."""

    def __init__(self, label: str, trail: Trail, answers: Sequence[Answer], default: Sequence[str]) -> None:
        editor = QWidget()
        layout = QHBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        self.checks: dict[str, QCheckBox] = {}
        self._default = list(default)
        super().__init__(label, editor, trail)
        for word, words in answers:
            self.checks[word] = QCheckBox(words)
            self.checks[word].toggled.connect(lambda _is_on: self.changed.emit())
            layout.addWidget(self.checks[word])
        layout.addStretch()

    def show_value(self, value: Any) -> None:
        chosen = self._by_itself() if value is LEFT_OUT else value
        for word, check in self.checks.items():
            check.setChecked(word in chosen)

    def shown(self) -> list[str]:
        return [word for word, check in self.checks.items() if check.isChecked()]

    def written(self) -> Any:
        return LEFT_OUT if set(self.shown()) == set(self._by_itself()) else self.shown()

    def _by_itself(self) -> list[str]:
        return self._default if self.inherited is LEFT_OUT else list(self.inherited)
