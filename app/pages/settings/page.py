"""The settings, a card for each subject."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desk import Desk
from app.pages.settings.about import AboutCard, DataCard
from app.pages.settings.look import LookCard
from app.pages.settings.owner import OwnerCard
from app.pages.settings.server import ServerCard
from app.pages.settings.visitors import VisitorsCard
from app.theme import GAP, PAD, ROW_HEIGHT, TITLE, WIDE, sized
from app.widgets.empty import plain_label

_WIDEST = 1680


class SettingsPage(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        heading = plain_label(self.tr("Settings"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        self.look = LookCard(desk, self.tr("This window"))
        self.owner = OwnerCard(desk, self.tr("Money, time and addresses"))
        self.visitors = VisitorsCard(desk, self.tr("What is known of visitors"))
        self.server = ServerCard(desk, self.tr("Server"))
        self.data = DataCard(desk, self.tr("Data folder"))
        about = AboutCard(self.tr("About"))
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        cards = QVBoxLayout(column)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(GAP)
        for card in (self.look, self.owner, self.visitors, self.server, self.data, about):
            cards.addWidget(card)
        cards.addStretch()
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, WIDE - PAD, 0)  # the scroll bar stands in the rest
        row.addWidget(column, 1)
        row.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, 0, WIDE)
        layout.setSpacing(GAP)
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addStrut(ROW_HEIGHT)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)

    def narrow_to(self, words: dict[str, Any]) -> None:
        """Another page leads here with a field to mend, or with the wish for a country database."""
        if words.get("key") == "visitors":
            self.visitors.fetch_button.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(self.visitors)
            return
        editor = self.server.port if words.get("key") == "port" else self.owner.editors.get(str(words.get("key")))
        if editor is not None:
            editor.setFocus(Qt.FocusReason.OtherFocusReason)
            editor.selectAll()
            self._scroll.ensureWidgetVisible(editor)

    def refresh(self) -> None:
        self.owner.load_if_untouched()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()
