"""The settings, a card for each subject."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desk import Desk
from app.pages.settings.about import AboutCard, DataCard
from app.pages.settings.look import LookCard
from app.pages.settings.owner import OwnerCard
from app.pages.settings.server import ServerCard
from app.theme import GAP, TITLE, WIDE, sized
from app.widgets.empty import plain_label

_WIDEST = 960


class SettingsPage(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        heading = plain_label(self.tr("Settings"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        self.look = LookCard(desk, self.tr("This window"))
        self.owner = OwnerCard(desk, self.tr("Money, time and addresses"))
        self.server = ServerCard(desk, self.tr("Server"))
        self.data = DataCard(desk, self.tr("Data folder"))
        about = AboutCard(self.tr("About"))
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        cards = QVBoxLayout(column)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(GAP)
        for card in (self.look, self.owner, self.server, self.data, about):
            cards.addWidget(card)
        cards.addStretch()
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(column, 1)
        row.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(GAP)
        layout.addWidget(heading)
        layout.addWidget(scroll, 1)

    def refresh(self) -> None:
        self.owner.load_if_untouched()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()
