"""The searchable list of the things of a kind: name, key, what wants an eye, and what today brought."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.figures import number
from app.theme import GAP, HAIR, PAD, RADIUS, SMALL, Theme, Tone, sized
from app.widgets.plain import cut
from server.api.things import Thing

_THING = Qt.ItemDataRole.UserRole
_ROW = 52
_NARROWEST = 200

Index = QModelIndex | QPersistentModelIndex


class ThingList(QWidget):
    chosen = Signal(str)  # a key; asks, the page decides

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMinimumWidth(_NARROWEST)
        self._things: list[Thing] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find…"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._fill())
        self.with_archived = QCheckBox(self.tr("Archived too"))
        self.with_archived.hide()
        self.with_archived.toggled.connect(lambda _is_on: self._fill())
        self.list = QListWidget()
        self.list.setItemDelegate(_Rows(theme, self))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._on_current)
        theme.changed.connect(self.list.viewport().update)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, GAP, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.with_archived)

    @property
    def current_key(self) -> str | None:
        item = self.list.currentItem()
        return item.data(_THING).key if item else None

    def keys(self) -> list[str]:
        return [self.list.item(row).data(_THING).key for row in range(self.list.count())]

    def thing(self, key: str) -> Thing | None:
        return next((thing for thing in self._things if thing.key == key), None)

    def show_things(self, things: Sequence[Thing]) -> None:
        self._things = list(things)
        archived = sum(thing.is_archived for thing in things)
        self.with_archived.setVisible(bool(archived))
        self.with_archived.setText(self.tr("Archived too ({0})").format(archived))
        self._fill()

    def select(self, key: str | None) -> None:
        """Without asking anybody."""
        self.list.blockSignals(True)
        row = next((row for row in range(self.list.count()) if self.list.item(row).data(_THING).key == key), -1)
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)

    def _fill(self) -> None:
        words = self.search.text().lower().split()
        kept = self.current_key
        self.list.blockSignals(True)
        self.list.clear()
        for thing in self._things:
            said = f"{thing.key} {thing.name}".lower()
            is_shown = not thing.is_archived or self.with_archived.isChecked()
            if is_shown and all(word in said for word in words):
                item = QListWidgetItem(cut(thing.name or thing.key))
                item.setData(_THING, thing)
                item.setSizeHint(QSize(0, _ROW))
                self.list.addItem(item)
        self.list.blockSignals(False)
        self.select(kept)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_THING).key)


class _Rows(QStyledItemDelegate):
    """Two lines: the name with its badges, and beneath it the key and today's figures."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        thing: Thing = index.data(_THING)
        self.initStyleOption(option, index)
        option.text = ""
        option.widget.style().drawControl(
            option.widget.style().ControlElement.CE_ItemViewItem,
            option,
            painter,
            option.widget,
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside: QRect = option.rect.adjusted(PAD, GAP, -PAD, -GAP)
        left = self._badges(painter, thing, inside)
        painter.setFont(sized(option.font, 0, is_bold=True))
        painter.setPen(self._theme.colour(Tone.MUTED if thing.is_archived else Tone.PLAIN))
        name = QRect(inside.left(), inside.top(), left - inside.left() - GAP, inside.height() // 2)
        self._text(painter, name, cut(thing.name or thing.key))
        painter.setFont(sized(option.font, -1))
        painter.setPen(self._theme.colour(Tone.MUTED))
        below = QRect(inside.left(), inside.center().y() + HAIR, inside.width(), inside.height() // 2)
        self._text(painter, below, self._figures(thing))
        painter.restore()

    def _figures(self, thing: Thing) -> str:
        parts = [thing.key] if thing.name else []
        if thing.clicks:
            parts.append(self.tr("clicks today: {0}").format(number(thing.clicks)))
        else:
            parts.append(self.tr("no clicks today"))
        if thing.conversions:
            parts.append(self.tr("conversions: {0}").format(number(thing.conversions)))
        return " · ".join(parts)

    def _badges(self, painter: QPainter, thing: Thing, inside: QRect) -> int:
        """From the right; where the name has to end."""
        states = [*thing.states, *(["archived"] if thing.is_archived else [])]
        right = inside.right()
        painter.setFont(sized(painter.font(), -1))
        for state in states:
            words, tone = self._badge(state)
            width = painter.fontMetrics().horizontalAdvance(words) + 2 * SMALL + GAP
            box = QRect(right - width, inside.top(), width, inside.height() // 2 + HAIR)
            painter.setPen(self._theme.colour(tone))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
            right -= width + SMALL
        return right

    def _badge(self, state: str) -> tuple[str, Tone]:
        return {
            "open": (self.tr("open"), Tone.BAD),
            "paused": (self.tr("paused"), Tone.WAITING),
            "fill_in": (self.tr("fill in"), Tone.WAITING),
            "no_click_id": (self.tr("no click id"), Tone.BAD),
            "archived": (self.tr("archived"), Tone.MUTED),
        }[state]

    def _text(self, painter: QPainter, box: QRect, text: str) -> None:
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
