"""A chart in the terminal: a bar for each row, in characters that every terminal has."""

from __future__ import annotations

import shutil
from decimal import Decimal

from server.api.reports import Report
from server.cli.printing import cell

_WIDEST_NAME = 40
_SHORTEST_BAR = 10
_GAP = "  "


def print_bars(found: Report, metric: str) -> None:
    """Below zero a bar is of dashes."""
    dimensions = [column.name for column in found.columns if column.unit is None]
    names = [_shortened(" · ".join(cell(row[name]) for name in dimensions)) for row in found.rows]
    values = [None if row[metric] is None else Decimal(row[metric]) for row in found.rows]
    shown = [cell(row[metric]) for row in found.rows]
    name_width, value_width = (max(map(len, texts)) for texts in (names, shown))
    room = max(_SHORTEST_BAR, shutil.get_terminal_size().columns - name_width - value_width - 2 * len(_GAP))
    most = max((abs(value) for value in values if value is not None), default=Decimal(0))
    for name, text, value in zip(names, shown, values, strict=True):
        length = int(abs(value) * room / most) if value and most else 0
        bar = ("-" if value and value < 0 else "#") * max(length, 1 if value else 0)
        print(f"{name:<{name_width}}{_GAP}{text:>{value_width}}{_GAP}{bar}".rstrip())


def _shortened(name: str) -> str:
    return name if len(name) <= _WIDEST_NAME else name[: _WIDEST_NAME - 1] + "…"
