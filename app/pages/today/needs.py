"""What needs a hand: a row each, which leads to where it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.desk import Desk
from app.theme import GAP, PAD, Theme, Tone
from app.widgets.plain import cut, plain_tip
from app.widgets.tones import spoken
from server.api.today import Attention

Index = QModelIndex | QPersistentModelIndex
_ICON = 16
_DEEPEST = 10_000

Lead = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Need:
    words: str
    more: str
    tone: Tone
    lead: Lead


class NeedsView(QListWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._needs: Sequence[Need] = ()
        self.setAccessibleName(self.tr("What needs a hand"))
        self.setItemDelegate(_TwoTexts(desk.theme, self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._go)
        self.itemClicked.connect(self._go)
        desk.theme.changed.connect(self._paint)

    def show_needs(self, needs: Sequence[Need]) -> None:
        self._needs = needs
        self._paint()

    def _paint(self) -> None:
        self.clear()
        for need in self._needs:
            icon = "triangle-alert" if need.tone is Tone.BAD else "clock"
            item = QListWidgetItem(
                self._desk.theme.icon(icon, need.tone),
                f"{cut(need.words)}\n{cut(need.more)}" if need.more else cut(need.words),
            )
            item.setToolTip(plain_tip(need.more or need.words))
            item.setData(Qt.ItemDataRole.UserRole, need.lead)
            self.addItem(item)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # other widths, other lines

    def _go(self, item: QListWidgetItem) -> None:
        name, words = item.data(Qt.ItemDataRole.UserRole)
        self._desk.go_to(name, dict(words))


class _TwoTexts(QStyledItemDelegate):
    """What is the matter, and beneath it why and what to do, on as many lines as that takes."""

    def __init__(self, theme: Theme, view: NeedsView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        width = self._view.viewport().width()
        room = QRect(0, 0, width - 2 * PAD - _ICON - GAP, _DEEPEST)
        more = index.data().partition("\n")[2]
        height = option.fontMetrics.boundingRect(room, Qt.TextFlag.TextWordWrap, more).height() if more else 0
        return QSize(0, height + option.fontMetrics.lineSpacing() + 2 * GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        words, _, more = option.text.partition("\u2028")
        icon = QIcon(option.icon)  # a copy: what the option holds is emptied next
        option.text, option.icon = "", QIcon()
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        inside = option.rect.adjusted(PAD, GAP, -PAD, -GAP)
        icon.paint(painter, inside.left(), inside.top(), _ICON, _ICON)
        inside.setLeft(inside.left() + _ICON + GAP)
        painter.save()
        painter.setPen(self._theme.colour(Tone.PLAIN))
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop, words)
        painter.setPen(self._theme.colour(Tone.MUTED))
        inside.setTop(inside.top() + option.fontMetrics.lineSpacing())
        painter.drawText(inside, Qt.TextFlag.TextWordWrap, more)
        painter.restore()


def need_of(one: Attention) -> Need:
    word = spoken(one.word)
    match one.page:
        case "postbacks":
            more = f"{one.reason} {one.remedy}".strip()
            words, lead = _tr("{0} × postback “{1}”"), {"outcome": one.word}
            return Need(words.format(one.count, word), more, Tone.BAD, ("postbacks", lead))
        case "relays":
            tone = Tone.BAD if one.word == "dead" else Tone.WAITING
            more = _tr("Gave up; look at the last answer.") if one.word == "dead" else _tr("Waits for your word.")
            return Need(_tr("{0} × relay “{1}”").format(one.count, word), more, tone, ("relays", {"state": one.word}))
        case "conversions":
            more = (
                _tr("Came after the offer's window; accept it or leave it.")
                if one.word == "late"
                else _tr("The same transaction id as that of another click.")
            )
            return Need(
                _tr("{0} × conversion “{1}”").format(one.count, word),
                more,
                Tone.WAITING,
                ("conversions", {"state": one.word}),
            )
        case "networks":
            more = _tr("Anyone may send postbacks to this address: give it a token.")
            return Need(
                _tr("Network {0} is open").format(one.word), more, Tone.WAITING, ("networks", {"key": one.word})
            )
        case "sources":
            more = _tr("Relays are skipped until {0} is filled in.").format(one.reason)
            return Need(
                _tr("Source {0} hears of no conversion").format(one.word),
                more,
                Tone.BAD,
                ("sources", {"key": one.word}),
            )
        case "downtime":
            more = f"{one.reason} {one.remedy}".strip()
            return Need(_tr("{0} × not recorded “{1}”").format(one.count, word), more, Tone.BAD, ("clicks", {}))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Today", text)
