"""What nobody caught: written into the desktop's log, and told once in plain words; the server goes on meanwhile."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout

from app.theme import PAD, WIDE, Theme, sized
from app.widgets.copy_field import CopyField
from app.widgets.empty import plain_label
from app.widgets.plain import cut

_LARGEST_LOG = 1024 * 1024
_WIDTH = 520
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

log = logging.getLogger("tallyback.desktop")


class CrashReporter(QObject):
    """While it is entered, every fault of the desktop goes through it, from whatever thread."""

    crashed = Signal(str)

    def __init__(self, folder: Path, theme: Theme) -> None:
        super().__init__()
        self.log_file = folder / "desktop.log"
        self._theme = theme
        self.dialog: CrashDialog | None = None
        self._handler = RotatingFileHandler(self.log_file, maxBytes=_LARGEST_LOG, backupCount=1, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        self.crashed.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self._handler)
        self._before = (sys.excepthook, threading.excepthook, qInstallMessageHandler(self._on_qt_message))
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._fatal = self.log_file.open("a", encoding="utf-8")
        faulthandler.enable(self._fatal)
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook, on_qt_message = self._before
        qInstallMessageHandler(on_qt_message)
        faulthandler.enable(sys.__stderr__) if sys.__stderr__ else faulthandler.disable()
        self._fatal.close()
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.error("not caught", exc_info=(kind, error, trace))
        self.crashed.emit(f"{kind.__name__}: {error}")

    def _on_thread_exception(self, fault: threading.ExceptHookArgs) -> None:
        if fault.exc_value is not None:
            self._on_exception(fault.exc_type, fault.exc_value, fault.exc_traceback)

    def _on_qt_message(self, kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", words)

    def _tell(self, words: str) -> None:
        """One dialog for all of them: a fault that comes with every tick must not bury the window."""
        if self.dialog is None:
            self.dialog = CrashDialog(self._theme, self.log_file, words)
            self.dialog.finished.connect(self._told)
            self.dialog.show()

    def _told(self, _result: int) -> None:
        self.dialog = None


class CrashDialog(QDialog):
    def __init__(self, theme: Theme, log_file: Path, words: str) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Something went wrong"))
        heading = plain_label(self.tr("Something went wrong in the window"))
        heading.setFont(sized(heading.font(), 2, is_bold=True))
        self.words = plain_label(cut(words))
        self.words.setWordWrap(True)
        self.words.setObjectName("bad")
        after = plain_label(
            self.tr("The server goes on: clicks and postbacks are not touched. What happened is in this log:")
        )
        after.setWordWrap(True)
        self.path = CopyField(theme, str(log_file), name=self.tr("Log"))
        close = QPushButton(self.tr("Go on"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(PAD)
        for widget in (heading, self.words, after, self.path):
            layout.addWidget(widget)
        layout.addLayout(row)
        self.setFixedWidth(_WIDTH)
