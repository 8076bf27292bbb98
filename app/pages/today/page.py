"""Today at a glance: figures, the day by the hour, what needs a hand, and what came in last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.desk import Desk
from app.pages.today.cards import FigureRow
from app.pages.today.chart import ClicksByHour, ProfitByHour
from app.pages.today.feed import FeedView
from app.pages.today.needs import Need, NeedsView, need_of
from app.server_process import ServerState
from app.theme import GAP, SMALL, TITLE, WIDE, Tone, sized
from app.widgets.empty import Empty, plain_label
from server.api.today import Attention, Event, Today, attention, feed, today

_CALM_MS = 1500  # at most so often, however much comes in
_ANYWAY_MS = 30_000  # the clock moves on, even when nothing comes

Read = tuple[Today, list[Event], list[Attention]]


class TodayPage(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._is_reading = False
        self._is_owed = False
        self._needs: list[Attention] = []
        self._date = plain_label()
        self._date.setObjectName("muted")
        self._problem = plain_label()
        self._problem.setObjectName("bad")
        self._problem.hide()
        self.figures = FigureRow()
        self.cards = self.figures.cards
        self.clicks = ClicksByHour(desk.theme, self.tr("Clicks by hour"))
        self.profit = ProfitByHour(desk.theme, self.tr("Profit by hour"))
        self.feed = FeedView(desk)
        self.feed.opened.connect(desk.show_evidence)
        self.needs = NeedsView(desk)
        self._stack = QStackedWidget()
        self._feed_stack, self._needs_stack = QStackedWidget(), QStackedWidget()
        self._lay_out()
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._read_if_owed)
        self._anyway = QTimer(self)
        self._anyway.setInterval(_ANYWAY_MS)
        self._anyway.timeout.connect(self.refresh)
        desk.pulse.changed.connect(self._on_change)
        desk.server.changed.connect(self._show_needs)
        desk.theme.changed.connect(self._paint_icons)
        self._paint_icons()
        self._show_what_there_is()

    # -- what the window asks ----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._is_owed = True
        if self.isVisible() and not self._is_reading:
            self._read_if_owed()

    def new(self) -> None:
        self.desk.begin()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        heading = plain_label(self.tr("Today"))
        heading.setFont(sized(heading.font(), TITLE, is_bold=True))
        self._refresh = QToolButton()
        self._refresh.setToolTip(self.tr("Read anew (F5)"))
        self._refresh.setAccessibleName(self.tr("Read anew"))
        self._refresh.clicked.connect(self.refresh)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        for widget in (heading, self._date):
            head.addWidget(widget)
        head.addStretch()
        head.addWidget(self._refresh)
        begin = Empty(
            self.desk.theme,
            "layout-dashboard",
            self.tr("Nothing is set up yet"),
            self.tr(
                "A few questions lead to a tested tracking URL for your source and a postback URL for your network."
            ),
            self.tr("Set up the first campaign"),
            self.desk.begin,
        )
        self._stack.addWidget(self._full())
        self._stack.addWidget(begin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(GAP)
        layout.addLayout(head)
        layout.addWidget(self._problem)
        layout.addWidget(self._stack, 1)

    def _full(self) -> QWidget:
        full = QWidget()
        charts, lower = QHBoxLayout(), QHBoxLayout()
        for row in (charts, lower):
            row.setSpacing(GAP)
        for chart in (self.clicks, self.profit):
            charts.addWidget(chart, 1)
        calm = _quiet(self.tr("✓ All is well: nothing needs a hand."))
        quiet = _quiet(self.tr("Clicks, conversions and relays appear here the moment they happen."))
        for words, stack, view, nothing, share in (
            (self.tr("Needs a hand"), self._needs_stack, self.needs, calm, 1),
            (self.tr("Came in last"), self._feed_stack, self.feed, quiet, 1),
        ):
            title = plain_label(words)
            title.setFont(sized(title.font(), 0, is_bold=True))
            stack.addWidget(view)
            stack.addWidget(nothing)
            column = QVBoxLayout()
            column.setSpacing(SMALL)
            column.addWidget(title)
            column.addWidget(stack, 1)
            lower.addLayout(column, share)
        layout = QVBoxLayout(full)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.figures)
        layout.addLayout(charts)
        layout.addLayout(lower, 1)
        return full

    def _on_change(self, moved: set[str]) -> None:
        self._is_owed = True
        if "setup" in moved:
            self._show_what_there_is()
        if self.isVisible() and not self._calm.isActive():
            self._calm.start()

    def _read_if_owed(self) -> None:
        if not self._is_owed or self._is_reading or not self.isVisible():
            return
        self._is_owed, self._is_reading = False, True
        data = self.desk.data

        def read() -> Read:
            return today(data), feed(data), attention(data)

        self.desk.jobs.run(self, read, self._show, self._fail)

    def _show(self, found: Read) -> None:
        now, events, needs = found
        self._is_reading = False
        self._problem.hide()
        self._show_what_there_is()
        moment = datetime.fromtimestamp(self.desk.data.clock() / 1000, UTC).astimezone(self.desk.zone)
        day = QLocale().toString(moment.date(), QLocale.FormatType.LongFormat)  # type: ignore[call-overload, unused-ignore]
        self._date.setText(f"{day}, {self.desk.zone.key}")
        self.figures.show_day(now)
        hours, before = now.hours_today, now.hours_yesterday
        self.clicks.show_hours(
            self.tr("Clicks by hour"), [hour["clicks"] for hour in hours], [hour["clicks"] for hour in before]
        )
        self.profit.show_until(moment.hour)
        self.profit.show_hours(
            self.tr("Profit by hour, {0}").format(now.base_currency),
            [hour["profit"] for hour in hours],
            [hour["profit"] for hour in before],
        )
        self.feed.show_events(events)
        self._feed_stack.setCurrentIndex(0 if events else 1)
        self._needs = needs
        self._show_needs()
        self._calm.start()

    def _fail(self, words: str) -> None:
        self._is_reading = False
        self._problem.setText(f"▲ {words}")
        self._problem.show()

    def _show_needs(self) -> None:
        server = self.desk.server
        needs = [need_of(one) for one in self._needs]
        if server.problem and server.state in (ServerState.WAITING, ServerState.STARTING):
            words = self.tr("The server ended and is started again")
            needs.insert(0, Need(words, server.problem, Tone.BAD, ("settings", {})))
        self.needs.show_needs(needs)
        self._needs_stack.setCurrentIndex(0 if needs else 1)

    def _show_what_there_is(self) -> None:
        self._stack.setCurrentIndex(0 if self.desk.setup.campaigns else 1)

    def _paint_icons(self) -> None:
        self._refresh.setIcon(self.desk.theme.icon("refresh-cw"))

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._anyway.start()
        self.refresh()

    def hideEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._anyway.stop()


def _quiet(words: str) -> QFrame:
    """Where a list would be: a card of the same size that says why it is empty."""
    label = plain_label(words)
    label.setObjectName("muted")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    card = QFrame()
    card.setObjectName("card")
    QVBoxLayout(card).addWidget(label)
    return card
