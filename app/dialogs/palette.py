"""Ctrl+K: everything that can be done or gone to, found by typing a few of its letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.commands import Command
from app.theme import GAP, PAD, ROW_HEIGHT, Theme, Tone
from app.widgets.empty import plain_label
from app.widgets.plain import cut

_WIDTH, _HEIGHT = 560, 420
_MOST = 60  # lines; who sees none that fits types another letter
_COMMAND = Qt.ItemDataRole.UserRole


class CommandPalette(QDialog):
    def __init__(self, commands: Sequence[Command], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("palette")
        self._commands = list(commands)
        self._words = QLineEdit()
        self._words.setPlaceholderText(self.tr("What do you want to do, or where to go?"))
        self._words.setAccessibleName(self.tr("Command"))
        self._list = QListWidget()
        self._list.setItemDelegate(_Lines(theme, self))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = plain_label(self.tr("Nothing fits these letters."))
        self._nothing.setObjectName("muted")
        self._words.textChanged.connect(self._narrow)
        self._words.installEventFilter(self)
        self._list.itemClicked.connect(lambda _item: self._do())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.setSpacing(GAP)
        for widget in (self._words, self._nothing):
            layout.addWidget(widget)
        layout.addWidget(self._list, 1)
        self.resize(_WIDTH, _HEIGHT)
        middle = parent.mapToGlobal(parent.rect().center())
        self.move(middle.x() - _WIDTH // 2, parent.mapToGlobal(parent.rect().topLeft()).y() + ROW_HEIGHT * 2)
        self._narrow("")
        self._words.setFocus()

    def add(self, commands: Sequence[Command]) -> None:
        """What had to be read first comes while one already types."""
        self._commands += commands
        self._narrow(self._words.text())

    def listed(self) -> list[Command]:
        return [self._list.item(row).data(_COMMAND) for row in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The arrow keys move in the list while the words keep the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                self._list.setCurrentRow((self._list.currentRow() + step) % max(1, self._list.count()))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, words: str) -> None:
        typed = words.casefold().strip()
        found = [one for one in self._commands if one.fits(typed)]
        found.sort(key=lambda one: one.rank(typed))
        self._list.clear()
        for command in found[:_MOST]:
            item = QListWidgetItem(cut(command.words))
            item.setData(_COMMAND, command)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._nothing.setVisible(not found)

    def _do(self) -> None:
        item = self._list.currentItem()
        if item is None:
            return
        command: Command = item.data(_COMMAND)
        self.accept()
        command.act()


class _Lines(QStyledItemDelegate):
    """The words, muted what more there is to say, and at the right the shortcut or the kind of thing."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        command: Command = index.data(_COMMAND)
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.save()
        line: QRect = option.rect.adjusted(PAD, 0, -PAD, 0)
        beside = painter.fontMetrics().horizontalAdvance(command.beside) + PAD if command.beside else 0
        self._write(painter, line, Tone.MUTED, command.beside, Qt.AlignmentFlag.AlignRight)
        line.setRight(line.right() - beside)
        end = self._write(painter, line, Tone.PLAIN, cut(command.words), Qt.AlignmentFlag.AlignLeft)
        line.setLeft(end + PAD)
        self._write(painter, line, Tone.MUTED, cut(command.more), Qt.AlignmentFlag.AlignLeft)
        painter.restore()

    def _write(self, painter: QPainter, line: QRect, tone: Tone, text: str, side: Qt.AlignmentFlag) -> int:
        """Where what was written ends."""
        painter.setPen(self._theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, line.width()))
        painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return line.left() + painter.fontMetrics().horizontalAdvance(shown)
