"""Offers or landing pages with their weights, and the share of the visitors that each weight comes to."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.pages.campaigns.rows import Row, Rows
from app.theme import Theme
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import CalmBox, Offered

_WEIGHT_WIDTH, _SHARE_WIDTH = 64, 48


@dataclass(frozen=True, slots=True)
class Kind:
    """Offers or landing pages, in the words of the setup file and of the screen."""

    name: str
    title: str
    add: str
    nothing: str


class WeightedRows(Rows):
    def __init__(self, theme: Theme, kind: Kind, specs: Sequence[dict[str, Any]], offered: Offered) -> None:
        super().__init__(theme, kind.title, kind.add, kind.nothing)
        self._kind = kind.name
        self._offered = offered
        for spec in specs:
            self.append(self._row(spec))
        self.changed.connect(self._show_shares)
        self.offer(offered)
        self._show_shares()

    def offer(self, offered: Offered) -> None:
        self._offered = offered
        for row in self.rows:
            if isinstance(row, _Weighted):
                row.offer(offered)
        self.add_button.setEnabled(bool(offered.live))

    def value(self) -> list[dict[str, Any]]:
        return [row.spec() for row in self.rows if isinstance(row, _Weighted)]

    def empty_row(self) -> Row:
        taken = {row.key.currentData() for row in self.rows if isinstance(row, _Weighted)}
        keys = [key for key, _ in self._offered.live]
        free = next((key for key in keys if key not in taken), keys[0])
        return self._row({self._kind: free})

    def _row(self, spec: dict[str, Any]) -> Row:
        row = _Weighted(self._theme, self.tr("Remove"), self._kind, spec, self._offered)
        row.key.currentIndexChanged.connect(lambda _index: self.changed.emit())
        row.weight.textChanged.connect(lambda _text: self.changed.emit())
        return row

    def _show_shares(self) -> None:
        weights = [weight_of(row.weight.text()) for row in self.rows if isinstance(row, _Weighted)]
        whole = sum(weight for weight in weights if isinstance(weight, int))
        for row, weight in zip(self.rows, weights, strict=True):
            if isinstance(row, _Weighted):
                is_told = whole and isinstance(weight, int)
                row.share.setText(f"{100 * int(weight) / whole:.0f} %" if is_told else "")


class _Weighted(Row):
    def __init__(self, theme: Theme, tip: str, kind: str, spec: dict[str, Any], offered: Offered) -> None:
        super().__init__(theme, tip)
        self._kind = kind
        self._loaded = copy.deepcopy(spec)
        self.key = CalmBox()
        self.key.setAccessibleName(kind)
        self.weight = QLineEdit(str(spec.get("weight", 100)))
        self.weight.setFixedWidth(_WEIGHT_WIDTH)
        self.weight.setAccessibleName(self.tr("Weight"))
        self.share = plain_label()
        self.share.setObjectName("muted")
        self.share.setFixedWidth(_SHARE_WIDTH)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.offer(offered)
        self.line.addWidget(self.key, 1)
        self.line.addWidget(plain_label(self.tr("Weight")))
        self.line.addWidget(self.weight)
        self.line.addWidget(self.share)

    def offer(self, offered: Offered) -> None:
        """The key that stands stays, also where it is no longer offered."""
        chosen = self.key.currentData() or str(self._loaded.get(self._kind, ""))
        answers = dict(offered.live)
        if chosen and chosen not in answers:
            answers[chosen] = dict(offered.former).get(chosen, chosen)
        self.key.blockSignals(True)
        self.key.clear()
        for key, words in answers.items():
            self.key.addItem(words, key)
        self.key.setCurrentIndex(self.key.findData(chosen))
        self.key.blockSignals(False)

    def spec(self) -> dict[str, Any]:
        spec = {**self._loaded, self._kind: self.key.currentData()}
        weight = weight_of(self.weight.text())
        return spec if weight == spec.get("weight", 100) else {**spec, "weight": weight}


def weight_of(text: str) -> int | str:
    """What is no whole number is refused with the rules' own words."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
