"""One path: its weight, the conditions under which it is open, and its landing pages and offers with their weights."""

from __future__ import annotations

import copy
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout

from app.pages.campaigns.cards import Card
from app.pages.campaigns.conditions import Conditions
from app.pages.campaigns.weighted import Kind, WeightedRows, weight_of
from app.theme import GAP, PAD, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import Offered

_WEIGHT_WIDTH = 64


class PathCard(Card):
    moved = Signal(int)

    def __init__(self, theme: Theme, spec: dict[str, Any], offers: Offered, landings: Offered) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        self._loaded = copy.deepcopy(spec)
        self._buttons: list[tuple[QToolButton, str]] = []
        self.weight = QLineEdit(str(spec.get("weight", 100)))
        self.weight.setFixedWidth(_WEIGHT_WIDTH)
        self.weight.setAccessibleName(self.tr("Weight of the path"))
        self.conditions = Conditions(theme, spec.get("when", {}))
        straight = self.tr("none: straight to the offer")
        landing = Kind("landing", self.tr("Landing pages"), self.tr("Add a landing page"), straight)
        offer = Kind("offer", self.tr("Offers"), self.tr("Add an offer"), self.tr("A path needs one."))
        self.landings = WeightedRows(theme, landing, spec.get("landings", []), landings)
        self.offers = WeightedRows(theme, offer, spec.get("offers", []), offers)
        self._lay_out()
        self.weight.textChanged.connect(lambda _text: self.changed.emit())
        for part in (self.conditions, self.landings, self.offers):
            part.changed.connect(self.changed)
        theme.changed.connect(self._paint)
        self._paint()

    def offer(self, offers: Offered, landings: Offered) -> None:
        self.offers.offer(offers)
        self.landings.offer(landings)

    def set_place(self, number: int, count: int) -> None:
        self._title.setText(self.tr("Path {0}").format(number + 1))
        self._up.setEnabled(number > 0)
        self._down.setEnabled(number < count - 1)
        self._away.setEnabled(count > 1)

    def spec(self) -> dict[str, Any]:
        """What was loaded, with what is different now."""
        spec = copy.deepcopy(self._loaded)
        weight = weight_of(self.weight.text())
        if weight != spec.get("weight", 100):
            spec["weight"] = weight
        for name, value in (
            ("when", self.conditions.value()),
            ("landings", self.landings.value()),
            ("offers", self.offers.value()),
        ):
            if value or name in spec:
                spec[name] = value
        return spec

    def _lay_out(self) -> None:
        self._title = plain_label()
        self._title.setFont(sized(self._title.font(), 0, is_bold=True))
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(plain_label(self.tr("Weight")))
        head.addWidget(self.weight)
        self._up = self._tool(head, "chevron-up", self.tr("Move up"), lambda: self.moved.emit(-1))
        self._down = self._tool(head, "chevron-down", self.tr("Move down"), lambda: self.moved.emit(1))
        self._away = self._tool(head, "x", self.tr("Remove this path"), self.removed.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(GAP)
        layout.addLayout(head)
        for part in (self.conditions, self.landings, self.offers):
            layout.addWidget(part)

    def _tool(self, layout: QHBoxLayout, icon: str, tip: str, act: Any) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: act())
        self._buttons.append((button, icon))
        layout.addWidget(button)
        return button

    def _paint(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(self._theme.icon(icon))
