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
        self.menu = QMenu()
        self.figures = self.menu.addAction("")
        self.figures.setEnabled(False)
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Open Tallyback")).triggered.connect(window.come_forward)
        self.menu.addAction(self.tr("Quit")).triggered.connect(window.close)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_press)
        window.desk.theme.changed.connect(self._paint)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.read)
        self._timer.start()
        self._paint()
        self.read()
        self.icon.show()

    def read(self) -> None:
        desk = self._window.desk
        desk.jobs.run(self, lambda: today(desk.data), self._show, lambda _words: None)

    def _show(self, now: Today) -> None:
        profit = now.today["profit"]
        words = self.tr("Today: clicks {0}, conversions {1}, profit {2}").format(
            number(now.today["clicks"]),
            number(now.today["conversions"]),
            money(profit and f"{float(profit):.2f}", now.base_currency),
        )
        self.figures.setText(words)
        self.icon.setToolTip(self.tr("Tallyback: {0}").format(words))

    def _on_press(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._window.come_forward()

    def _paint(self) -> None:
        self.icon.setIcon(self._window.desk.theme.icon("radio-tower", Tone.ACCENT))


def tray_for(window: Window) -> Tray | None:
    """None where the desktop has no tray: everything in it is in the window too."""
    return Tray(window) if QSystemTrayIcon.isSystemTrayAvailable() else None
