"""The list of macros that opens while `{` is typed, each with what it means."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.theme import ROW_HEIGHT, SMALL
from app.widgets.forms.macros import matching, meaning

_WIDTH, _ROWS = 460, 8


class MacroList(QFrame):
    """Never takes the focus: the keys go on into the text, and steer the list on their way."""

    chosen = Signal(str)

    def __init__(self, editor: QWidget) -> None:
        super().__init__(editor, Qt.WindowType.ToolTip)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.itemClicked.connect(lambda item: self._choose(item))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SMALL, SMALL, SMALL, SMALL)
        layout.addWidget(self.list)
        editor.installEventFilter(self)

    def offer(self, start: str, below: QRect) -> None:
        """What fits the letters so far; nothing that fits closes it."""
        self.list.clear()
        for name in matching(start):
            item = QListWidgetItem(f"{{{name}}}   {meaning(name)}")
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setSizeHint(QSize(0, ROW_HEIGHT - SMALL))
            self.list.addItem(item)
        if not self.list.count():
            self.hide()
            return
        self.list.setCurrentRow(0)
        rows = min(_ROWS, self.list.count())
        self.resize(_WIDTH, rows * (ROW_HEIGHT - SMALL) + 4 * SMALL)
        self._place(below)
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self.hide()
        if self.isVisible() and isinstance(event, QKeyEvent) and self._is_ours(event):
            if event.type() is QEvent.Type.KeyPress:
                self._steer(Qt.Key(event.key()))
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        ours = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape)
        return event.key() in ours and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)

    def _steer(self, key: Qt.Key) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key)
        if step:
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
        elif key is Qt.Key.Key_Escape:
            self.hide()
        else:
            self._choose(self.list.currentItem())

    def _choose(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _place(self, below: QRect) -> None:
        """Under the cursor, above it where the screen ends."""
        screen = self.screen().availableGeometry()
        x = min(below.left(), screen.right() - self.width())
        y = below.bottom() + SMALL
        if y + self.height() > screen.bottom():
            y = below.top() - self.height() - SMALL
        self.move(QPoint(max(screen.left(), x), y))
