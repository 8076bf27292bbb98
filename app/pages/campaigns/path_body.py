"""What a path asks and where it leads: conditions, landing pages, offers, its rank, and whether it is the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from app.pages.campaigns.conditions import Conditions
from app.pages.campaigns.rows import Rows
from app.pages.campaigns.weighted import Kind, WeightedRows
from app.theme import GAP, HUGE, PAD, SMALL, Theme
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import Offered
from app.widgets.forms.field import Field, Spec, Trail
from app.widgets.whole_number import WholeNumber


class PathBody(QWidget):
    changed = Signal()
    grown = Signal()

    def __init__(self, theme: Theme, spec: Spec, offers: Offered, landings: Offered) -> None:
        super().__init__()
        self.conditions = Conditions(theme, spec.get("when", {}), spec.get("match", "all"))
        straight = self.tr("none: straight to the offer")
        landing = Kind("landing", "landings", self.tr("Landing pages"), self.tr("Add a landing page"), straight)
        needed = self.tr("A path needs one.")
        offer = Kind("offer", "offers", self.tr("Offers"), self.tr("Add an offer"), needed)
        self.landings = WeightedRows(theme, landing, spec.get("landings", []), landings)
        self.offers = WeightedRows(theme, offer, spec.get("offers", []), offers)
        self.default = QCheckBox(self.tr("The default: takes whom no other path takes"))
        self.default.setChecked(bool(spec.get("default", False)))
        self.priority = WholeNumber(spec.get("priority", 0), self.tr("Of the open paths the highest priority counts"))
        self._lay_out()
        for part in self._rows():
            part.changed.connect(self.changed)
            part.grown.connect(self.grown)
        self.default.toggled.connect(lambda _is_on: self._on_default())
        self.priority.valueChanged.connect(lambda _value: self.changed.emit())
        self.conditions.setEnabled(not self.default.isChecked())

    def offer(self, offers: Offered, landings: Offered) -> None:
        self.offers.offer(offers)
        self.landings.offer(landings)

    def set_table(self, table: Trail) -> None:
        for rows in self._rows():
            rows.set_table(table)

    def parts(self) -> Sequence[Field]:
        return (*self.conditions.parts(), self.landings, self.offers)

    def said(self) -> dict[str, Any]:
        """By key of the setup file; a default path asks nothing."""
        return {
            "when": {} if self.default.isChecked() else self.conditions.when(),
            "match": self.conditions.match.currentData(),
            "default": self.default.isChecked(),
            "priority": self.priority.value(),
            "landings": self.landings.specs(),
            "offers": self.offers.specs(),
        }

    def _rows(self) -> Sequence[Rows]:
        return (self.conditions, self.landings, self.offers)

    def _on_default(self) -> None:
        """What it asked stands there, greyed, until it is saved or no longer the default."""
        self.conditions.setEnabled(not self.default.isChecked())
        self.changed.emit()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.default)
        foot.addStretch()
        foot.addWidget(plain_label(self.tr("Priority")))
        foot.addWidget(self.priority)
        foot.addSpacing(HUGE + SMALL)  # in line with the weights above, which a cross follows
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        for part in self._rows():
            layout.addWidget(part)
        layout.addLayout(foot)
