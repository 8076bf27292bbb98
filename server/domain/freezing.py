"""What a conversion comes to in a base currency, by rates that stand once they were found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from server.domain.outcome import Warning
from server.domain.rates import RateOf, converted, written


class Own(NamedTuple):
    """The amounts of a conversion in their own currencies; without one they are in whatever base currency."""

    payout: int | None
    net: int
    currency: str | None
    cost: int | None
    cost_currency: str | None


class Frozen(NamedTuple):
    """The same in one base currency, and by which rates; at par there is none."""

    rate: str | None = None
    payout_base: int | None = None
    net_base: int | None = None
    cost_rate: str | None = None
    cost_base: int | None = None


def own_of(columns: Any) -> Own:
    """Of a row of the conversions."""
    return Own(columns.payout, columns.net, columns.currency, columns.cost, columns.cost_currency)


def frozen_of(columns: Any) -> Frozen:
    return Frozen(columns.rate, columns.payout_base, columns.net_base, columns.cost_rate, columns.cost_base)


def freeze(own: Own, base: str, rate_of: RateOf, before: Frozen = Frozen(), was: Own | None = None) -> Frozen:  # noqa: B008 - a value
    """A rate that was found stands as long as the amount is in the same currency."""
    was = was or own
    rate = _stands(own.currency, base, before.rate if was.currency == own.currency else None, rate_of)
    cost_rate = None
    if own.cost is not None:
        stood = before.cost_rate if was.cost_currency == own.cost_currency else None
        cost_rate = _stands(own.cost_currency, base, stood, rate_of)
    return Frozen(
        rate,
        _in_base(own.payout, own.currency, base, rate),
        _in_base(own.net, own.currency, base, rate),
        cost_rate,
        _in_base(own.cost, own.cost_currency, base, cost_rate),
    )


def in_every_base(own: Own, row: Any, rate_of: RateOf) -> dict[str, Any]:
    """The columns of a conversion that follow from its own amounts: in its base currency, and in the others it has."""
    was = own_of(row)
    others = {
        base: freeze(own, base, rate_of, Frozen(**kept), was)._asdict() for base, kept in (row.bases or {}).items()
    }
    return {**freeze(own, row.base_currency, rate_of, frozen_of(row), was)._asdict(), "bases": others or None}


def is_without_rate(own: Own, base: str, rate: str | None) -> bool:
    return own.currency not in (None, base) and rate is None


def with_remark(warnings: list[str], *, is_without_rate: bool) -> list[str]:
    """`no_rate` stands beside a conversion exactly as long as it lacks one."""
    others = [one for one in warnings if one != Warning.NO_RATE]
    if not is_without_rate:
        return others
    return warnings if len(others) < len(warnings) else [*warnings, Warning.NO_RATE.value]


def _stands(currency: str | None, base: str, stood: str | None, rate_of: RateOf) -> str | None:
    if currency is None or currency == base:
        return None
    if stood is not None:
        return stood
    found = rate_of(currency, base)
    return written(found) if found is not None else None


def _in_base(micros: int | None, currency: str | None, base: str, rate: str | None) -> int | None:
    if micros is None or currency is None or currency == base:
        return micros
    return converted(micros, Decimal(rate)) if rate is not None else None
