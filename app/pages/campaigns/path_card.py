"""One path as a card: its head, whom it takes in plain words, and folded away how that is said and where it leads."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout

from app.pages.campaigns.cards import Card
from app.pages.campaigns.path_body import PathBody
from app.pages.campaigns.path_head import PathHead
from app.pages.campaigns.words import summary
from app.theme import GAP, PAD, Theme
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import Field, Spec
from app.widgets.plain import breakable

_BY_THEMSELVES: dict[str, Any] = {
    "name": "",
    "weight": 100,
    "priority": 0,
    "default": False,
    "when": {},
    "match": "all",
    "landings": [],
}


class _Whole(Field):
    """Whom the path takes; beside it stands what is wrong with the path as a whole."""

    def __init__(self) -> None:
        self.words = plain_label()
        self.words.setWordWrap(True)
        super().__init__("", self.words, ())


class PathCard(Card):
    moved = Signal(int)  # by so many places
    grown = Signal()

    def __init__(self, theme: Theme, spec: Spec, offers: Offered, landings: Offered) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._loaded = copy.deepcopy(spec)
        self._offered = (offers, landings)
        self.body: PathBody | None = None  # made when it is first looked at: there may be many paths
        self.head = PathHead(theme, spec)
        self.whole = _Whole()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(PAD, GAP, PAD, PAD)
        self._layout.setSpacing(GAP)
        self._layout.addWidget(self.head)
        self._layout.addWidget(self.whole)
        self.head.changed.connect(self._on_change)
        self.head.removed.connect(self.removed)
        self.head.fold.toggled.connect(lambda _is_open: self._turn())
        self.head.grip.pressed.connect(lambda: self._lift(is_up=True))
        self.head.grip.released.connect(lambda: self._lift(is_up=False))
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self.head)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self.moved.emit(step))
        self._show_words()

    @property
    def is_open(self) -> bool:
        return self.head.fold.isChecked()

    def open(self, *, is_open: bool = True) -> None:
        self.head.fold.setChecked(is_open)

    def offer(self, offers: Offered, landings: Offered) -> None:
        self._offered = (offers, landings)
        if self.body is not None:
            self.body.offer(offers, landings)
        self._show_words()

    def set_place(self, number: int, count: int) -> None:
        self.head.number.setText(str(number + 1))
        self.head.away.setEnabled(count > 1)
        self.whole.table = ("path", number)
        if self.body is not None:
            self.body.set_table(self.whole.table)

    def parts(self) -> Sequence[Field]:
        return (self.whole, *(self.body.parts() if self.body is not None else ()))

    def open_problems(self) -> None:
        if self.body is not None and any(field.problem for field in self.body.parts()):
            self.open()

    def spec(self) -> Spec:
        """What was loaded, with what is different now."""
        spec = copy.deepcopy(self._loaded)
        said = {"name": self.head.name.text().strip(), "weight": self.head.weight.value()}
        for key, value in {**said, **(self.body.said() if self.body is not None else {})}.items():
            by_itself = _BY_THEMSELVES.get(key)
            if value == spec.get(key, by_itself):
                continue
            if value == by_itself:
                del spec[key]
            else:
                spec[key] = value
        return spec

    def _lift(self, *, is_up: bool) -> None:
        """The card that the mouse holds is to be seen."""
        self.setProperty("lifted", is_up)
        self.style().unpolish(self)
        self.style().polish(self)

    def _on_change(self) -> None:
        self._show_words()
        self.changed.emit()

    def _turn(self) -> None:
        if self.is_open and self.body is None:
            self.body = PathBody(self._theme, self._loaded, *self._offered)
            self.body.set_table(self.whole.table)
            self.body.changed.connect(self._on_change)
            self.body.grown.connect(self.grown)
            self._layout.addWidget(self.body)
        if self.body is not None:
            self.body.setVisible(self.is_open)
        self._show_words()
        self.grown.emit()

    def _show_words(self) -> None:
        """Folded it says where it leads, too."""
        spec = self.spec()
        words = [summary(spec)]
        if spec.get("priority"):
            words.append(self.tr("Priority {0}.").format(spec["priority"]))
        if not self.is_open:
            words.append(self._destinations(spec))
        self.whole.words.setText(breakable(" ".join(words)))

    def _destinations(self, spec: Spec) -> str:
        offers, landings = (
            ", ".join(dict((*offered.live, *offered.former)).get(one[kind], one[kind]) for one in spec.get(name, []))
            for offered, kind, name in zip(self._offered, ("offer", "landing"), ("offers", "landings"), strict=True)
        )
        if landings:
            return self.tr("Leads by {0} to {1}.").format(landings, offers)
        return self.tr("Leads to {0}.").format(offers)
