"""The evidence of one click: a window with the chain from the visit down to every attempt to tell the source."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QFontDatabase, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.curl import LOCAL
from app.desk import Desk
from app.theme import GAP, SMALL, TITLE, WIDE, sized
from app.widgets.empty import plain_label
from app.widgets.evidence_cards import Cards
from app.widgets.evidence_parts import Card, CardView
from app.widgets.evidence_raw import CopyButton
from app.widgets.plain import cut
from server.api.evidence import evidence
from server.api.lists import Shown

_SIZE = QSize(760, 820)
_SETTING = "evidence/size"
_MARKS = frozenset({"step", "postback", "judgement", "entry", "relay", "attempt", "answer", "cost", "pause", "setup"})


class EvidencePanel(QWidget):
    """Lives on: what the pulse tells is read anew, and only the cards that changed are built again."""

    def __init__(self, desk: Desk, click_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Evidence of click {0}").format(click_id[:40]))
        self.click_id = click_id
        self._desk = desk
        self._is_reading = False
        self._is_look_owed = False
        self._wanted: list[Card] = []
        self._title = plain_label(click_id[:40])
        self._about = plain_label(self.tr("Reading…"))
        self._problem = plain_label()
        self._cards = QVBoxLayout()
        self._area = QScrollArea()
        self._building = QTimer(self)
        self._building.setInterval(0)
        self._building.timeout.connect(self._build_one)
        self._lay_out()
        for key, act in ((Qt.Key.Key_Escape, self.close), (Qt.Key.Key_F5, self.refresh)):
            QShortcut(QKeySequence(key), self).activated.connect(act)
        desk.pulse.changed.connect(self._on_change)
        size = QSettings().value(_SETTING)
        self.resize(size if isinstance(size, QSize) else _SIZE)
        self.refresh()

    @classmethod
    def open(cls, desk: Desk, click_id: str, parent: QWidget) -> None:
        """The one that is open comes forward."""
        panel = next((one for one in parent.findChildren(cls) if one.click_id == click_id), None)
        panel = panel or cls(desk, click_id, parent)
        panel.show()
        panel.raise_()
        panel.activateWindow()

    def refresh(self) -> None:
        if self._is_reading:
            self._is_look_owed = True
            return
        self._is_reading = True
        data, click_id = self._desk.data, self.click_id
        cards = Cards(self._desk.zone, self._desk.server.url or LOCAL)

        def work() -> tuple[dict[str, Any], list[Card]]:
            chain = evidence(data, click_id)
            return chain, cards.of_chain(chain)

        self._desk.jobs.run(self, work, self._take_in, self._fail)

    def card_views(self) -> list[CardView]:
        items = (self._cards.itemAt(place) for place in range(self._cards.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, CardView)]

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        QSettings().setValue(_SETTING, self.size())
        super().closeEvent(event)

    def _on_change(self, moved: set[str]) -> None:
        if moved & _MARKS:
            self.refresh()

    def _take_in(self, found: tuple[dict[str, Any], list[Card]]) -> None:
        self._is_reading = False
        chain, self._wanted = found
        self._problem.hide()
        click = chain["click"]
        self.click_id = click["id"]
        self._title.setText(click["id"])
        asked = chain.get("asked_for")
        damaged = (
            self.tr("{0} is damaged; this is the click whose id begins alike. ").format(cut(asked)) if asked else ""
        )
        counts = (len(chain["postbacks"]), len(chain["conversions"]), len(chain["relays"]))
        self._about.setText(damaged + self.tr("Postbacks {0}  ·  Conversions {1}  ·  Relays {2}").format(*counts))
        self._building.start()
        if self._is_look_owed:
            self._is_look_owed = False
            self.refresh()

    def _build_one(self) -> None:
        """One card a turn, so that a long chain never holds the window."""
        views = self.card_views()
        for place, card in enumerate(self._wanted):
            if place < len(views) and views[place].card == card:
                continue
            if place < len(views):
                self._drop(views[place])
            self._cards.insertWidget(place, CardView(self._desk.theme, card))
            return
        for view in views[len(self._wanted) :]:
            self._drop(view)
        self._building.stop()

    def _drop(self, view: CardView) -> None:
        self._cards.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _fail(self, words: str) -> None:
        self._is_reading = False
        self._about.setText("")
        self._problem.setText(words)
        self._problem.show()

    def _lay_out(self) -> None:
        self._title.setFont(sized(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), TITLE, is_bold=True))
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._about.setObjectName("muted")
        self._problem.setObjectName("bad")
        self._problem.setWordWrap(True)
        self._problem.hide()
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addWidget(CopyButton(self._desk.theme, self.click_id, self.tr("Copy the click id")))
        head.addStretch()
        inner = QWidget()
        self._cards.setContentsMargins(WIDE, 0, WIDE, 0)
        self._cards.setSpacing(0)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._cards)
        column.addStretch()
        self._area.setWidget(inner)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        top = QVBoxLayout()
        top.setContentsMargins(WIDE, WIDE, WIDE, 0)
        top.setSpacing(SMALL)
        top.addLayout(head)
        top.addWidget(self._about)
        top.addWidget(self._problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)
        self._area.setFocus()


class ReceiptPanel(QWidget):
    """A postback that belongs to no click, with its reason, what to do, and the request as it came."""

    def __init__(self, desk: Desk, row: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Postback {0}").format(row["id"]))
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, GAP)
        for card in Cards(desk.zone, desk.server.url or LOCAL).of_postback(row):
            layout.addWidget(CardView(desk.theme, card))
        layout.addStretch()
        self.resize(_SIZE.width(), min(self.sizeHint().height(), _SIZE.height()))
