"""How the window looks, and what closing it does; remembered on this computer only."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QComboBox, QHBoxLayout

from app.desk import Desk
from app.dialogs.closing import ON_CLOSE, OnClose
from app.pages.settings.card import Card
from app.theme import PAD, Mode
from app.widgets.labelled import Labelled


class LookCard(Card):
    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(title)
        self._desk = desk
        self.mode, self.on_close = QComboBox(), QComboBox()
        for mode, words in (
            (Mode.SYSTEM, self.tr("As the system")),
            (Mode.LIGHT, self.tr("Light")),
            (Mode.DARK, self.tr("Dark")),
        ):
            self.mode.addItem(words, mode.value)
        for choice, words in (
            (OnClose.ASK, self.tr("Ask")),
            (OnClose.KEEP, self.tr("Keep the server running")),
            (OnClose.STOP, self.tr("Stop the server too")),
        ):
            self.on_close.addItem(words, choice.value)
        row = QHBoxLayout()
        row.setSpacing(PAD)
        row.addWidget(Labelled(self.tr("Look"), self.mode), 1)
        row.addWidget(Labelled(self.tr("When the window is closed"), self.on_close), 1)
        self.body.addLayout(row)
        self._show()
        desk.theme.changed.connect(self._show)
        self.mode.activated.connect(self._set_mode)
        self.on_close.activated.connect(lambda: QSettings().setValue(ON_CLOSE, self.on_close.currentData()))

    def _show(self) -> None:
        self.mode.setCurrentIndex(self.mode.findData(self._desk.theme.mode.value))
        self.on_close.setCurrentIndex(self.on_close.findData(QSettings().value(ON_CLOSE, OnClose.ASK.value)))

    def _set_mode(self) -> None:
        QSettings().setValue("look", self.mode.currentData())
        self._desk.theme.set_mode(Mode(self.mode.currentData()))

    def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)  # type: ignore[arg-type]
        self._show()
