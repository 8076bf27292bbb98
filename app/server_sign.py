"""The server's state in the status bar: a sign and a word, so that it is told by more than colour."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.server_process import ServerProcess, ServerState
from app.theme import ICON_OF_TONE, SMALL, Theme, Tone
from app.widgets.empty import plain_label
from app.widgets.plain import plain_tip

_SIGN = 14


class ServerSign(QWidget):
    def __init__(self, server: ServerProcess, theme: Theme) -> None:
        super().__init__()
        self._server = server
        self._theme = theme
        self._sign, self._words = QLabel(), plain_label()
        self._sign.setObjectName("sign")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(self._sign)
        layout.addWidget(self._words)
        server.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def text(self) -> str:
        return self._words.text()

    def _show(self) -> None:
        state = self._server.state
        tone = {ServerState.RUNNING: Tone.GOOD, ServerState.WAITING: Tone.BAD}.get(state, Tone.WAITING)
        words = {
            ServerState.STOPPED: self.tr("Server stopped"),
            ServerState.STARTING: self.tr("Server starting"),
            ServerState.RUNNING: self.tr("Server running"),
            ServerState.STOPPING: self.tr("Server stopping"),
            ServerState.WAITING: self.tr("Server starting again soon"),
        }
        self._words.setText(words[state])
        self._words.setObjectName(tone.value)
        self._words.style().polish(self._words)
        self._sign.setPixmap(self._theme.icon(ICON_OF_TONE[tone], tone).pixmap(_SIGN, _SIGN))
        self.setToolTip(plain_tip(self._server.problem) if self._server.problem else "")
