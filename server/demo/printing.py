"""The books as people read them, and as programs do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from server.demo.ink import Ink
from server.demo.play import Ending, Plan
from server.demo.proof import Figure, Line


def books_text(ending: Ending, plan: Plan, ink: Ink) -> Iterator[str]:
    yield ink.bold("The books") + ink.dim(f"{'sent':>54}{'counted':>14}")
    for section, lines in groupby(ending.books.lines, key=lambda line: line.section):
        for number, line in enumerate(lines):
            yield _line(section if number == 0 else "", line, ink)
    yield ""
    if ending.books.is_balanced:
        yield ink.good(f"{ink.tick} The books balance.") + " What was sent is what is counted, to the cent."
    else:
        wrong = sum(not line.is_balanced for line in ending.books.lines)
        said = f": {wrong} line{' differs' if wrong == 1 else 's differ'} (seed {plan.seed})."
        yield ink.bad(f"{ink.cross} The books do not balance") + said
        yield from (f"  {difference}" for difference in ending.books.differences)
    if plan.keep:
        yield ""
        yield f"The data is in {plan.keep}. For example, the longest story in it:"
        yield f"  tallyback evidence {ending.example} --data {_quoted(str(plan.keep))}"


def books_json(ending: Ending, plan: Plan) -> dict[str, Any]:
    return {
        "balanced": ending.books.is_balanced,
        "seed": plan.seed,
        "seconds": plan.seconds,
        "clicks_per_second": plan.rate,
        "books": {
            line.name: {"section": line.section, "sent": _plain(line.expected), "counted": _plain(line.got)}
            for line in ending.books.lines
        },
        "differences": list(ending.books.differences),
        "data": str(plan.keep) if plan.keep else None,
        "example": ending.example or None,
    }


def _line(section: str, line: Line, ink: Ink) -> str:
    figures = f"{_shown(line.expected):>14}{_shown(line.got):>14}"
    shown = figures if line.is_balanced else ink.bad(figures)
    return f"{section:<13}{ink.mark(line.is_balanced)} {line.what:<34}{shown}"


def _shown(figure: Figure) -> str:
    return f"{figure:,}" if isinstance(figure, int) else f"{_rounded(figure):,}"


def _plain(figure: Figure) -> int | str:
    return figure if isinstance(figure, int) else str(_rounded(figure))


def _rounded(amount: Decimal) -> Decimal:
    """At least two decimals, and all that it has."""
    exact = amount.normalize()
    return exact if -int(exact.as_tuple().exponent) > 2 else amount.quantize(Decimal("0.01"))


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path
