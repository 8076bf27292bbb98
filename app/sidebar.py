"""The sidebar: a row for each page, with its icon and the count of what needs attention there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.figures import number
from app.pages.registry import PAGES
from app.theme import GAP, ROW_HEIGHT, SIDEBAR_WIDTH, SMALL, SMALLER, Theme, Tone, sized

_NAME = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_MOST = 999  # as many as there is room for
_ICON = QSize(16, 16)
_TINT = 0.12


class Sidebar(QListWidget):
    turned = Signal(str)  # to a page, by its name

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("sidebar")
        self.setAccessibleName(self.tr("Pages"))
        self.setFixedWidth(SIDEBAR_WIDTH)
        self.setIconSize(_ICON)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for entry in PAGES:
            item = QListWidgetItem(entry.words)
            item.setData(_NAME, entry.name)
            item.setSizeHint(QSize(0, ROW_HEIGHT + SMALL))
            self.addItem(item)
        self.setItemDelegate(_Rows(theme, self))
        self.currentItemChanged.connect(self._on_current)
        theme.changed.connect(self._paint)
        self._paint()

    @property
    def current(self) -> str:
        item = self.currentItem()
        return str(item.data(_NAME)) if item else ""

    def turn_to(self, name: str) -> bool:
        """False where there is no such page."""
        for row, entry in enumerate(PAGES):
            if entry.name == name:
                self.setCurrentRow(row)
                return True
        return False

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for row, entry in enumerate(PAGES):
            count, item = counts.get(entry.name, 0), self.item(row)
            item.setData(_COUNT, count)
            said = self.tr("{0}, needs attention: {1}").format(entry.words, count) if count else entry.words
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.turned.emit(item.data(_NAME))

    def _paint(self) -> None:
        for row, entry in enumerate(PAGES):
            self.item(row).setIcon(self._theme.icon(entry.icon))


class _Rows(QStyledItemDelegate):
    """The count stands at the right edge, in a frame of its own."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        count = index.data(_COUNT)
        if not count:
            return
        words = number(count) if count <= _MOST else f"{_MOST}+"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(option.font, SMALLER))
        metrics = painter.fontMetrics()
        height = metrics.height() + SMALL
        width = max(height, metrics.horizontalAdvance(words) + 2 * GAP)
        box = QRect(option.rect.right() - width - GAP, option.rect.center().y() - height // 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.WAITING))
        painter.setOpacity(_TINT)
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setOpacity(1)
        painter.setPen(self._theme.colour(Tone.WAITING))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()
