"""What clicks and conversions cost in the base currency, as SQL: by themselves, or by the correction that holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, case, false, literal_column, null, true

from server.domain.costing import Correction, Spread, Stretch, stretches
from server.storage import bases
from server.storage.tables import ClickRow, ConversionRow

Said = Callable[[Correction], Any]


class Cost(NamedTuple):
    amount: Any  # NULL where there is none, or none in this currency
    lacks_rate: Any  # whether there is one, but none in this currency


def of_clicks(corrections: Sequence[Correction], base: str) -> Cost:
    of_base = bases.cost_of_click(base)
    lacks = and_(ClickRow.cost.is_not(None), of_base.is_(None))
    return Cost(
        corrected(corrections, of_base, lambda one: part(one.spread_in(base))),
        corrected(corrections, lacks, lambda one: true() if one.spread_in(base) is None else false()),
    )


def of_conversions(corrections: Sequence[Correction], base: str) -> Cost:
    """Of clicks whose bill came later, they cost nothing beside it."""
    of_base = bases.cost_of_conversion(base)
    lacks = and_(ConversionRow.cost.is_not(None), of_base.is_(None))
    return Cost(
        corrected(corrections, of_base, lambda _one: _number(0)), corrected(corrections, lacks, lambda _one: false())
    )


def part(spread: Spread | None) -> Any:
    if spread is None:
        return null()
    whole = _number(spread.part)
    return whole + case((ClickRow.id < _number(spread.more_before), 1), else_=0) if spread.more_before else whole


def corrected(corrections: Iterable[Correction], own: Any, said: Said) -> Any:
    """Of each click what its latest correction says, else its own; found by halves, for each day may have one."""
    by_campaign = groupby(sorted(corrections, key=_campaign), key=_campaign)
    branches = [(ClickRow.campaign_id == number, _halved(stretches(some), own, said)) for number, some in by_campaign]
    return case((ClickRow.test_echo.is_not(None), own), *branches, else_=own) if branches else own


def ends(corrections: Iterable[Correction]) -> Sequence[int]:
    """The keys at which one begins or ends."""
    return sorted({key for one in corrections for key in (one.span.first_key, one.span.end_key)})


def _halved(some: Sequence[Stretch], own: Any, said: Said) -> Any:
    if len(some) == 1:
        return _layered(some[0].layers, own, said)
    middle = len(some) // 2
    before, after = _halved(some[:middle], own, said), _halved(some[middle:], own, said)
    return case((ClickRow.id < _number(some[middle].first_key), before), else_=after)


def _layered(layers: Sequence[Correction], own: Any, said: Said) -> Any:
    """At most the last of the layers is of all clicks."""
    whens = []
    for correction in layers:
        subs = [getattr(ClickRow, name) == value for name, value in correction.span.where.items()]
        if subs:
            whens.append((and_(*subs), said(correction)))
        else:
            own = said(correction)
    return case(*whens, else_=own) if whens else own


def _number(number: int) -> Any:
    """Written out: our own numbers, of which there may be more than a statement has places for."""
    return literal_column(str(number), BigInteger)


def _campaign(correction: Correction) -> int:
    return correction.span.campaign_id
