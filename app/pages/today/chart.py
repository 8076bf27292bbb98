"""The day by the hour, against yesterday: clicks as bars, profit as a line; colours of the theme, switched live."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLocale, QPointF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolTip, QVBoxLayout

from app.figures import money, number
from app.theme import GAP, HAIR, PAD, SMALL, SMALLER, WIDE, Theme, sized
from app.widgets.empty import plain_label
from app.widgets.plain import plain_tip

_HOURS = range(24)
_BAR = 0.38
_FAINT = 190  # yesterday stands back, and is still seen
_SWATCH = 10
_FEWEST = 4  # the axis counts whole clicks
_HEIGHT = 200


class HoursChart(QFrame):
    """A card with a chart: two days, an hour a step."""

    def __init__(self, theme: Theme, title: str, text: Callable[[Any], str]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme = theme
        self._text = text
        self._today: Sequence[Any] = ()
        self._yesterday: Sequence[Any] = ()
        self._title = plain_label(title)
        self._title.setFont(sized(self._title.font(), 0, is_bold=True))
        self._swatches = (QLabel(), QLabel())
        self.plot = pg.PlotWidget()
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setMouseEnabled(False, False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFixedHeight(_HEIGHT)
        self.plot.setYRange(0, _FEWEST)
        self.plot.setXRange(-0.5, 23.5, padding=0)
        self.plot.getAxis("bottom").setTicks([[(hour, f"{hour:02}:00") for hour in range(0, 24, 3)]])
        self.plot.getAxis("left").tickStrings = _in_the_locale
        self.plot.scene().sigMouseMoved.connect(self._point_at)
        self._lay_out()
        theme.changed.connect(self._paint)
        self._paint()

    def show_hours(self, title: str, today: Sequence[Any], yesterday: Sequence[Any]) -> None:
        self._title.setText(title)
        self._today, self._yesterday = today, yesterday
        self._paint()

    def draw(self, today: Sequence[float], yesterday: Sequence[float]) -> None:
        raise NotImplementedError

    @property
    def colour_of_today(self) -> QColor:
        return QColor(self._theme.colours.series[0])

    @property
    def colour_of_yesterday(self) -> QColor:
        colour = QColor(self._theme.colours.muted)
        colour.setAlpha(_FAINT)
        return colour

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SMALL)
        head.addWidget(self._title)
        head.addStretch()
        for swatch, words in zip(self._swatches, (self.tr("today"), self.tr("yesterday")), strict=True):
            swatch.setFixedSize(_SWATCH, _SWATCH)
            label = plain_label(words)
            label.setObjectName("muted")
            head.addWidget(swatch)
            head.addWidget(label)
            if swatch is not self._swatches[-1]:
                head.addSpacing(GAP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, GAP)
        layout.setSpacing(GAP)
        layout.addLayout(head)
        layout.addWidget(self.plot)

    def _paint(self) -> None:
        colours = self._theme.colours
        self.plot.setBackground(colours.surface)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(colours.line))
            axis.setTextPen(pg.mkPen(colours.muted))
            axis.setStyle(tickFont=sized(QFont(), SMALLER), tickLength=0, hideOverlappingLabels=WIDE)
        self.plot.getAxis("left").setGrid(40)
        self.plot.getAxis("left").setZValue(-1)  # the grid stands behind what is drawn
        for swatch, colour in zip(self._swatches, (self.colour_of_today, self.colour_of_yesterday), strict=True):
            swatch.setStyleSheet(f"background: {colour.name(QColor.NameFormat.HexArgb)}; border-radius: {HAIR}px;")
        self.plot.clear()
        if self._today:
            self.draw([float(value or 0) for value in self._today], [float(value or 0) for value in self._yesterday])

    def _point_at(self, at: QPointF) -> None:
        hour = round(self.plot.plotItem.vb.mapSceneToView(at).x())
        if hour not in _HOURS or not self._today:
            return
        words = self.tr("{0:02}:00 to {1:02}:00\ntoday {2}\nyesterday {3}").format(
            hour, hour + 1, self._text(self._today[hour]), self._text(self._yesterday[hour])
        )
        QToolTip.showText(self.plot.mapToGlobal(self.plot.mapFromScene(at)), plain_tip(words), self.plot)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._paint()


def _in_the_locale(values: Sequence[float], scale: float, spacing: float) -> list[str]:
    decimals = max(0, -math.floor(math.log10(spacing * scale))) if spacing * scale < 1 else 0
    return [QLocale().toString(value * scale, "f", decimals) for value in values]


class ClicksByHour(HoursChart):
    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title, number)

    def draw(self, today: Sequence[float], yesterday: Sequence[float]) -> None:
        for values, colour, shift in (
            (yesterday, self.colour_of_yesterday, -_BAR / 2),
            (today, self.colour_of_today, _BAR / 2),
        ):
            places = [hour + shift for hour in _HOURS]
            bars = pg.BarGraphItem(x=places, height=values, width=_BAR, brush=colour, pen=pg.mkPen(None))
            self.plot.addItem(bars)
        self.plot.setYRange(0, max(*today, *yesterday, _FEWEST) * 1.08, padding=0)


class ProfitByHour(HoursChart):
    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title, money)
        self._hours_so_far = 24

    def show_until(self, hour: int) -> None:
        """Today's line ends where the day stands."""
        self._hours_so_far = hour + 1

    def draw(self, today: Sequence[float], yesterday: Sequence[float]) -> None:
        self.plot.plot(
            list(_HOURS), yesterday, pen=pg.mkPen(self.colour_of_yesterday, width=2, style=Qt.PenStyle.DashLine)
        )
        so_far = today[: self._hours_so_far]
        self.plot.plot(
            list(_HOURS)[: len(so_far)],
            so_far,
            pen=pg.mkPen(self.colour_of_today, width=2),
            symbol="o",
            symbolSize=6,
            symbolBrush=self.colour_of_today,
            symbolPen=None,
        )
        lowest, highest = min(*today, *yesterday, 0), max(*today, *yesterday, 0)
        room = (highest - lowest) * 0.08
        self.plot.setYRange(lowest - (room if lowest < 0 else 0), highest + room or 1, padding=0)
