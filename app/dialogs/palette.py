"""Ctrl+K: every action of the window, found by typing a few of its letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.theme import GAP, ROW_HEIGHT

_WIDTH, _HEIGHT = 520, 380


class CommandPalette(QDialog):
    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._actions = [action for action in actions if action.isEnabled()]
        self._words = QLineEdit()
        self._words.setPlaceholderText(self.tr("What do you want to do?"))
        self._list = QListWidget()
        self._words.textChanged.connect(self._narrow)
        self._words.installEventFilter(self)
        self._list.itemActivated.connect(lambda _item: self._do())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self._words)
        layout.addWidget(self._list)
        self.resize(_WIDTH, _HEIGHT)
        middle = parent.mapToGlobal(parent.rect().center())
        self.move(middle.x() - _WIDTH // 2, parent.mapToGlobal(parent.rect().topLeft()).y() + ROW_HEIGHT * 2)
        self._narrow("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The arrow keys move in the list while the words keep the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                row = (self._list.currentRow() + step) % max(1, self._list.count())
                self._list.setCurrentRow(row)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, words: str) -> None:
        self._list.clear()
        for action in self._actions:
            name = action.text().replace("&", "")
            if not all(part in name.lower() for part in words.lower().split()):
                continue
            shortcut = action.shortcut().toString()
            item = QListWidgetItem(f"{name}    {shortcut}" if shortcut else name)
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _do(self) -> None:
        item = self._list.currentItem()
        self.accept()
        if item is not None:
            item.data(Qt.ItemDataRole.UserRole).trigger()
