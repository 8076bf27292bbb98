"""The figures of the day: each with what it was yesterday and a week ago at the same time of day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from app.figures import NONE, number
from app.theme import FIGURE, HAIR, PAD, SMALLER, Tone, sized
from app.widgets.empty import plain_label
from app.widgets.rows import plain_tip
from server.api.today import Figures

_SMALLEST_FIGURE = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One card: which metric, how it is written, and whether more of it is good."""

    metric: str
    title: str
    text: Callable[[Any], str]
    is_money: bool = False
    more_is: Tone = Tone.GOOD
    in_points: bool = False  # of a ratio the difference is told, not the ratio of ratios


def rounded(value: str | None) -> str:
    """To the cent: what is exact stands in the reports."""
    return NONE if value is None else QLocale().toString(float(value), "f", 2)


def percent(value: str | None) -> str:
    return NONE if value is None else f"{QLocale().toString(float(value), 'f', 1)} %"


class FigureCard(QFrame):
    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.setObjectName("card")
        self.figure = figure
        self._title = _small()
        self._value = plain_label(NONE)
        self._against_yesterday, self._against_last_week = _small(), _small()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(HAIR)
        for label in (self._title, self._value, self._against_yesterday, self._against_last_week):
            layout.addWidget(label)
            label.setMinimumWidth(1)
        self._title.setText(figure.title)

    def show_figures(self, now: Figures, yesterday: Figures, last_week: Figures, currency: str) -> None:
        metric, is_money = self.figure.metric, self.figure.is_money
        self._title.setText(f"{self.figure.title}, {currency}" if is_money else self.figure.title)
        self._value.setText(self.figure.text(now[metric]))
        self._fit()
        self._compare(self._against_yesterday, now[metric], yesterday[metric], self.tr("yesterday"))
        self._compare(self._against_last_week, now[metric], last_week[metric], self.tr("last week"))
        self.setToolTip(
            plain_tip(
                self.tr("Up to the same time of day: {0} yesterday, {1} a week ago.").format(
                    self.figure.text(yesterday[metric]), self.figure.text(last_week[metric])
                )
            )
        )

    @property
    def value(self) -> str:
        return self._value.text()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The largest size of the scale at which the figure is not cut."""
        room = self.width() - 2 * PAD
        for step in range(FIGURE, _SMALLEST_FIGURE - 1, -1):
            font = sized(self.font(), step, is_bold=True)
            if QFontMetrics(font).horizontalAdvance(self._value.text()) <= room:
                break
        self._value.setFont(font)

    def _compare(self, label: QLabel, now: Any, then: Any, when: str) -> None:
        change = difference(now, then, in_points=self.figure.in_points)
        if change is None:
            words, tone = f"{NONE} {when}", Tone.MUTED
        elif change == 0:
            words, tone = f"= {when}", Tone.MUTED
        else:
            unit = self.tr("pts") if self.figure.in_points else "%"
            words = f"{'▲' if change > 0 else '▼'} {QLocale().toString(abs(change))} {unit} {when}"
            is_good = (change > 0) is (self.figure.more_is is Tone.GOOD)
            tone = Tone.MUTED if self.figure.more_is is Tone.MUTED else Tone.GOOD if is_good else Tone.BAD
        label.setObjectName(tone.value)
        label.setText(words)
        label.style().unpolish(label)
        label.style().polish(label)


def difference(now: Any, then: Any, *, in_points: bool) -> int | None:
    """In whole percent of what it was then; None where there is nothing to compare with."""
    if now is None or then is None:
        return None
    new, old = Decimal(str(now)), Decimal(str(then))
    if in_points:
        return round(new - old)
    return round(100 * (new - old) / abs(old)) if old else None


def _small() -> QLabel:
    label = plain_label()
    label.setObjectName("muted")
    label.setFont(sized(label.font(), SMALLER))
    return label


def figures(tr: Callable[[str], str]) -> tuple[Figure, ...]:
    return (
        Figure("clicks", tr("Clicks"), number),
        Figure("conversions", tr("Conversions"), number),
        Figure("revenue", tr("Revenue"), rounded, is_money=True),
        Figure("cost", tr("Cost"), rounded, is_money=True, more_is=Tone.MUTED),
        Figure("profit", tr("Profit"), rounded, is_money=True),
        Figure("roi", tr("ROI"), percent, in_points=True),
        Figure("pending_revenue", tr("Pending"), rounded, is_money=True, more_is=Tone.MUTED),
    )
