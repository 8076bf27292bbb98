"""Text in a cell of a CSV file: what a spreadsheet would run as a formula is made text again."""

from __future__ import annotations

_TRIGGERS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST = 32_000  # a spreadsheet's cell takes a little more


def safe_cell(cell: str) -> str:
    """Spreadsheets skip blanks before the sign that begins a formula; a number may have its minus."""
    cell = cell[:_LONGEST].replace("\x00", "�")
    return "'" + cell if cell.strip().startswith(_TRIGGERS) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).replace(",", "").isdecimal()
