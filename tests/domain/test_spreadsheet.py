"""No cell of a CSV file is a formula, whoever wrote what is in it, and what was in it can be had again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.spreadsheet import safe_cell

SIGNS = "=+-@＝＋－＠"  # the wide ones count in East Asian editions
CELLS = st.text(max_size=12) | st.lists(
    st.sampled_from([*SIGNS, " ", "\t", "\r", "\n", "\xa0", "'", '"', "1", "cmd|'x'!A0"])
).map("".join)


@given(CELLS)
@example("\t=1")
@example(" \r\n@SUM(1)")
@example("-1+cmd|' /C calc'!A0")
@example("＝1+1")
def test_no_cell_begins_a_formula(cell: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([safe_cell(cell), "next"])
    [(read, after)] = csv.reader(io.StringIO(written.getvalue(), newline=""))
    assert after == "next"
    begins = read.strip()[:1]
    assert not begins or begins not in SIGNS or is_negative_number(read)
    assert read in (cell, f"'{cell}") or "\x00" in cell


def is_negative_number(cell: str) -> bool:
    return cell.startswith("-") and cell[1:].replace(",", "").replace(".", "", 1).isdecimal()


@pytest.mark.parametrize("cell", ["-12.50", "plain", "1,234.50", "", "a=b", "–", "-0.000001"])
def test_what_is_no_formula_stays(cell: str) -> None:
    assert safe_cell(cell) == cell


def test_a_cell_is_no_longer_than_a_spreadsheet_takes() -> None:
    assert len(safe_cell("=" * 100_000)) < 32_767
