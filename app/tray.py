"""The icon in the tray, where there is one: the day's figures, the window, and the way out."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.figures import money, number
from app.theme import Tone
from app.window import Window
from server.api.today import Today, today

_EVERY_MS = 60_000


class Tray(QObject):
    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._menu = QMenu()
        self.figures = self._menu.addAction("")
        self.figures.setEnabled(False)
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Open Tallyback")).triggered.connect(window.come_forward)
        self._menu.addAction(self.tr("Quit")).triggered.connect(window.close)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_press)
        window.desk.theme.changed.connect(self._paint)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.read)
        self._timer.start()
        self._paint()
        self.read()
        self._icon.show()

    def read(self) -> None:
        desk = self._window.desk
        desk.jobs.run(self, lambda: today(desk.data), self._show, lambda _words: None)

    def _show(self, now: Today) -> None:
        words = self.tr("{0} clicks, {1} conversions, profit {2}").format(
            number(now.today["clicks"]),
            number(now.today["conversions"]),
            money(now.today["profit"], now.base_currency),
        )
        self.figures.setText(words)
        self._icon.setToolTip(f"Tallyback: {words}")

    def _on_press(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._window.come_forward()

    def _paint(self) -> None:
        self._icon.setIcon(self._window.desk.theme.icon("radio-tower", Tone.ACCENT))


def tray_for(window: Window) -> Tray | None:
    """None where the desktop has no tray: everything in it is in the window too."""
    return Tray(window) if QSystemTrayIcon.isSystemTrayAvailable() else None
