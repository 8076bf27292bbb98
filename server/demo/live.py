"""The view while the demo runs: a table redrawn in place on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TextIO

from server.demo.ad_network import AdNetwork
from server.demo.ink import Ink
from server.demo.ledger import Ledger
from server.demo.parties import SOURCES
from server.domain.outcome import Outcome

WIDTH = 78
_ROWS = tuple(outcome for outcome in Outcome if outcome is not Outcome.TEST)
_HALF = (len(_ROWS) + 1) // 2
_HEIGHT = _HALF + 14
_LINES = 10  # at most about as many while it runs, where it cannot be redrawn
_SHORTEST_S = 2.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see at one moment."""

    phase: str
    elapsed_s: float
    length_s: float
    ledger: Ledger
    ad_networks: Mapping[str, AdNetwork]
    totals: Mapping[str, Any]  # of `report`


class View(Protocol):
    def show(self, scene: Scene) -> None: ...
    def close(self) -> None: ...


def view_on(stream: TextIO, ink: Ink) -> View:
    return Table(stream, ink) if ink.is_terminal and _fits() else Lines(stream, ink)


def _fits() -> bool:
    size = shutil.get_terminal_size()
    return size.columns > WIDTH and size.lines > _HEIGHT


class Nothing:
    """For programs, which want the books alone."""

    def show(self, scene: Scene) -> None: ...

    def close(self) -> None: ...


class Lines:
    def __init__(self, stream: TextIO, ink: Ink) -> None:
        self._stream = stream
        self._ink = ink
        self._next_s = 0.0
        self._phase = ""

    def show(self, scene: Scene) -> None:
        if scene.elapsed_s < self._next_s and scene.phase == self._phase:
            return
        self._next_s, self._phase = scene.elapsed_s + max(_SHORTEST_S, scene.length_s / _LINES), scene.phase
        ledger, totals = scene.ledger, scene.totals
        told = sum(len(one.told) for one in scene.ad_networks.values())
        parts = (
            f"{scene.elapsed_s:4.0f} s  {scene.phase}",
            f"clicks {len(ledger.costs)}, recorded {totals['clicks']}",
            f"postbacks {ledger.planned.total()}, otherwise than planned {len(ledger.surprises)}",
            f"relays told {told} of {ledger.to_tell.total()}",
            f"revenue {_money(totals['revenue'])} USD",
        )
        self._stream.write(f" {self._ink.dot} ".join(parts) + "\n")
        self._stream.flush()

    def close(self) -> None: ...


class Table:
    """Redrawn in one write, line over line, so that nothing flickers; gone when the books come."""

    def __init__(self, stream: TextIO, ink: Ink) -> None:
        self._stream = stream
        self._ink = ink
        self._height = 0

    def show(self, scene: Scene) -> None:
        if not _fits():  # the window was made small: a frame that wraps could not be drawn over
            return
        lines = list(frame(scene, self._ink))
        start = "\x1b[?25l" if not self._height else f"\x1b[{self._height}A"
        self._stream.write(start + "".join(f"\r{line}\x1b[K\n" for line in lines))
        self._stream.flush()
        self._height = len(lines)

    def close(self) -> None:
        if self._height:
            self._stream.write(f"\x1b[{self._height}A\r\x1b[J\x1b[?25h")
            self._stream.flush()
            self._height = 0


def frame(scene: Scene, ink: Ink) -> Iterator[str]:
    yield ""
    yield from _head(scene, ink)
    yield ""
    yield from _figures(scene, ink)
    yield ""
    yield from _outcomes(scene.ledger, ink)
    yield ""
    yield from _relays(scene, ink)
    yield ""


def _head(scene: Scene, ink: Ink) -> Iterator[str]:
    is_over = scene.elapsed_s > scene.length_s
    clock = f"{scene.elapsed_s:.0f} s" if is_over else f"{scene.elapsed_s:.0f} of {scene.length_s:.0f} s"
    yield f"  {ink.bold('Tallyback demo')}{f'{scene.phase} {ink.dot} {clock}':>{WIDTH - 16}}"
    width = WIDTH - 2
    done = min(width, int(width * scene.elapsed_s / scene.length_s))
    yield f"  {ink.good(ink.done * done)}{ink.dim(ink.left * (width - done))}"


def _figures(scene: Scene, ink: Ink) -> Iterator[str]:
    totals, sent = scene.totals, len(scene.ledger.costs)
    cost, revenue, pending = (f"{_money(totals[name])} USD" for name in ("cost", "revenue", "pending_revenue"))
    for name, *cells in (
        ("Clicks", ("sent", sent), ("recorded", totals["clicks"]), ("cost", cost)),
        ("Conversions", ("counted", totals["conversions"]), ("pending", totals["pending"]), ("revenue", revenue)),
        ("", ("without rate", totals["without_rate"]), ("reversed", totals["reversed"]), ("pending", pending)),
    ):
        shown = (
            f"{ink.dim(f'{word:<{wide}}')}{figure if isinstance(figure, str) else f'{figure:,}':>{width}}"
            for (word, figure), wide, width in zip(cells, (12, 9, 8), (6, 7, 16), strict=True)
        )
        yield f"  {ink.dim(f'{name:<12}')}{'   '.join(shown)}"


def _outcomes(ledger: Ledger, ink: Ink) -> Iterator[str]:
    heading = f"{'Postbacks':<19}{'planned':>8}{'got':>7}"
    yield "  " + ink.dim(f"{heading}      {heading.replace('Postbacks', '         ')}")
    for left, right in zip(_ROWS[-_HALF:][::-1], [*_ROWS[:-_HALF][::-1], None], strict=False):
        yield f"  {_outcome(ledger, left, ink)}      {_outcome(ledger, right, ink) if right else ''}".rstrip()


def _outcome(ledger: Ledger, outcome: Outcome, ink: Ink) -> str:
    planned, got = ledger.planned[outcome], ledger.answered[outcome]
    figures = f"{planned or '':>8}{got or '':>7}"
    return f"{outcome:<19}{figures if planned == got else ink.bad(figures)}"


def _relays(scene: Scene, ink: Ink) -> Iterator[str]:
    columns = ("owed", "told", "under way", "500 first", "then told", "skipped")
    yield "  " + ink.dim(f"{'Relays':<16}" + "".join(f"{name:>{_wide(name)}}" for name in columns))
    for source in SOURCES:
        ad_network = scene.ad_networks[source.key]
        owed = scene.ledger.to_tell[source.key]
        told, refused = len(ad_network.told), len(ad_network.refused)
        figures: Sequence[int] = (
            owed,
            told,
            max(0, owed - told),
            refused,
            refused - ad_network.retrying,
            scene.ledger.skipped[source.key],
        )
        cells = "".join(f"{figure:>{_wide(name)},}" for name, figure in zip(columns, figures, strict=True))
        yield f"  {source.key:<9}{source.method:<7}{cells}"


def _wide(name: str) -> int:
    return max(7, len(name) + 2)


def _money(text: str) -> str:
    return f"{Decimal(text):,.2f}"
