"""The form of one thing: its fields in sections, the spec they add up to, and each problem beside its field."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.desk import Desk
from app.theme import PAD, WIDE, sized
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import Field, Spec, Trail
from app.widgets.forms.side_by_side import side_by_side
from app.widgets.forms.text_fields import TextField
from server.api.editing import Checked, Problem
from server.domain.things import Setup

_KEY: Trail = ("key",)


class Named(Protocol):
    @property
    def name(self) -> str: ...


class Form(QWidget):
    """A kind's own form adds its fields in `build`; what it has no field for stays in the spec as it is."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.fields: list[Field] = []
        self.base: Spec = {}
        self._is_loading = False
        self.setup = Setup()
        self.archived: Mapping[str, AbstractSet[str]] = {}  # keys by kind
        self._sections = QVBoxLayout(self)
        self._sections.setContentsMargins(0, 0, WIDE - PAD, WIDE)  # the scroll bar stands in the rest
        self._sections.setSpacing(PAD)
        self.key_field = TextField(
            self.tr("Key"), _KEY, self.tr("Stands in addresses and macros; it never changes."), default="summer"
        )
        self.name_field = TextField(self.tr("Name"), ("name",), self.tr("For your eyes; the key where there is none."))
        self.build()
        self._sections.addStretch()

    # -- what a kind's form says --------------------------------------------------------------------------------------

    def build(self) -> None:
        raise NotImplementedError

    def initial(self) -> Spec:
        """What a new thing begins with."""
        return {}

    def template_of(self, _spec: Spec) -> Spec:
        """What the template of the catalog says that this thing names."""
        return {}

    def show_checked(self, checked: Checked) -> None:
        """What follows from the thing as it stands, where it stands without problems."""

    def prepare(self, setup: Setup) -> None:
        """What the thing can name."""

    def show_live(self) -> None:
        """What can be shown at once while one types."""

    # -- building -----------------------------------------------------------------------------------------------------

    def section(self, title: str, note: str = "") -> QVBoxLayout:
        card = QFrame()
        card.setObjectName("card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(WIDE, PAD, WIDE, WIDE)
        layout.setSpacing(PAD)
        heading = plain_label(title)
        heading.setFont(sized(heading.font(), 1, is_bold=True))
        layout.addWidget(heading)
        if note:
            layout.addWidget(self.note(note))
        self._sections.addWidget(card)
        return layout

    def note(self, words: str) -> QLabel:
        label = plain_label(words)
        label.setObjectName("muted")
        label.setWordWrap(True)
        return label

    def add(self, section: QVBoxLayout, *fields: Field) -> None:
        for field in fields:
            self.watch(field)
        section.addLayout(side_by_side(fields))

    def watch(self, field: Field) -> None:
        self.fields.append(field)
        field.changed.connect(self._on_change)

    # -- the spec -----------------------------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        return self.key_field.line.text().strip()

    def load(self, key: str, spec: Spec, *, is_new: bool) -> None:
        self._is_loading = True
        self.base = copy.deepcopy(spec)
        self.follow()
        template = self.template_of(spec)
        for field in self.fields:
            field.show_problem("")
            field.load({**spec, "key": key}, template)
        self.key_field.line.setReadOnly(not is_new)
        self._is_loading = False
        self.show_checked(Checked())  # what followed from the thing before is gone
        self.show_live()

    def follow_template(self, template: Spec) -> None:
        """Another one was chosen."""
        for field in self.fields:
            field.inherit(template)
        self.show_live()

    def offered(self, kind: str, things: Mapping[str, Named]) -> Offered:
        archived = self.archived.get(kind, frozenset())
        words = self.tr("{0}   (archived)")
        return Offered(
            [(key, one.name or key) for key, one in things.items() if key not in archived],
            [(key, words.format(one.name or key)) for key, one in things.items() if key in archived],
        )

    def follow(self) -> None:
        """Other things may have come and gone."""
        self.setup = self.desk.setup
        self.prepare(self.setup)

    def spec(self) -> Spec:
        spec = copy.deepcopy(self.base)
        for field in self.fields:
            if field is not self.key_field:
                field.store(spec)
        return spec

    def is_touched(self) -> bool:
        return self.spec() != self.base or self.key_field.is_touched

    def show_problems(self, problems: Sequence[Problem], *, is_missing_shown: bool) -> list[str]:
        """Beside the field that is closest to each; what no field stands for is handed back."""
        left: list[str] = []
        said: dict[Field, list[str]] = {}
        parts = self.parts()
        for problem in problems:
            if problem.is_missing and not is_missing_shown:
                continue
            field = max(parts, key=lambda field: field.concerns(problem.trail))
            if closeness := field.concerns(problem.trail):
                said.setdefault(field, []).append(field.worded(problem.trail[closeness:], problem.text))
            else:
                left.append(problem.text)
        for field in parts:
            words = " ".join(said.get(field, []))
            if field.problem.removeprefix("▲ ") != words:
                field.show_problem(words)
        for field in self.fields:
            field.open_problems()
        return left

    def parts(self) -> list[Field]:
        """Every field beside which a problem may stand."""
        return [part for field in self.fields for part in field.parts()]

    def _on_change(self) -> None:
        if not self._is_loading:
            self.show_live()
            self.changed.emit()
