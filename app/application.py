"""Starts the desktop: one instance, the data, the theme, the server beside it, the window, and the order of the end."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from contextlib import ExitStack

from PySide6.QtCore import QCoreApplication, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.jobs import Jobs
from app.server_process import ServerProcess
from app.single_instance import SingleInstance
from app.theme import Mode, Theme
from app.window import Window
from server.api.data import open_data


def main(folder: str | None = None, url: str | None = None) -> int:
    faulthandler.enable()
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
        jobs = Jobs()
        stack.callback(jobs.close)
        server = ServerProcess(data)
        window = Window(data, theme, jobs, server)
        instance.asked_for.connect(window.come_forward)
        server.start()
        window.show()
        _stop_on_signals(application)
        status = application.exec()
        server.leave()
        return status


def _stop_on_signals(application: QApplication) -> None:
    """Python sees a signal only when it runs: a slow tick lets it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: application.closeAllWindows())
    tick = QTimer(application)
    tick.timeout.connect(lambda: None)
    tick.start(250)
