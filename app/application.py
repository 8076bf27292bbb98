"""Starts the desktop: one instance, the data, the theme, the server beside it, the window, and the order of the end."""

from __future__ import annotations

import logging
import signal
import sys
from contextlib import ExitStack

from PySide6.QtCore import QCoreApplication, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.crash import CrashReporter
from app.dialogs.closing import OnClose
from app.garbage import GarbageCollection
from app.jobs import Jobs
from app.pages.settings.server import PORT
from app.server_process import ServerProcess
from app.single_instance import SingleInstance
from app.theme import Mode, Theme
from app.tray import tray_for
from app.window import Window
from server.api.data import open_data
from server.api.setup import DEFAULT_PORT


def main(folder: str | None = None, url: str | None = None) -> int:
    logging.basicConfig(level=logging.WARNING)
    QCoreApplication.setOrganizationName("Tallyback")
    QCoreApplication.setApplicationName("Tallyback")
    application = QApplication(sys.argv[:1])
    with ExitStack() as stack:
        data = stack.enter_context(open_data(folder, url))
        instance = SingleInstance(str(data.folder.path))
        if not instance.is_first:
            return 0
        theme = Theme(application)
        theme.set_mode(Mode(str(QSettings().value("look", Mode.SYSTEM.value))))
        stack.enter_context(CrashReporter(data.folder.path, theme))
        jobs = Jobs()
        stack.callback(jobs.close)
        server = ServerProcess(data)
        server.port = _port()
        window = Window(data, theme, jobs, server)
        instance.asked_for.connect(window.come_forward)
        server.start()
        window.show()
        tray_for(window)
        window.begin_if_new()
        GarbageCollection(application)
        _stop_on_signals(application, window)
        status = application.exec()
        if window.leaving is OnClose.STOP:
            server.end()
        else:
            server.leave()
        return status


def _port() -> int:
    """As chosen in Settings; a word that is no number there is as good as none."""
    chosen = str(QSettings().value(PORT, DEFAULT_PORT))
    return int(chosen) if chosen.isdecimal() else DEFAULT_PORT


def _stop_on_signals(application: QApplication, window: Window) -> None:
    """Python sees a signal only when it runs: a slow tick lets it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: window.close_silently())
    tick = QTimer(application)
    tick.timeout.connect(lambda: None)
    tick.start(250)
