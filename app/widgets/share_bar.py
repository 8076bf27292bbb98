"""A share of the whole as a bar, which can be drawn longer and shorter where it is somebody's to change."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import GAP, HUGE, SMALL, WIDE, Theme

_LEAST, _MOST = 0.01, 0.99  # beyond them no weight of one part makes it


class ShareBar(QWidget):
    drawn = Signal(float)  # the share that the mouse asks for

    def __init__(self, theme: Theme, *, is_fixed: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self._is_fixed = is_fixed
        self.share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if not is_fixed:
            self.setCursor(Qt.CursorShape.SizeHorCursor)
            self.setToolTip(self.tr("Draw the bar to change the weight"))
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        self.share = share
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(3 * HUGE, WIDE)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(HUGE, WIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if not self._is_fixed and event.buttons() & Qt.MouseButton.LeftButton:
            self.drawn.emit(min(max(event.position().x() / max(1, self.width()), _LEAST), _MOST))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, (self.height() - GAP) / 2, self.width(), GAP)
        painter.setBrush(QColor(self._theme.colours.line))
        painter.drawRoundedRect(whole, SMALL, SMALL)
        if self.share > 0:
            part = QRectF(whole)
            part.setWidth(max(GAP, whole.width() * min(self.share, 1)))
            painter.setBrush(QColor(self._theme.colours.accent if self.isEnabled() else self._theme.colours.muted))
            painter.drawRoundedRect(part, SMALL, SMALL)
        painter.end()


def weight_for(share: float, others: int) -> int:
    """What makes this share of the whole, beside the weight of all others."""
    return max(1, round(share * others / (1 - share)))
