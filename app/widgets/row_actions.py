"""What can be done with the selected rows: buttons that come with a selection, a context menu, shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.theme import SMALL, Theme
from app.widgets.empty import plain_label
from app.widgets.rows_view import RowsView
from server.api.lists import Shown

_ICON = QSize(20, 16)  # with room between it and its words


@dataclass(frozen=True, slots=True)
class RowAction:
    """Done with those of the selected rows that it `fits`, and offered where there is one."""

    words: str
    icon: str
    act: Callable[[list[Shown]], None]
    shortcut: str
    fits: Callable[[Shown], bool] = lambda _row: True


class RowActions(QWidget):
    def __init__(self, theme: Theme, view: RowsView) -> None:
        super().__init__()
        self._theme = theme
        self._view = view
        self._count = plain_label()
        self._count.setObjectName("muted")
        self._actions: list[tuple[RowAction, QAction, QToolButton]] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SMALL)
        self._layout.addWidget(self._count)
        view.chosen.connect(self._follow)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu)
        theme.changed.connect(self._paint)
        self._follow()

    def offer(self, actions: Sequence[RowAction]) -> None:
        for what in actions:
            action = QAction(what.words, self._view)
            action.setShortcut(what.shortcut)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, what=what: self._do(what))
            self._view.addAction(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(_ICON)
            button.setToolTip(f"{what.words} ({action.shortcut().toString()})")
            self._layout.addWidget(button)
            self._actions.append((what, action, button))
        self._paint()
        self._follow()

    def _follow(self) -> None:
        """An action that fits no selected row is not there."""
        rows = self._view.selected()
        self._count.setText(self.tr("{0} selected").format(len(rows)) if rows else "")
        for what, action, button in self._actions:
            is_fit = any(map(what.fits, rows))
            action.setEnabled(is_fit)
            button.setVisible(is_fit)

    def _do(self, what: RowAction) -> None:
        rows = [row for row in self._view.selected() if what.fits(row)]
        if rows:
            what.act(rows)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([action for _, action, _ in self._actions if action.isEnabled()])
        if not menu.isEmpty():
            menu.popup(self._view.viewport().mapToGlobal(at))

    def _paint(self) -> None:
        for what, action, _ in self._actions:
            action.setIcon(self._theme.icon(what.icon))
