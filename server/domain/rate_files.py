"""Files of rates: a table with a rate a line, or what the European Central Bank publishes, as CSV or XML."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from xml.parsers import expat

from server.domain import currency as currencies
from server.domain.rates import Rate, crossed, read_day, read_rate

ECB = "European Central Bank"
IMPORTED = "imported"
DecimalMark = Literal[".", ","]

_NAMES = {"day": "day", "date": "day", "currency": "currency", "rate": "rate", "base": "base"}
_CODE = re.compile(r"[A-Z]{3}")
_NOT_SAID = ("", "N/A", "-")
_DAY_IN_WORDS = "%d %B %Y"  # as the bank's file of one day says it
_MOST_COLUMNS = 200


@dataclass(slots=True)
class FileRead:
    """The rates of a file, and what is wrong with its lines; nothing of it is used where anything is."""

    rates: list[Rate] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)  # line and why

    def refuse(self, line: int, why: str) -> None:
        self.wrong.append((line, why))


def read_rates(text: str, base: str, extra: Collection[str] = (), mark: DecimalMark = ".") -> FileRead:
    """`base` is the currency that rates lead to where the file does not say; `extra` the owner's own codes."""
    text = text.removeprefix("\ufeff")
    found = FileRead()
    if text.lstrip()[:1] == "<":
        _read_xml(text, base, found)
    else:
        _read_table(text, base, extra, mark, found)
    _refuse_contradictions(found)
    return found


# -- a table -----------------------------------------------------------------------------------------------------------


def _read_table(text: str, base: str, extra: Collection[str], mark: DecimalMark, found: FileRead) -> None:
    first = text.lstrip("\r\n").partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in first else ",", strict=True)
    header: list[str] | None = None
    try:
        for cells in rows:
            line, stripped = rows.line_num, [cell.strip() for cell in cells[:_MOST_COLUMNS]]
            if not any(stripped):
                continue
            if header is None:
                header = stripped
                if not _is_of_bank(header) and (missing := _missing(header)):
                    return found.refuse(line, f"the first line names no column {missing}")
            elif _is_of_bank(header):
                _read_day_of_bank(header, stripped, line, base, found)
            else:
                _read_line(header, stripped, line, (base, extra, mark), found)
    except csv.Error as error:
        found.refuse(rows.line_num, f"it is no CSV: {error}")
    return None


def _is_of_bank(header: Sequence[str]) -> bool:
    """A day and many currencies: what one euro was worth in each."""
    codes = [name for name in header[1:] if name]
    return header[0].casefold() == "date" and bool(codes) and all(_CODE.fullmatch(code) for code in codes)


def _missing(header: Sequence[str]) -> str | None:
    there = {_NAMES.get(name.casefold()) for name in header}
    return next((name for name in ("day", "currency", "rate") if name not in there), None)


def _read_line(
    header: Sequence[str],
    cells: Sequence[str],
    line: int,
    known: tuple[str, Collection[str], DecimalMark],
    found: FileRead,
) -> None:
    base, extra, mark = known
    said = {
        _NAMES[name.casefold()]: cell for name, cell in zip(header, cells, strict=False) if name.casefold() in _NAMES
    }
    day = read_day(said.get("day", ""))
    currency = currencies.known(said.get("currency", ""), extra)
    into = currencies.known(said.get("base") or base, extra)
    rate = _rate_in(said.get("rate", ""), mark)
    for value, name, what in (
        (day, "day", "is no day; write 2026-03-01"),
        (currency, "currency", "is no currency"),
        (into, "base", "is no currency"),
        (rate, "rate", f"is no rate; write 1{mark}0832"),
    ):
        if value is None:
            return found.refuse(line, f"{said.get(name, '')[:20] or 'nothing'} {what}")
    if currency == into:
        return found.refuse(line, f"{currency} needs no rate to itself")
    found.rates.append(Rate(str(day), str(currency), str(into), str(rate), IMPORTED))
    return None


def _rate_in(text: str, mark: DecimalMark) -> str | None:
    if mark == ",":
        return None if "." in text else read_rate(text.replace(",", "."))
    return read_rate(text)


# -- of the European Central Bank --------------------------------------------------------------------------------------


def _read_day_of_bank(header: Sequence[str], cells: Sequence[str], line: int, base: str, found: FileRead) -> None:
    day = read_day(cells[0]) or _day_in_words(cells[0])
    if day is None:
        return found.refuse(line, f"{cells[0][:20] or 'nothing'} is no day")
    in_one_euro = {}
    for code, cell in zip(header[1:], cells[1:], strict=False):
        if code and cell not in _NOT_SAID:
            rate = read_rate(cell)
            if rate is None:
                return found.refuse(line, f"{cell[:20]} is no rate of {code}")
            in_one_euro[code] = rate
    found.rates.extend(_of_day(day, in_one_euro, base))
    return None


def _day_in_words(text: str) -> str | None:
    try:
        return read_day(datetime.strptime(text, _DAY_IN_WORDS).date().isoformat())  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


class _Cubes:
    """What the elements of the bank's XML say, as they come; no document type is let in, so nothing can swell."""

    def __init__(self, base: str, found: FileRead) -> None:
        self._base, self._found = base, found
        self._day: str | None = None
        self._in_one_euro: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._refuse_type

    def _start(self, name: str, said: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] != "Cube":
            return
        line = self.parser.CurrentLineNumber
        if "time" in said:
            self.end_day()
            self._day = read_day(said["time"])
            if self._day is None:
                self._found.refuse(line, f"{said['time'][:20]} is no day")
        elif "currency" in said:
            rate, code = read_rate(said.get("rate", "")), said["currency"]
            if rate is None or not _CODE.fullmatch(code):
                self._found.refuse(line, f"{said.get('rate', '')[:20] or 'nothing'} is no rate of {code[:20]}")
            else:
                self._in_one_euro[code] = rate

    def _refuse_type(self, *_: object) -> None:
        raise ValueError("a document type, which the bank's files do not have")

    def end_day(self) -> None:
        if self._day is not None:
            self._found.rates.extend(_of_day(self._day, self._in_one_euro, self._base))
        self._in_one_euro = {}


def _read_xml(text: str, base: str, found: FileRead) -> None:
    cubes = _Cubes(base, found)
    try:
        cubes.parser.Parse(text.lstrip().encode(), True)
    except (expat.ExpatError, ValueError) as error:
        return found.refuse(cubes.parser.CurrentLineNumber, f"it is not the bank's XML: {str(error)[:80]}")
    cubes.end_day()
    return None


def _of_day(day: str, in_one_euro: Mapping[str, str], base: str) -> Iterator[Rate]:
    """Of currencies that are there no more, nothing."""
    known = {code: rate for code, rate in in_one_euro.items() if code in currencies.ISO_4217}
    return crossed(day, known, base, ECB)


def _refuse_contradictions(found: FileRead) -> None:
    """One day and pair may be said twice, if it is the same."""
    said: dict[tuple[str, str, str], Rate] = {}
    for rate in found.rates:
        first = said.setdefault((rate.day, rate.currency, rate.base), rate)
        if Decimal(first.rate) != Decimal(rate.rate):
            found.refuse(0, f"{rate.currency} of {rate.day} is said to be {first.rate} and {rate.rate}")
    found.rates = list(said.values())
