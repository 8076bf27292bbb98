"""Offers or landing pages with their weights, and the share of the visitors that each weight comes to."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from app.pages.campaigns.rows import Row, Rows
from app.theme import Theme
from app.widgets.empty import plain_label
from app.widgets.forms.choice_fields import CalmBox, Offered
from app.widgets.plain import cut, plain_tip
from app.widgets.share_bar import ShareBar, weight_for
from app.widgets.whole_number import WholeNumber

BAR_WIDTH, SHARE_WIDTH = 112, 52
_LEAST_LETTERS = 10  # of a name


@dataclass(frozen=True, slots=True)
class Kind:
    """Offers or landing pages, in the words of the setup file and of the screen."""

    name: str
    list: str  # the key of the path that holds them
    title: str
    add: str
    nothing: str


class WeightedRows(Rows):
    def __init__(self, theme: Theme, kind: Kind, specs: Sequence[dict[str, Any]], offered: Offered) -> None:
        super().__init__(theme, (kind.list,), kind.title, kind.add, kind.nothing)
        self._kind = kind.name
        self._offered = offered
        for spec in specs:
            self.append(self._row(spec))
        self.changed.connect(self._show_shares)
        self.offer(offered)
        self._show_shares()

    def offer(self, offered: Offered) -> None:
        self._offered = offered
        for row in self._weighted():
            row.offer(offered)
        self.add_button.setEnabled(bool(offered.live))

    def specs(self) -> list[dict[str, Any]]:
        return [row.spec() for row in self._weighted()]

    def empty_row(self) -> Row:
        taken = {row.key.currentData() for row in self._weighted()}
        keys = [key for key, _ in self._offered.live]
        free = next((key for key in keys if key not in taken), keys[0])
        return self._row({self._kind: free})

    def _row(self, spec: dict[str, Any]) -> Row:
        row = _Weighted(self.theme, self.tr("Remove"), self._kind, spec, self._offered)
        row.changed.connect(self.changed)
        row.bar.drawn.connect(lambda share: self._draw(row, share))
        return row

    def _weighted(self) -> list[_Weighted]:
        return [row for row in self.rows if isinstance(row, _Weighted)]

    def _draw(self, row: _Weighted, share: float) -> None:
        others = sum(other.weight.value() for other in self._weighted() if other is not row)
        if others:
            row.weight.setValue(weight_for(share, others))

    def _show_shares(self) -> None:
        whole = sum(row.weight.value() for row in self._weighted())
        for row in self._weighted():
            row.show_share(row.weight.value() / whole if whole else 0)


class _Weighted(Row):
    def __init__(self, theme: Theme, tip: str, kind: str, spec: dict[str, Any], offered: Offered) -> None:
        super().__init__(theme, tip, ())
        self._kind = kind
        self._loaded = copy.deepcopy(spec)
        self.key = CalmBox()
        self.key.setAccessibleName(kind)
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.key.setMinimumContentsLength(_LEAST_LETTERS)
        self.bar = ShareBar(theme)
        self.bar.setFixedWidth(BAR_WIDTH)
        self.share = plain_label()
        self.share.setObjectName("muted")
        self.share.setFixedWidth(SHARE_WIDTH)
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.weight = WholeNumber(spec.get("weight", 100), self.tr("Weight"))
        self.offer(offered)
        self.line.addWidget(self.key, 1)
        for widget in (self.bar, self.share, self.weight):
            self.line.addWidget(widget)
        self.setFocusProxy(self.key)
        self.key.currentIndexChanged.connect(lambda _index: self._on_key())
        self.weight.valueChanged.connect(lambda _weight: self.changed.emit())

    def offer(self, offered: Offered) -> None:
        """The key that stands stays, also where it is no longer offered."""
        chosen = self.key.currentData() or str(self._loaded.get(self._kind, ""))
        answers = dict(offered.live)
        if chosen and chosen not in answers:
            answers[chosen] = dict(offered.former).get(chosen, chosen)
        self.key.blockSignals(True)
        self.key.clear()
        for key, words in answers.items():
            self.key.addItem(cut(words), key)
        self.key.setCurrentIndex(self.key.findData(chosen))
        self.key.blockSignals(False)
        self._show_tip()

    def show_share(self, share: float) -> None:
        self.bar.show_share(share)
        self.share.setText(f"{100 * share:.0f} %")

    def _on_key(self) -> None:
        self._show_tip()
        self.changed.emit()

    def _show_tip(self) -> None:
        """The name may be longer than the box."""
        self.key.setToolTip(plain_tip(self.key.currentText()))

    def spec(self) -> dict[str, Any]:
        spec = {**self._loaded, self._kind: self.key.currentData()}
        weight = self.weight.value()
        return spec if weight == spec.get("weight", 100) else {**spec, "weight": weight}
