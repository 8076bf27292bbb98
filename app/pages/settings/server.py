"""The server beside the window: its state, its port, its log; start, stop, restart."""

from __future__ import annotations

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton

from app.desk import Desk
from app.pages.settings.card import Card
from app.server_process import ServerState
from app.server_sign import ServerSign
from app.theme import GAP, PAD
from app.widgets.empty import plain_label
from app.widgets.labelled import Labelled

PORT = "port"
_LOG_MS = 2000
_LOG_HEIGHT = 180
_LINE = 400
_PORT_WIDTH = 140
_PORTS = 65536


class ServerCard(Card):
    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(title)
        self._desk = desk
        self.state = ServerSign(desk.server, desk.theme)
        self.address = plain_label()
        self._problem = plain_label()
        self._problem.setObjectName("bad")
        self._problem.setWordWrap(True)
        self.start_button = QPushButton(self.tr("Start"))
        self.stop_button = QPushButton(self.tr("Stop"))
        self.restart_button = QPushButton(self.tr("Restart"))
        self.port = QLineEdit(str(desk.server.port))
        self.port.setMaximumWidth(_PORT_WIDTH)
        self.port.textEdited.connect(self._set_port)
        self.port_field = Labelled(
            self.tr("Port"), self.port, self.tr("Takes effect with the next start; a proxy in front has to follow.")
        )
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName(self.tr("The server's log"))
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setFixedHeight(_LOG_HEIGHT)
        self.log.setTabChangesFocus(True)
        self.log.setPlaceholderText(self.tr("The server has written nothing yet."))
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOG_MS)
        self._timer.timeout.connect(self._read_log)
        desk.server.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        for button, act in (
            (self.start_button, self._desk.server.start),
            (self.stop_button, self._desk.server.stop),
            (self.restart_button, self._desk.server.restart),
        ):
            button.clicked.connect(act)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.state)
        row.addWidget(self.address, 1)
        for button in (self.start_button, self.stop_button, self.restart_button):
            row.addWidget(button)
        copy = QPushButton(self.tr("Copy the log"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.log.toPlainText()))
        below = QHBoxLayout()
        below.setSpacing(PAD)
        below.addWidget(copy)
        below.addStretch()
        self.body.addLayout(row)
        self.body.addWidget(self._problem)
        self.body.addWidget(self.port_field)
        self.body.addWidget(Labelled(self.tr("Log"), self.log))
        self.body.addLayout(below)

    def _set_port(self, words: str) -> None:
        is_port = words.isdecimal() and int(words) < _PORTS
        if self.port_field.show_problem(
            "" if is_port else self.tr("A port is a number below 65536; 0 is any free one.")
        ):
            self._desk.server.port = int(words)
            QSettings().setValue(PORT, int(words))

    def _show(self) -> None:
        server = self._desk.server
        is_up = server.state in (ServerState.RUNNING, ServerState.STARTING, ServerState.WAITING)
        self.address.setText(server.url if server.state is ServerState.RUNNING else "")
        self._problem.setText(f"▲ {server.problem}")
        self._problem.setVisible(bool(server.problem) and server.state in (ServerState.WAITING, ServerState.STARTING))
        self.start_button.setEnabled(not is_up)
        self.stop_button.setEnabled(is_up)
        self.restart_button.setEnabled(server.state is ServerState.RUNNING)

    def _read_log(self) -> None:
        self._desk.jobs.run(self, self._desk.server.log, self._show_log)

    def _show_log(self, lines: list[str]) -> None:
        text = "\n".join(line[:_LINE] for line in lines)
        if text == self.log.toPlainText():
            return
        bar = self.log.verticalScrollBar()
        was_at_the_end = bar.value() == bar.maximum()
        self.log.setPlainText(text)
        if was_at_the_end:
            bar.setValue(bar.maximum())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._timer.start()
        self._read_log()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()
