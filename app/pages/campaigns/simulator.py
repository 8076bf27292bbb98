"""Beside the paths: a made-up visitor, and at once what the campaign as it stands in the editor does with him."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desk import Desk
from app.jobs import Job
from app.pages.campaigns.answer import Answer
from app.pages.campaigns.visitor_fields import VisitorFields
from app.theme import GAP, HUGE, PAD, WIDE, sized
from app.widgets.empty import plain_label
from app.widgets.forms.field import Spec
from app.widgets.forms.tab_order import tab_in_layout_order
from server.api.explaining import Simulated, misread, simulate

_TYPING_MS = 150
_LEAST_WIDTH = 344
_OF_VISITOR, _OF_ANSWER = 11, 9  # of the height, where there is not enough for both


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign as the editor has it."""

    key: str
    spec: Spec


class _Area(QScrollArea):
    """`is_as_high`: as what it holds, if there is room; what is above then leaves the rest to what is below."""

    def __init__(self, inside: QWidget, *, is_as_high: bool) -> None:
        super().__init__()
        self._held = inside
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if is_as_high:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(inside)
        for widget in (self.viewport(), inside):
            widget.setAutoFillBackground(False)  # the panel's own ground

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._held.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, HUGE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Simulator(QWidget):
    closed = Signal()

    def __init__(self, desk: Desk, draft: Callable[[], Draft | None]) -> None:
        super().__init__()
        self.setMinimumWidth(_LEAST_WIDTH)
        self._desk = desk
        self._draft = draft
        self._job: Job | None = None
        self.visitor = VisitorFields(desk.theme)
        self.answer = Answer(desk.theme)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._ask)
        self.visitor.changed.connect(self.look)
        self.visitor.further.grown.connect(lambda: tab_in_layout_order(self.visitor))
        self._lay_out()
        desk.theme.changed.connect(self._paint)
        self._paint()

    @property
    def is_asking(self) -> bool:
        return self._typing.isActive() or self._job is not None

    def look(self) -> None:
        """Something is different: the visitor, the campaign, or what it leads to."""
        if self.isVisible():
            self._typing.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._typing.start()

    def _ask(self) -> None:
        draft, visitor, data = self._draft(), self.visitor.made_up(), self._desk.data
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if draft is None:
            return

        def work() -> dict[str, str] | Simulated:
            return misread(visitor) or simulate(data, draft.key, visitor, draft.spec)

        self._job = self._desk.jobs.run(self, work, self._show, self._fail)

    def _show(self, answer: dict[str, str] | Simulated) -> None:
        self._job = None
        if isinstance(answer, Simulated):
            self.visitor.show_misread({})
            self.answer.show_simulated(answer)
        else:
            self.visitor.show_misread(answer)
            self.answer.show_problem(self.tr("Of such a visitor nothing can be said."))

    def _fail(self, words: str) -> None:
        self._job = None
        self.visitor.show_misread({})
        self.answer.show_problem(words)

    def _lay_out(self) -> None:
        title = plain_label(self.tr("Try a visitor"))
        title.setFont(sized(title.font(), 1, is_bold=True))
        self.fresh = QPushButton(self.tr("Start again"))
        self.fresh.clicked.connect(lambda: self.visitor.clear())
        self.away = QToolButton()
        self.away.setToolTip(self.tr("Close"))
        self.away.setAccessibleName(self.tr("Close"))
        self.away.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.away.clicked.connect(lambda: self.closed.emit())
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.setContentsMargins(0, 0, PAD, 0)
        head.addWidget(title, 1)
        head.addWidget(self.fresh)
        head.addWidget(self.away)
        rail = QFrame()
        rail.setObjectName("rail")
        rail.setFixedHeight(1)
        panel = QFrame()
        panel.setObjectName("panel")
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(PAD, GAP, 0, GAP)
        inside.setSpacing(GAP)
        inside.addLayout(head)
        inside.addWidget(_Area(self.visitor, is_as_high=True), _OF_VISITOR)
        inside.addWidget(rail)
        inside.addWidget(_Area(self.answer, is_as_high=False), _OF_ANSWER)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, WIDE, 0)
        layout.addWidget(panel)

    def _paint(self) -> None:
        self.away.setIcon(self._desk.theme.icon("x"))
