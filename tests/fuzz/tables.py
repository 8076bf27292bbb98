"""The figures of an attack as CSV: the command ends well, rows are whole, and no cell is one that a spreadsheet runs."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from server.cli.main import main

BY = ("sub1", "sub20,country", "referrer", "campaign,browser,isp")
_RUN = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")


def odd_cells(folder: Path) -> Iterator[str]:
    for by in BY:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        with contextlib.redirect_stdout(out):
            status = main(["report", "--by", by, "--csv", "--data", str(folder)])
        out.seek(0)
        head, *rows = csv.reader(out)
        if status or not rows:
            yield f"the report by {by} ended with {status} and {len(rows)} rows"
        for row in rows:
            if len(row) != len(head):
                yield f"a row by {by} has {len(row)} cells, not {len(head)}: {row[:3]!r}"
            yield from (
                f"a cell by {by} is run: {cell[:80]!r}" for cell in row if _RUN.match(cell) and not _is_number(cell)
            )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None
