"""One further destination of a campaign's relays: its request with a preview, and folded away when it is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.pages.campaigns.cards import Card
from app.theme import GAP, PAD, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.forms.field import Field, Spec
from app.widgets.forms.relay_fields import RelayFields
from app.widgets.forms.side_by_side import side_by_side


class DestinationCard(Card):
    duplicated = Signal()

    def __init__(self, theme: Theme, spec: Spec) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._loaded = copy.deepcopy(spec)
        self._buttons: list[tuple[QToolButton, str]] = []
        self.relay = RelayFields(theme, ())
        self.fields: list[Field] = list(self.relay.fields())
        self._title = plain_label()
        self._title.setFont(sized(self._title.font(), 0, is_bold=True))
        self._more = QWidget()
        self.fold = QToolButton()
        self._lay_out()
        for field in self.fields:
            field.load(spec, {})
            field.changed.connect(self._on_change)
        self.fold.toggled.connect(self._turn)
        self.fold.setChecked(bool(self._folded_words()))
        self._turn()
        theme.changed.connect(self._paint)
        self.relay.show_preview()

    def set_place(self, number: int, _count: int) -> None:
        self._title.setText(self.tr("Destination {0}").format(number + 1))
        for field in self.fields:
            field.table = ("destinations", number)

    def spec(self) -> Spec:
        """What was loaded, with what is different now."""
        spec = copy.deepcopy(self._loaded)
        for field in self.fields:
            field.store(spec)
        return spec

    def open_problems(self) -> None:
        if any(field.problem for field in self._folded()):
            self.fold.setChecked(True)

    def _on_change(self) -> None:
        self.relay.show_preview()
        self.changed.emit()

    def _folded(self) -> list[Field]:
        return [field for rows in (self.relay.told, self.relay.answered) for row in rows for field in row]

    def _folded_words(self) -> set[Any]:
        """What this destination says in there."""
        return {field.trail[0] for field in self._folded()} & set(self._loaded)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addStretch()
        self.copy_button = self._tool(head, "copy-plus", self.tr("Duplicate this destination"), self.duplicated.emit)
        self.away = self._tool(head, "x", self.tr("Remove this destination"), self.removed.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(PAD)
        layout.addLayout(head)
        layout.addWidget(self.relay.url)
        for row in self.relay.request:
            layout.addLayout(side_by_side(row))
        layout.addWidget(self.relay.preview)
        self.fold.setObjectName("fold")
        self.fold.setCheckable(True)
        self.fold.setText(self.tr(" What is told, and how it answers"))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout.addWidget(self.fold)
        inside = QVBoxLayout(self._more)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(PAD)
        for rows in (self.relay.told, self.relay.answered):
            for row in rows:
                inside.addLayout(side_by_side(row))
        layout.addWidget(self._more)

    def _tool(self, layout: QHBoxLayout, icon: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        self._buttons.append((button, icon))
        layout.addWidget(button)
        return button

    def _turn(self) -> None:
        self._more.setVisible(self.fold.isChecked())
        self._paint()

    def _paint(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(self._theme.icon(icon))
        self.fold.setIcon(self._theme.icon("chevron-down" if self.fold.isChecked() else "chevron-right"))
