"""What may be asked of a test beyond the harmless one: to visit the offer, and to tell the source for real."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.theme import SMALL
from app.widgets.empty import plain_label


class TestWishes(QWidget):
    __test__ = False  # its name begins as a test's does

    def __init__(self, source: str) -> None:
        super().__init__()
        self.follows = QCheckBox(self.tr("&Follow the redirect to the offer"))
        self.is_real = QCheckBox(self.tr("&Relay to the real source"))
        self._warning = plain_label(
            self.tr("▲ {0} will count a conversion, and may charge or pay for it. Here it still books nothing.").format(
                source
            )
        )
        self._warning.setObjectName("waiting")
        self._warning.setWordWrap(True)
        self._warning.hide()
        self.is_real.toggled.connect(self._warning.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        for widget in (self.follows, self.is_real, self._warning):
            layout.addWidget(widget)

    def let_choose(self, is_possible: bool) -> None:
        for box in (self.follows, self.is_real):
            box.setEnabled(is_possible)
