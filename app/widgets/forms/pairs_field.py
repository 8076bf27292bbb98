"""A field of pairs: names of the owner's, and a value for each, masked where the name says that it is a secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.theme import SMALL, Theme
from app.widgets.forms.field import LEFT_OUT, Field, Spec, Trail
from app.widgets.forms.grid import Grid
from server.domain.masking import MASK

_VALUE = 1  # the column


class PairsField(Field):
    def __init__(
        self,
        theme: Theme,
        label: str,
        trail: Trail,
        headings: tuple[str, str],
        hint: str = "",
        *,
        is_secret: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        self._theme = theme
        self._is_secret = is_secret
        self._own_hint = hint
        self.grid = Grid(headings, 1, 1)
        self.grid.verticalHeader().hide()
        self.grid.setAccessibleName(label)
        self.reveal = QToolButton()
        self.reveal.setCheckable(True)
        self.reveal.setToolTip(self.tr("Show the secret values"))
        self.reveal.setAccessibleName(self.tr("Show the secret values"))
        self.reveal.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        together = QWidget()
        layout = QHBoxLayout(together)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.reveal, 0, Qt.AlignmentFlag.AlignTop)
        super().__init__(label, together, trail, hint)
        self.setFocusProxy(self.grid)
        self.grid.hide_where(self._is_masked)
        self.grid.edited.connect(self._on_edit)
        self.reveal.toggled.connect(lambda _is_on: self.grid.hide_where(self._is_masked))
        theme.changed.connect(self._paint)
        self._paint()

    def load(self, spec: Spec, template: Spec) -> None:
        self.reveal.setChecked(False)
        super().load(spec, template)

    def show_value(self, value: Any) -> None:
        pairs = value if isinstance(value, dict) else {}
        self.grid.fill([*((name, str(said)) for name, said in pairs.items()), ("", "")])
        self._offer_reveal()

    def show_inherited(self) -> None:
        pairs = self.inherited if isinstance(self.inherited, dict) else {}
        shown = {name: MASK if self._is_secret(name) else value for name, value in pairs.items()}
        told = ", ".join(f"{name}: {value}" for name, value in shown.items())
        words = self.tr("The template adds {0}. An empty value takes one away.").format(told)
        self.set_hint(words if told else self._own_hint)

    def shown(self) -> list[Any]:
        return [pair for pair in self.grid.texts() if any(pair)]

    def written(self) -> Any:
        return dict(self.shown()) or LEFT_OUT

    def _is_masked(self, row: int, column: int) -> bool:
        return column == _VALUE and not self.reveal.isChecked() and self._is_secret(self.grid.text_at(row, 0))

    def _on_edit(self) -> None:
        if any(self.grid.texts()[-1]):
            self.grid.grow()
        self._offer_reveal()
        self.changed.emit()

    def _offer_reveal(self) -> None:
        self.reveal.setVisible(any(self._is_secret(name) for name, _ in self.shown()))

    def _paint(self) -> None:
        self.reveal.setIcon(self._theme.icon("eye"))
