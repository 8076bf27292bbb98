"""A field for a URL or body of ours, its macros coloured and completed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.theme import SMALL, Theme
from app.widgets.forms.field import LEFT_OUT, NONE_SIGN, Field, Trail
from app.widgets.forms.template_edit import TemplateEdit
from app.widgets.forms.unsaid import secrets_in


class TemplateField(Field):
    def __init__(self, theme: Theme, label: str, trail: Trail, hint: str = "", *, has_lines: bool = False) -> None:
        self._theme = theme
        self.edit = TemplateEdit(theme, has_lines=has_lines)
        self.edit.setAccessibleName(label)
        macros = self._button("{ }", self.tr("Insert a macro"), self.edit.show_macros)
        self.reveal = self._button("", self.tr("Show the secret in it"), self._turn)
        self.reveal.setCheckable(True)
        self.take_over = self._button(self.tr("Edit"), self.tr("Begin with what the template says"), self._take_over)
        together = QWidget()
        layout = QHBoxLayout(together)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(self.edit, 1)
        for button in (self.reveal, self.take_over, macros):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        super().__init__(label, together, trail, hint)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._on_edit)
        theme.changed.connect(self._paint)
        self._paint()
        self._show_buttons()

    @property
    def effective(self) -> str:
        """What stands there, or the template's where nothing does."""
        return self.edit.text() or (self.inherited if isinstance(self.inherited, str) else "")

    def show_problem(self, words: str) -> bool:
        self.edit.setProperty("problem", bool(words))
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)
        return super().show_problem(words)

    def show_inherited(self) -> None:
        self.edit.setPlaceholderText(self.tr("as the template says") if self._is_given else "")
        self._show_buttons()

    @property
    def _is_given(self) -> bool:
        return isinstance(self.inherited, str) and bool(self.inherited)

    def show_value(self, value: Any) -> None:
        self.reveal.setChecked(False)
        self._turn()
        if value == "" and self._is_given:
            self.edit.set_text(NONE_SIGN)
        else:
            self.edit.set_text("" if value is LEFT_OUT else str(value))

    def shown(self) -> str:
        return self.edit.text()

    def written(self) -> Any:
        text = self.edit.text() if self.edit.blockCount() > 1 else self.edit.text().strip()
        if not text:
            return LEFT_OUT
        if text == NONE_SIGN and self._is_given:
            return ""
        return text

    def _on_edit(self) -> None:
        self._show_buttons()
        self.changed.emit()

    def _take_over(self) -> None:
        self.edit.set_text(self.effective)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_buttons(self) -> None:
        """A long template is read in the preview; here it is only offered."""
        self.take_over.setVisible(self._is_given and not self.edit.text())
        self.reveal.setVisible(bool(secrets_in(self.edit.text())))

    def _turn(self) -> None:
        self.edit.colours.hide_secrets(is_on=not self.reveal.isChecked())

    def _paint(self) -> None:
        self.reveal.setIcon(self._theme.icon("eye"))

    def _button(self, text: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button
