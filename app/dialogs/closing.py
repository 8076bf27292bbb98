"""Closing the window: whether the server goes on, asked once where the answer is to be remembered."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.theme import GAP, PAD, WIDE, sized
from app.widgets.empty import plain_label

ON_CLOSE = "on_close"
_WIDTH = 460


class OnClose(StrEnum):
    ASK = "ask"
    KEEP = "keep"
    STOP = "stop"


class ClosingDialog(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Close Tallyback"))
        self.choice: OnClose | None = None
        heading = plain_label(self.tr("Keep the server running?"))
        heading.setFont(sized(heading.font(), 2, is_bold=True))
        words = plain_label(
            self.tr(
                "While it runs, clicks are sent on and postbacks are received, with this window or without it. "
                "If it stops, visitors find nothing behind your links."
            )
        )
        words.setWordWrap(True)
        words.setObjectName("muted")
        self.remember = QCheckBox(self.tr("Do so from now on; Settings can change it"))
        self.remember.setChecked(True)
        self.keep = QPushButton(self.tr("Keep it running"))
        self.keep.setProperty("primary", True)
        self.keep.setDefault(True)
        self.stop = QPushButton(self.tr("Stop it too"))
        cancel = QPushButton(self.tr("Cancel"))
        self.keep.clicked.connect(lambda: self._choose(OnClose.KEEP))
        self.stop.clicked.connect(lambda: self._choose(OnClose.STOP))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(cancel)
        buttons.addStretch()
        buttons.addWidget(self.stop)
        buttons.addWidget(self.keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(PAD)
        for widget in (heading, words, self.remember):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.setFixedWidth(_WIDTH)

    def _choose(self, choice: OnClose) -> None:
        self.choice = choice
        if self.remember.isChecked():
            QSettings().setValue(ON_CLOSE, choice.value)
        self.accept()


def asked_on_close(parent: QWidget) -> OnClose | None:
    """What was remembered, else what is answered now; None where the window is to stay."""
    remembered = OnClose(str(QSettings().value(ON_CLOSE, OnClose.ASK.value)))
    if remembered is not OnClose.ASK:
        return remembered
    dialog = ClosingDialog(parent)
    dialog.exec()
    dialog.deleteLater()
    return dialog.choice
