"""The figures of the day: each with what it was yesterday and a week ago at the same time of day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.figures import NONE, number
from app.theme import FIGURE, GAP, HAIR, PAD, SMALLER, Tone, sized
from app.widgets.empty import plain_label
from app.widgets.plain import plain_tip
from server.api.today import Figures, Today

_SMALLEST_FIGURE = 1
_PLAIN_PERCENT = 1000
_THIN = "\u202f"  # a space that keeps together what it stands between
_MOST_TOLD = 999  # beyond it nobody compares, and there is no room


@dataclass(frozen=True, slots=True)
class Figure:
    """One card: which metric, how it is written, and whether more of it is good."""

    metric: str
    title: str
    text: Callable[[Any], str]
    is_money: bool = False
    more_is: Tone = Tone.GOOD
    in_points: bool = False  # of a ratio the difference is told, not the ratio of ratios
    is_rare: bool = False  # not shown where there is nothing to divide by, today and before


def rounded(value: str | None) -> str:
    """To the cent: what is exact stands in the reports."""
    return NONE if value is None else QLocale().toString(float(value), "f", 2)


def percent(value: str | None) -> str:
    """To the tenth, where a tenth is worth reading."""
    if value is None:
        return NONE
    return f"{QLocale().toString(float(value), 'f', 1 if abs(float(value)) < _PLAIN_PERCENT else 0)} %"


class FigureCard(QFrame):
    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.setObjectName("card")
        self.figure = figure
        self._title = _small()
        self._value = plain_label(NONE)
        self._against_yesterday, self._against_last_week = _small(), _small()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, PAD, GAP, PAD)
        layout.setSpacing(HAIR)
        for label in (self._title, self._value, self._against_yesterday, self._against_last_week):
            layout.addWidget(label)
            label.setMinimumWidth(1)
        self._title.setText(figure.title)

    def show_figures(self, now: Figures, yesterday: Figures, last_week: Figures, currency: str) -> None:
        metric, is_money = self.figure.metric, self.figure.is_money
        self._title.setText(f"{self.figure.title}, {currency}" if is_money else self.figure.title)
        self._value.setText(self.figure.text(now[metric]))
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

    def largest(self, room: int) -> int:
        """The largest step of the scale at which the figure is not cut."""
        for step in range(FIGURE, _SMALLEST_FIGURE, -1):
            font = sized(self.font(), step, is_bold=True)
            if QFontMetrics(font).horizontalAdvance(self._value.text()) <= room - 2 * (GAP + HAIR):
                return step
        return _SMALLEST_FIGURE

    def set_step(self, step: int) -> None:
        self._value.setFont(sized(self.font(), step, is_bold=True))

    def _compare(self, label: QLabel, now: Any, then: Any, when: str) -> None:
        change = difference(now, then, in_points=self.figure.in_points)
        if change is None:
            words, tone = self.tr("none {0}").format(when), Tone.MUTED
        elif change == 0:
            words, tone = f"= {when}", Tone.MUTED
        else:
            unit = self.tr("pp") if self.figure.in_points else "%"
            size = f"{abs(change)}{_THIN}{unit}" if abs(change) <= _MOST_TOLD else f"{_MOST_TOLD}+"
            words = f"{'▲' if change > 0 else '▼'} {size} {when}"
            is_good = (change > 0) is (self.figure.more_is is Tone.GOOD)
            tone = Tone.MUTED if self.figure.more_is is Tone.MUTED else Tone.GOOD if is_good else Tone.BAD
        label.setObjectName(tone.value)
        label.setText(words)
        label.style().unpolish(label)
        label.style().polish(label)


class FigureRow(QWidget):
    """The cards side by side, their figures of one size: the largest at which none is cut."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = [FigureCard(figure) for figure in figures()]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        for card in self.cards:
            card.setHidden(card.figure.is_rare)
            layout.addWidget(card, 1)

    def show_day(self, day: Today) -> None:
        for card in self.cards:
            card.show_figures(day.today, day.yesterday, day.last_week, day.base_currency)
            figure, days = card.figure, (day.today, day.yesterday, day.last_week)
            card.setVisible(not figure.is_rare or any(one[figure.metric] is not None for one in days))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = [card for card in self.cards if not card.isHidden()]
        room = (self.width() - GAP * (len(shown) - 1)) // len(shown)
        step = min(card.largest(room) for card in shown)
        for card in self.cards:
            card.set_step(step)


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


def figures() -> tuple[Figure, ...]:
    return (
        Figure("clicks", _tr("Clicks"), number),
        Figure("conversions", _tr("Conversions"), number),
        Figure("revenue", _tr("Revenue"), rounded, is_money=True),
        Figure("cost", _tr("Cost"), rounded, is_money=True, more_is=Tone.MUTED),
        Figure("profit", _tr("Profit"), rounded, is_money=True),
        Figure("roi", _tr("ROI"), percent, in_points=True),
        Figure("lp_ctr", _tr("LP CTR"), percent, in_points=True, is_rare=True),
        Figure("pending_revenue", _tr("Pending"), rounded, is_money=True, more_is=Tone.MUTED),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Today", text)
