"""What the rounds come to: medians of ratios within a round, their ranges, and whether they reach what is asked."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.growth import Grown
from tests.bench.measured import Measured
from tests.bench.rounds import CONNECTIONS, USUAL, Round


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: a value of each round, and what its median must and should be."""

    place: tuple[str, ...]  # in the JSON
    title: str
    values: Sequence[float]
    must: float | None = None
    aim: float | None = None
    is_limit: bool = False  # the less the better
    unit: str = "x"

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_missed(self) -> bool:
        return self.must is not None and not self._reaches(self.must)

    def line(self) -> str:
        low, high = min(self.values), max(self.values)
        text = f"{self.title:<48}{_short(self.median):>8} {self.unit:<3} [{_short(low)} - {_short(high)}]"
        return f"{text:<82}{', '.join(self._verdicts())}".rstrip()

    def _verdicts(self) -> list[str]:
        sign = "<=" if self.is_limit else ">="
        asked = (("asked", self.must), ("aim", self.aim))
        return [
            f"{word} {sign} {goal:g}: {'met' if self._reaches(goal) else 'MISSED'}"
            for word, goal in asked
            if goal is not None
        ]

    def _reaches(self, goal: float) -> bool:
        return self.median <= goal if self.is_limit else self.median >= goal


def of_rounds(rounds: Sequence[Round]) -> list[Figure]:
    def each(value: Callable[[Round], float]) -> list[float]:
        return [value(one) for one in rounds]

    def against_bare(c: int) -> list[float]:
        return each(lambda one: one.click[c].rate / one.bare[c].rate)

    def p99_against_bare(c: int) -> list[float]:
        return each(lambda one: one.click[c].p99 / one.bare[c].p99)

    asked = {1: 0.3, USUAL: 1.5}
    click = [
        Figure(("click", str(c)), f"click / bare 302, {_at(c)}", against_bare(c), asked.get(c), {USUAL: 4.0}.get(c))
        for c in CONNECTIONS
    ]
    p99 = [
        Figure(
            ("p99_over_bare", str(c)),
            f"p99 of the click / of bare, {_at(c)}",
            p99_against_bare(c),
            {128: 0.1}.get(c),
            is_limit=True,
        )
        for c in CONNECTIONS
    ]
    steady = each(lambda one: one.click[128].rate / one.click[USUAL].rate)
    orm = each(lambda one: one.click[USUAL].rate / _there(one.orm).rate)
    postback = each(lambda one: _there(one.postback).rate / one.bare[USUAL].rate)
    paths = each(lambda one: _there(one.picky).rate / _there(one.plain).rate)
    desktop = each(lambda one: _there(one.beside_desktop).rate / one.click[USUAL].rate)
    memory = [one.memory_mb for one in rounds if one.memory_mb is not None]
    size = each(lambda one: one.bytes_per_click)
    return [
        *click,
        Figure(("rate_128_over_32",), "click at 128 / at 32 connections", steady, 0.95),
        *p99,
        Figure(("click_over_orm",), f"click / Flask with an ORM, {_at(USUAL)}", orm, 15, 40),
        Figure(("postback_over_bare",), f"postback / bare 302, {_at(USUAL)}", postback, 0.8, 1.5),
        Figure(("deciding", "rate"), "click with 20 paths and geo / with 1 and none", paths, 0.9),
        Figure(("busy_desktop",), "click beside a busy desktop / alone", desktop, 0.95),
        *([Figure(("rss_mb",), "memory of the server", memory, 120, is_limit=True, unit="MB")] if memory else []),
        Figure(("bytes_per_click",), "a click with three subs on disk", size, aim=260, is_limit=True, unit="B"),
    ]


def of_deciding(costs: Sequence[tuple[str, float]]) -> Figure:
    """What is known of the visitor, and the decision on twenty paths."""
    (_, facts), *_, (_, decision) = costs
    title = "facts and decision, 20 paths and geo"
    return Figure(("deciding", "microseconds"), title, [facts + decision], 100, is_limit=True, unit="µs")


def of_growth(pairs: Sequence[tuple[Grown, Grown]], clicks: int) -> list[Figure]:
    click = [large.click.rate / small.click.rate for small, large in pairs]
    postback = [large.postback.rate / small.postback.rate for small, large in pairs]
    beside = f"at {clicks:,} clicks / at {clicks // 10:,}"
    return [
        Figure(("growth", "click"), f"click {beside}", click, 0.9),
        Figure(("growth", "postback"), f"postback {beside}", postback, 0.85),
    ]


def rates(rounds: Sequence[Round]) -> list[str]:
    """The plain figures behind the ratios, medians: they belong to this machine and this hour."""
    lines = []
    for c in CONNECTIONS:
        lines.append(_rate(f"bare 302, {_at(c)}", [one.bare[c] for one in rounds]))
        lines.append(_rate(f"click, {_at(c)}", [one.click[c] for one in rounds]))
    lines.append(_rate(f"Flask with an ORM, {_at(USUAL)}", [_there(one.orm) for one in rounds]))
    lines.append(_rate(f"click beside a busy desktop, {_at(USUAL)}", [_there(one.beside_desktop) for one in rounds]))
    lines.append(_rate(f"click with 1 path, no geo, {_at(USUAL)}", [_there(one.plain) for one in rounds]))
    lines.append(_rate(f"click with 20 paths and geo, {_at(USUAL)}", [_there(one.picky) for one in rounds]))
    lines.append(_rate(f"postback, {_at(USUAL)}", [_there(one.postback) for one in rounds]))
    return lines


def rates_of_growth(pairs: Sequence[tuple[Grown, Grown]], clicks: int) -> list[str]:
    return [
        _rate(f"{name} at {count:,} clicks", [getattr(pair[place], name) for pair in pairs])
        for name in ("click", "postback")
        for place, count in enumerate((clicks // 10, clicks))
    ]


def as_json(figures: Iterable[Figure], rounds: int, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for figure in figures:
        *above, last = figure.place
        inner = found
        for name in above:
            inner = inner.setdefault(name, {})
        inner[last] = round(figure.median, 4)
    return {**found, "rounds": rounds, **more}


def _rate(title: str, measured: Sequence[Measured]) -> str:
    def middle(name: str) -> float:
        return statistics.median(getattr(one, name) for one in measured)

    times = f"p50 {middle('p50'):8.2f}  p99 {middle('p99'):8.2f}  p999 {middle('p999'):8.2f} ms"
    return f"{title:<48}{middle('rate'):>8,.0f} /s   {times}"


def _at(connections: int) -> str:
    return "1 connection" if connections == 1 else f"{connections} connections"


def _there(measured: Measured | None) -> Measured:
    if measured is None:
        raise AssertionError("a round measures everything")
    return measured


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
