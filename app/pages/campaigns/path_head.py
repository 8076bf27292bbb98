"""The head of a path's card: the grip to move it by, its number and name, and its weight with what that comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from app.pages.campaigns.weighted import BAR_WIDTH, SHARE_WIDTH
from app.theme import SMALL, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.share_bar import ShareBar
from app.widgets.whole_number import WholeNumber

_LEAST_NAME = 96


class _Grip(QToolButton):
    """Followed while the mouse holds it; with the keyboard it is where Alt and an arrow move the card."""

    held = Signal(int)  # where the mouse is on the screen, from its top

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.held.emit(round(event.globalPosition().y()))


class PathHead(QWidget):
    changed = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, spec: dict[str, Any]) -> None:
        super().__init__()
        self._theme = theme
        self._buttons: list[tuple[QToolButton, str]] = []
        self.grip = _Grip()
        self.grip.setCursor(Qt.CursorShape.OpenHandCursor)
        self._equip(self.grip, "grip-vertical", self.tr("Drag to another place, or Alt+Up and Alt+Down"))
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setObjectName("fold")
        self._equip(self.fold, "chevron-right", self.tr("Show what the path asks and where it leads"))
        self.number = plain_label()
        self.number.setFont(sized(self.number.font(), 0, is_bold=True))
        self.name = QLineEdit(spec.get("name", ""))
        self.name.setCursorPosition(0)
        self.name.setMinimumWidth(_LEAST_NAME)
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name of the path"))
        self.bar = ShareBar(theme)
        self.bar.setFixedWidth(BAR_WIDTH)
        self.share = plain_label()
        self.share.setObjectName("muted")
        self.share.setFixedWidth(SHARE_WIDTH)
        self.share.setToolTip(self.tr("Of the visitors whom the paths of its priority share, if all are open"))
        self.share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.weight = WholeNumber(spec.get("weight", 100), self.tr("Weight of the path"))
        self.away = QToolButton()
        self._equip(self.away, "x", self.tr("Remove this path"), self.removed.emit)
        self._lay_out()
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        self.weight.valueChanged.connect(lambda _weight: self.changed.emit())
        self.fold.toggled.connect(lambda _is_on: self._paint())
        theme.changed.connect(self._paint)
        self._paint()

    def show_share(self, share: float) -> None:
        """Among the paths that share with it: those of its priority."""
        self.bar.show_share(share)
        self.share.setText(f"{100 * share:.0f} %")

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SMALL)
        line.addWidget(self.grip)
        line.addWidget(self.fold)
        line.addWidget(self.number)
        line.addSpacing(SMALL)
        line.addWidget(self.name, 1)
        line.addSpacing(SMALL)
        line.addWidget(self.bar)
        line.addWidget(self.share)
        line.addSpacing(SMALL)
        line.addWidget(self.weight)
        line.addSpacing(SMALL)
        line.addWidget(self.away)

    def _equip(self, button: QToolButton, icon: str, tip: str, act: Callable[[], None] | None = None) -> None:
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if act is not None:
            button.clicked.connect(lambda: act())
        self._buttons.append((button, icon))

    def _paint(self) -> None:
        for button, icon in self._buttons:
            is_open = button is self.fold and self.fold.isChecked()
            button.setIcon(self._theme.icon("chevron-down" if is_open else icon))
