"""Money: exact integers of a millionth of the unit, read from every style that networks send."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache
from typing import Literal, NamedTuple

from server.domain import currency

MICRO = 1_000_000
NumberStyle = Literal["1,234.50", "1.234,50"]

_MAX_DIGITS = 12
_DECIMALS = 6
_GROUPERS = "'’ \u00a0\u202f\u2009"
_NUMBER = re.compile(rf"(?a:\d*(?:[.,{_GROUPERS}]\d+)*[.,]?)")
_WORD = r"[A-Za-z]{3,5}"
_SIGN = "|".join(re.escape(sign) for sign in sorted([*currency.SIGNS, "$"], key=len, reverse=True))
_PLAIN = re.compile(
    rf"0\.[0-9]{{1,{_DECIMALS}}}|[0-9]{{1,{_MAX_DIGITS}}}(?:\.(?:[0-9]{{1,2}}|[0-9]{{4,{_DECIMALS}}}))?"
)
_AMOUNT = re.compile(
    rf"(?:(?P<minus1>[+\-−])\s*+)?(?:(?P<before>{_SIGN}|{_WORD})\s*+)?(?:(?P<minus2>[+\-−])\s*+)?"
    rf"(?P<number>(?a:[\d.,](?:[{_GROUPERS}]?[\d.,])*+))\s*+(?P<after>{_SIGN}|{_WORD})?"
)


class Amount(NamedTuple):
    """What an amount says: millionths, and the sign or word of a currency that stood beside it."""

    micros: int
    mark: str | None = None


def read_amount(text: str, style: NumberStyle | None = None) -> Amount | None:
    """None where the text is no number, or could be two different ones."""
    if _PLAIN.fullmatch(text):
        return Amount(to_micros(text))
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or (match["before"] and match["after"]) or (match["minus1"] and match["minus2"]):
        return None
    mark = match["before"] or match["after"]
    if mark and mark.isalpha() and mark not in currency.SIGNS and not (mark.isupper() or currency.known(mark)):
        return None
    micros = read_number(match["number"], style)
    if micros is None:
        return None
    return Amount(-micros if (match["minus1"] or match["minus2"]) in ("-", "−") else micros, mark)


def read_number(text: str, style: NumberStyle | None = None) -> int | None:
    if not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        return None
    split = _split_decimals(text, style)
    if split is None:
        return None
    whole, decimals = split
    whole = whole.lstrip("0")
    return None if len(whole) > _MAX_DIGITS else to_micros(f"{whole or '0'}.{decimals or '0'}")


def to_micros(number: str) -> int:
    whole, _, decimals = number.partition(".")
    if len(decimals) <= _DECIMALS and whole.isdecimal():
        return int(whole) * MICRO + int(decimals.ljust(_DECIMALS, "0"))
    with localcontext() as context:
        context.prec = len(number) + 10
        return int((Decimal(number) * MICRO).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@lru_cache(maxsize=1024)  # prices repeat, and each sale is told in words
def format_money(micros: int) -> str:
    """Decimal text with two decimals at least and no more than the amount has: 79.00, 0.00035."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICRO)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"


def share_of(micros: int, share: int) -> int:
    """A share, itself in millionths, of an amount; half to even."""
    quotient, rest = divmod(micros * share, MICRO)
    half = MICRO // 2
    return quotient + (rest > half or (rest == half and quotient % 2 == 1))


def read_share(text: str) -> int | None:
    """`30%` as millionths of the whole."""
    text = text.strip()
    if not text.endswith("%") or (micros := read_number(text[:-1].strip())) is None:
        return None
    return micros // 100


def format_share(share: int) -> str:
    return format_money(share * 100).removesuffix(".00") + "%"


def _split_decimals(text: str, style: NumberStyle | None) -> tuple[str, str] | None:
    """The digits before and after the decimal separator, groups checked; None where that is anybody's guess."""
    marks = [c for c in text if not c.isdigit()]
    decimal = _decimal_mark(text, marks, style)
    if decimal is None:
        return None
    whole, _, decimals = text.rpartition(decimal) if decimal else (text, "", "")
    group_marks = {c for c in whole if not c.isdigit()}
    if len(group_marks) > 1 or decimal in group_marks or not (decimals or "0").isdigit():
        return None
    if group_marks:
        first, *groups = whole.split(group_marks.pop())
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
        whole = first + "".join(groups)
    return whole, decimals


def _decimal_mark(text: str, marks: list[str], style: NumberStyle | None) -> str | None:
    """The mark that separates decimals, "" where there are none, None where it could be either."""
    points = [mark for mark in marks if mark in ".,"]
    if not points:
        return ""
    last = points[-1]
    if len(points) > 1:
        return "" if points.count(last) == len(points) else last
    before, after = text.split(last)
    is_ambiguous = len(after) == 3 and 1 <= len(before) <= 3 and before != "0" and before.isdigit()
    if not is_ambiguous:
        return last
    if style is None:
        return None
    return last if last == style[-3] else ""
