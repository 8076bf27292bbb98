"""Exchange rates: read and written as decimal text, crossed, and an amount brought into another currency by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import groupby
from typing import NamedTuple

LARGEST = (1 << 63) - 1  # that a column holds
SIGNIFICANT = 12  # digits of a rate that was worked out
_EARLIEST, _LATEST = "1990-01-01", "2100-01-01"
_RATE = re.compile(r"(?a:[0-9]{1,12}(?:\.[0-9]{1,18})?)")
_EXACT = Context(prec=60)
_WORKED_OUT = Context(prec=SIGNIFICANT, rounding=ROUND_HALF_EVEN)

RateOf = Callable[[str, str], Decimal | None]  # from, to: of some moment


class Rate(NamedTuple):
    """What one unit of a currency was worth in another on a day, and who says so."""

    day: str
    currency: str
    base: str
    rate: str
    origin: str


def read_rate(text: str) -> str | None:
    """Plain decimal text above nothing, as it was written but for leading zeros."""
    text = text.strip()
    if not _RATE.fullmatch(text) or not Decimal(text):
        return None
    whole, point, decimals = text.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{decimals}"


def read_day(text: str) -> str | None:
    text = text.strip()
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        return None
    return day if day == text and _EARLIEST <= day < _LATEST else None


def written(rate: Decimal) -> str:
    """Decimal text without an exponent or needless zeros."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def converted(micros: int, rate: Decimal) -> int | None:
    """Half to even; None where no column would hold it."""
    amount = int(_EXACT.quantize(_EXACT.multiply(Decimal(micros), rate), Decimal(1)))
    return amount if abs(amount) <= LARGEST else None


def product(one: Decimal, other: Decimal) -> Decimal:
    return _WORKED_OUT.multiply(one, other)


def quotient(above: Decimal, below: Decimal) -> Decimal | None:
    """None where nothing is left of it in the digits that a rate has."""
    return _WORKED_OUT.divide(above, below) or None


def crossed(day: str, in_one_euro: Mapping[str, str], base: str, origin: str) -> Iterator[Rate]:
    """The rates of a day into the base currency, from what one euro was worth in each."""
    euro = "1" if base == "EUR" else in_one_euro.get(base)
    if euro is None:
        return
    if base != "EUR":
        yield Rate(day, "EUR", base, euro, origin)
    for currency, worth in in_one_euro.items():
        if currency != base and (rate := quotient(Decimal(euro), Decimal(worth))):
            yield Rate(day, currency, base, written(rate), origin)


def led_on(into_old: Iterable[Rate], old: str, new: str) -> Iterator[Rate]:
    """Of rates into one currency, oldest first, those into another, by what that other was worth then or before."""
    worth: Decimal | None = None
    for day, of_day in groupby(into_old, key=lambda one: one.day):
        rates = list(of_day)
        worth = next((Decimal(one.rate) for one in rates if one.currency == new), worth)
        for one in rates:
            if one.currency != new and worth and (rate := quotient(Decimal(one.rate), worth)):
                yield Rate(day, one.currency, new, written(rate), f"{one.origin or 'entered'} through {old}")
