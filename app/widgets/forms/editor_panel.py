"""The right side of an editor: the thing's name with what can be done to it, its form, and Save."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.theme import GAP, PAD, TITLE, WIDE, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.forms.form import Form
from app.widgets.plain import cut

_WIDEST = 1400  # beyond it a field is farther from its neighbour than one looks


class _Title(QLabel):
    """As much of a name as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


class EditorPanel(QWidget):
    def __init__(self, theme: Theme, form: Form) -> None:
        super().__init__()
        self._theme = theme
        self._icons: list[tuple[QPushButton, str]] = []
        self.title = _Title()
        self.title.setFont(sized(self.title.font(), TITLE - 2, is_bold=True))
        self._head = QHBoxLayout()
        self._head.setSpacing(GAP)
        self._head.addWidget(self.title, 1)
        self.message = plain_label()
        self.message.setWordWrap(True)
        self.revert = QPushButton(self.tr("Revert"))
        self.save = QPushButton(self.tr("Save"))
        self.save.setProperty("primary", True)
        self.save.setToolTip("Ctrl+S")
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.message, 1)
        foot.addWidget(self.revert)
        foot.addWidget(self.save)
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        beside = QHBoxLayout(self)
        beside.setContentsMargins(PAD, 0, 0, 0)
        beside.addWidget(inside, 1)
        beside.addStretch(0)
        layout = self._inside = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(PAD)
        for row in (self._head, foot):
            row.setContentsMargins(0, 0, WIDE, 0)
        layout.addLayout(self._head)
        layout.addWidget(self._scrolled(form), 1)
        layout.addLayout(foot)
        theme.changed.connect(self._paint)

    def button(self, icon: str, words: str, act: Callable[[], None]) -> QPushButton:
        """In the head, beside the name."""
        button = QPushButton(f" {words}")
        button.clicked.connect(lambda: act())
        self._icons.append((button, icon))
        self._head.addWidget(button)
        self._paint()
        return button

    def say(self, tone: str, words: str) -> None:
        self.message.setObjectName(tone)
        self.message.style().polish(self.message)
        self.message.setText(cut(words))

    def put_beside(self, widget: QWidget) -> None:
        """To the right of the form, with an edge to draw."""
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(WIDE)
        splitter.setObjectName("gap")
        self._inside.replaceWidget(self.area, splitter)
        splitter.addWidget(self.area)
        splitter.addWidget(widget)
        splitter.setStretchFactor(0, 1)
        self._inside.setStretchFactor(splitter, 1)

    def show_top(self) -> None:
        self.area.verticalScrollBar().setValue(0)

    def _scrolled(self, form: Form) -> QScrollArea:
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # in the margin of the page
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(form)
        return self.area

    def _paint(self) -> None:
        for button, icon in self._icons:
            button.setIcon(self._theme.icon(icon))
