"""Rates: listed, set, imported, fetched and removed; what they are the first to give an amount gets it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal

from server.api import mending
from server.api.data import Data
from server.api.mending import Mended
from server.domain import currency as currencies
from server.domain.moment import iso
from server.domain.rate_files import DecimalMark, read_rates
from server.domain.rates import Rate, read_day, read_rate
from server.errors import BadInput, NothingMatched, nearest
from server.relays.public_file import fetch_file
from server.storage import rates

# The public files of the European Central Bank, at its own site.
ECB_DAILY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
ECB_90_DAYS = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
Period = Literal["day", "90days"]
ADDRESSES: dict[Period, str] = {"day": ECB_DAILY, "90days": ECB_90_DAYS}
ENTERED = "entered"
_LARGEST_FILE = 16 * 1024 * 1024
_LARGEST_FETCHED = 4 * 1024 * 1024
_TOGETHER = 2_000
_MOST_TOLD = 10

Fetch = Callable[[str, int], bytes]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became, or would become, of rates: how many are new or others than before, and what they mend."""

    rates: int
    new: int
    changed: int
    first_day: str | None
    last_day: str | None
    mended: Mended


def listed(
    data: Data, currency: str | None = None, since: str | None = None, until: str | None = None
) -> list[dict[str, str | None]]:
    """Newest day first; days as text, the last one included."""
    code = currency_of(data, currency) if currency is not None else None
    with data.database.read() as connection:
        found = rates.listed(connection, code, day_of(since), day_of(until))
    return [
        {
            "day": one.day,
            "currency": one.currency,
            "rate": one.rate,
            "base_currency": one.base,
            "origin": one.origin or None,
        }
        for one in found
    ]


def set_rate(data: Data, currency: str, rate: str, day: str | None = None, *, is_preview: bool = False) -> Stored:
    """What one unit of a currency was worth in the base currency on a day; today where none is said."""
    base, code = data.setup().owner.base_currency, currency_of(data, currency)
    if code == base:
        raise BadInput(f"{code} is your base currency, and needs no rate.", remedy="Name another currency.")
    text = read_rate(rate)
    if text is None:
        raise BadInput(f"{rate[:40]} is no rate.", remedy=f"Write what one {code} is worth in {base}: 1.0832.")
    when = day_of(day) or iso(data.clock())[:10]
    return _store(data, [Rate(when, code, base, text, ENTERED)], is_preview=is_preview)


def import_file(data: Data, path: str, mark: DecimalMark = ".", *, is_preview: bool = False) -> Stored:
    """All of a file, or nothing where one line of it is wrong."""
    return _store(data, _read_in(data, _content(path), path, mark), is_preview=is_preview)


def fetch(
    data: Data,
    period: Period = "90days",
    *,
    file: str | None = None,
    is_preview: bool = False,
    get: Fetch = fetch_file,
) -> Stored:
    """What the European Central Bank publishes, when somebody asks for it; or a file of its that was saved."""
    where = file if file is not None else ADDRESSES[period]
    content = _content(file) if file is not None else get(where, _LARGEST_FETCHED)
    found = _read_in(data, content, where, ".")
    return _store(data, found, is_preview=is_preview)


def remove(data: Data, day: str, currency: str) -> dict[str, str]:
    """What was frozen by it stands."""
    when, code, base = day_of(day) or "", currency_of(data, currency), data.setup().owner.base_currency
    if not data.database.write(lambda connection: rates.remove(connection, when, code, base)):
        raise NothingMatched(
            f"There is no rate of {code} in {base} on {when}.", remedy=f"See `tallyback rates --currency {code}`."
        )
    return {"day": when, "currency": code, "base_currency": base}


def currency_of(data: Data, text: str) -> str:
    extra = data.setup().owner.currencies
    known = currencies.known(text, extra)
    if known is None:
        near = nearest(text, [*currencies.ISO_4217, *extra])
        remedy = f"Did you mean {near}?" if near else "Write an ISO code such as EUR, or add it as `currencies`."
        raise BadInput(f"{text[:40]} is no currency.", remedy=remedy)
    return known


def day_of(text: str | None) -> str | None:
    if text is None:
        return None
    day = read_day(text)
    if day is None:
        raise BadInput(f"{text[:40]} is no day.", remedy="Write 2026-03-01.")
    return day


def put(data: Data, some: Sequence[Rate]) -> None:
    """In transactions of some ten milliseconds."""
    for start in range(0, len(some), _TOGETHER):
        data.database.write(partial(rates.put, rates=some[start : start + _TOGETHER]))


def _store(data: Data, found: Sequence[Rate], *, is_preview: bool) -> Stored:
    with data.database.read() as connection:
        before = rates.known(connection, found)
    new = [one for one in found if rates.key_of(one) not in before]
    changed = [
        one for one in found if rates.key_of(one) in before and Decimal(before[rates.key_of(one)]) != Decimal(one.rate)
    ]
    if not is_preview:
        put(data, [*new, *changed])
    mended = mending.preview(data, more=found) if is_preview else mending.mend(data)
    days = [one.day for one in found]
    return Stored(len(found), len(new), len(changed), min(days, default=None), max(days, default=None), mended)


def _read_in(data: Data, content: bytes, where: str, mark: DecimalMark) -> list[Rate]:
    owner = data.setup().owner
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("It is no UTF-8 text.", where=where, remedy="Save it as CSV in UTF-8.") from error
    found = read_rates(text, owner.base_currency, owner.currencies, mark)
    if found.wrong:
        told = [f"line {line}: {why}" if line else why for line, why in found.wrong[:_MOST_TOLD]]
        rest = len(found.wrong) - len(told)
        words = "; ".join(told) + (f"; and {rest} more" if rest else "")
        raise BadInput(f"{words}.", where=where, remedy=_remedy_for(text, mark))
    if not found.rates:
        raise BadInput(
            f"There is no rate into {owner.base_currency} in it.",
            where=where,
            remedy="It needs the columns day, currency and rate, or to be a file of the European Central Bank.",
        )
    return found.rates


def _remedy_for(text: str, mark: DecimalMark) -> str:
    if mark == "." and ";" in text.partition("\n")[0]:
        return "Nothing was stored. Mend them; where a comma stands before the decimals, add --decimal comma."
    return "Nothing was stored. Mend them: day,currency,rate as 2026-03-01,EUR,1.0832."


def _content(path: str) -> bytes:
    file: Any = Path(path).expanduser()
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise BadInput("The file is larger than rates can be.", where=path, remedy="Check the path.")
        content: bytes = file.read_bytes()
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", where=path, remedy="Check the path.") from error
    return content
