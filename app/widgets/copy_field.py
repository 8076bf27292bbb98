"""A text to take elsewhere: shown as it is, copied with one press, and as a QR code for a telephone."""

from __future__ import annotations

import segno
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.theme import GAP, PAD, SMALL, Theme, Tone
from app.widgets.plain import plain_tip
from server.domain.masking import masked_url

_COPIED_MS = 1500
_QR_SIZE = 240
_LONGEST_QR = 2900  # bytes: more do not fit into the largest code there is
_QR_BORDER = 4  # in modules: what a reader needs around the code


class CopyField(QWidget):
    """Where it holds a secret, that is masked until it is asked for; what is copied is always the whole."""

    def __init__(
        self, theme: Theme, text: str = "", *, name: str = "", has_qr: bool = False, has_secret: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._shown = QLineEdit()
        self._shown.setReadOnly(True)
        self._shown.setAccessibleName(name)
        self._eye = self._button(self.tr("Show the secret in it"), self._show)
        self._eye.setCheckable(True)
        self._has_secret = has_secret
        self._shown.selectionChanged.connect(self._refuse_to_select)
        self._copy = self._button(self.tr("Copy"), self.copy)
        self._qr = self._button(self.tr("Show as a QR code"), self.show_qr)
        self._has_qr = has_qr
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED_MS)
        self._copied.timeout.connect(self._paint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SMALL)
        layout.addWidget(self._shown, 1)
        layout.addWidget(self._eye)
        layout.addWidget(self._copy)
        layout.addWidget(self._qr)
        self._eye.setVisible(has_secret)  # now that it is no window of its own
        self._qr.setVisible(has_qr)
        self.setFocusProxy(self._shown)
        theme.changed.connect(self._paint)
        self._paint()
        self.set_text(text)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self._show()
        self._copy.setEnabled(bool(text))
        self._qr.setEnabled(0 < len(text.encode()) <= _LONGEST_QR)

    @property
    def is_masked(self) -> bool:
        return self._has_secret and not self._eye.isChecked()

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._copy.setIcon(self._theme.icon("check", Tone.GOOD))
        self._copied.start()

    def show_qr(self) -> None:
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.setObjectName("panel")
        picture = QLabel()
        picture.setPixmap(QPixmap.fromImage(qr_image(self.text(), _QR_SIZE)))
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(GAP)
        layout.addWidget(picture)
        popup.adjustSize()
        corner = self._qr.mapToGlobal(QPoint(self._qr.width(), self._qr.height() + SMALL))
        popup.move(corner.x() - popup.width(), corner.y())
        popup.show()

    def _show(self) -> None:
        shown = masked_url(self._text) if self.is_masked else self._text
        self._shown.setText(shown)
        self._shown.setCursorPosition(0)
        self._shown.setToolTip(plain_tip(shown) if shown else "")

    def _refuse_to_select(self) -> None:
        """Nobody copies a mask by hand and wonders later why it does not work."""
        if self.is_masked and self._shown.hasSelectedText():
            self._shown.deselect()

    def _button(self, tip: str, act: object) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(act)
        return button

    def _paint(self) -> None:
        self._eye.setIcon(self._theme.icon("eye"))
        self._copy.setIcon(self._theme.icon("copy"))
        self._qr.setIcon(self._theme.icon("qr-code"))


def qr_image(text: str, size: int) -> QImage:
    """Black on white whatever the theme, for many readers know nothing else."""
    matrix = segno.make(text, micro=False).matrix
    modules = len(matrix) + 2 * _QR_BORDER
    image = QImage(modules, modules, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    black = QColor(Qt.GlobalColor.black)
    for y, line in enumerate(matrix, start=_QR_BORDER):
        for x, module in enumerate(line, start=_QR_BORDER):
            if module:
                image.setPixelColor(x, y, black)
    whole = max(1, size // modules) * modules
    return image.scaled(whole, whole)
