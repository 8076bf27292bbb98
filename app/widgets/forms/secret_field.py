"""A token: masked until it is asked for, copied, renewed, or left open on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.theme import SMALL, Theme
from app.widgets.forms.field import LEFT_OUT, Field, Trail


class SecretField(Field):
    """Left out, one is made when the thing is saved (`is_made`); the empty text is a decision: open."""

    def __init__(self, theme: Theme, label: str, trail: Trail, renew: Callable[[], str] | None, hint: str = "") -> None:
        self._theme = theme
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName(label)
        self._buttons: list[tuple[QToolButton, str]] = []
        self.open = QCheckBox(self.tr("Open: anyone who knows the address may send postbacks"))
        self.open.setVisible(False)
        together = QWidget()
        self._layout = QHBoxLayout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SMALL)
        self._layout.addWidget(self.line, 1)
        self.show_button = self._button("eye", self.tr("Show"), self._turn)
        self.show_button.setCheckable(True)
        self._button("copy", self.tr("Copy"), lambda: QGuiApplication.clipboard().setText(self.line.text()))
        both = QVBoxLayout(together)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(SMALL)
        both.addLayout(self._layout)
        super().__init__(label, together, trail, hint)
        self.setFocusProxy(self.line)
        if renew is not None:
            self._button("refresh-cw", self.tr("Make a new one"), lambda: self.line.setText(renew()))
            both.addWidget(self.open)
            self.open.setVisible(True)
        self.open.toggled.connect(self._on_open)
        self.line.textChanged.connect(lambda _text: self.changed.emit())
        theme.changed.connect(self._paint)
        self._paint()

    def show_value(self, value: Any) -> None:
        self.open.setChecked(value == "")
        self.line.setText("" if value is LEFT_OUT else str(value))
        self.show_button.setChecked(False)
        self._turn()

    def shown(self) -> tuple[str, bool]:
        return self.line.text(), self.open.isChecked()

    def written(self) -> Any:
        text = self.line.text().strip()
        return "" if self.open.isChecked() else text or LEFT_OUT

    def _on_open(self) -> None:
        self.line.setEnabled(not self.open.isChecked())
        self.changed.emit()

    def _turn(self) -> None:
        is_shown = self.show_button.isChecked()
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)

    def _button(self, icon: str, tip: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        self._layout.addWidget(button)
        self._buttons.append((button, icon))
        button.setIcon(self._theme.icon(icon))
        return button

    def _paint(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(self._theme.icon(icon))
