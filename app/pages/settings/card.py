"""A card of the settings: a title, and what belongs under it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.theme import PAD, sized
from app.widgets.empty import plain_label


class Card(QFrame):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        heading = plain_label(title)
        heading.setFont(sized(heading.font(), 1, is_bold=True))
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(PAD, PAD, PAD, PAD)
        self.body.setSpacing(PAD)
        self.body.addWidget(heading)
