"""A whole list as a CSV file: read page by page off the GUI thread; what a spreadsheet would run is made text again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.desk import Desk
from app.widgets.column import Column
from server.api.lists import Shown
from server.domain.spreadsheet import safe_cell
from server.errors import BadInput


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Shown], desk: Desk) -> int:
    """How many rows were written."""
    count = 0
    try:
        with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
            writer = csv.writer(file)
            writer.writerow([column.title for column in columns])
            for row in rows:
                writer.writerow([safe_cell((column.export or column.text)(row, desk)) for column in columns])
                count += 1
    except OSError as error:
        raise BadInput(
            f"The file cannot be written: {error.strerror}.", where=str(path), remedy="Choose another place."
        ) from error
    return count
