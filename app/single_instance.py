"""One desktop for each data folder: a second start knocks at the first, which raises its window, and goes."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1000


class SingleInstance(QObject):
    asked_for = Signal()  # another start wants the window to be seen

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._name = "tallyback-" + hashlib.sha256(folder.encode()).hexdigest()[:16]
        self.is_first = not self._reaches_another()
        self._server = QLocalServer(self)
        if self.is_first:
            QLocalServer.removeServer(self._name)  # what a crash left behind
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            self._server.listen(self._name)
            self._server.newConnection.connect(self._heard)

    def _reaches_another(self) -> bool:
        socket = QLocalSocket(self)
        socket.connectToServer(self._name)
        reached = socket.waitForConnected(_WAIT_MS)
        socket.disconnectFromServer()
        return reached

    def _heard(self) -> None:
        connection = self._server.nextPendingConnection()
        connection.deleteLater()
        self.asked_for.emit()
