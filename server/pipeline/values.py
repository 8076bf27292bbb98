"""What the macros of a template stand for, given a click and, once there is one, its conversion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, literal, select, union_all

from server.clock import SECOND
from server.domain.click_id import key_time
from server.domain.moment import iso
from server.domain.money import format_money
from server.domain.rates import RateOf, converted, product, quotient
from server.domain.template import Values
from server.domain.things import Setup
from server.storage.tables import RateRow

Convert = Callable[[int, str, str], int | None]  # micros, from, to

_OF_CLICK = (
    *("external_id", "country", "device", "os", "browser", "ip", "user_agent"),
    *(f"sub{number}" for number in range(1, 21)),
)


class NoRate(Exception):
    """An amount was asked for in a currency to which no rate leads."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What the relay tells: the conversion as it was when the relay was owed."""

    id: int
    time: int
    status: str
    event: str | None
    txn_id: str | None
    payout: int
    currency: str
    sale_amount: int | None
    sale_currency: str | None
    network: str
    offer: str
    custom: Mapping[str, str | None]


_Said = Callable[[Mapping[str, Any], str, Setup], str | None]


def _offer(click: Mapping[str, Any], _click_id: str, setup: Setup) -> str | None:
    offer = setup.offer_by_id.get(click["offer_id"])
    return offer.key if offer else None


def _told(name: str) -> _Said:
    def told(click: Mapping[str, Any], _click_id: str, _setup: Setup) -> str | None:
        value: str | None = click[name]
        return value

    return told


_SAID_OF_CLICK: Mapping[str, _Said] = {
    "click_id": lambda _click, click_id, _setup: click_id,
    "click_time": lambda click, _click_id, _setup: str(key_time(click["id"]) // SECOND),
    "click_time_ms": lambda click, _click_id, _setup: str(key_time(click["id"])),
    "time": lambda click, _click_id, _setup: str(key_time(click["id"]) // SECOND),
    "time_ms": lambda click, _click_id, _setup: str(key_time(click["id"])),
    "time_iso": lambda click, _click_id, _setup: iso(key_time(click["id"])),
    "campaign": lambda click, _click_id, setup: setup.key_of_campaign.get(click["campaign_id"]),
    "source": lambda click, _click_id, setup: setup.key_of_source.get(click["source_id"]),
    "network": lambda click, _click_id, setup: setup.key_of_network.get(click["network_id"]),
    "landing": lambda click, _click_id, setup: setup.key_of_landing.get(click["landing_id"]),
    "offer": _offer,
    **{name: _told(name) for name in _OF_CLICK},
}


def of_click(click: Mapping[str, Any], click_id: str, setup: Setup) -> dict[str, str | None]:
    return {name: said(click, click_id, setup) for name, said in _SAID_OF_CLICK.items()}


def lookup_click(click: Mapping[str, Any], click_id: str, setup: Setup) -> Values:
    """As `of_click`, but only what is asked for is worked out: a visitor waits."""

    def look_up(name: str, _currency: str | None) -> str | None:
        said = _SAID_OF_CLICK.get(name)
        return said(click, click_id, setup) if said else None

    return look_up


def of_happening(happening: Happening) -> dict[str, str | None]:
    return {
        "conversion_id": str(happening.id),
        "status": happening.status,
        "event": happening.event,
        "txn_id": happening.txn_id,
        "payout": format_money(happening.payout),
        "currency": happening.currency,
        "sale_amount": format_money(happening.sale_amount) if happening.sale_amount is not None else None,
        "network": happening.network,
        "offer": happening.offer,
        **_moment(happening.time),
        **happening.custom,
    }


def lookup_converted(values: Mapping[str, str | None], happening: Happening, convert: Convert) -> Values:
    amounts = {
        "payout": (happening.payout, happening.currency),
        "sale_amount": (happening.sale_amount, happening.sale_currency),
    }

    def look_up(name: str, currency: str | None) -> str | None:
        micros, own = amounts.get(name, (None, None))
        if currency is None or micros is None or own is None or own == currency:
            return values.get(name)
        converted = convert(micros, own, currency)
        if converted is None:
            raise NoRate(f"{own} to {currency}")
        return format_money(converted)

    return look_up


def _latest(own: str, wanted: str, is_reverse: int) -> Any:
    latest = (
        select(RateRow.day, literal(is_reverse).label("is_reverse"), RateRow.rate)
        .where(RateRow.currency == bindparam(own), RateRow.base_currency == bindparam(wanted))
        .where(RateRow.day <= bindparam("day"))
        .order_by(RateRow.day.desc())
        .limit(1)
        .subquery()
    )
    return select(latest)


_EITHER_WAY = union_all(_latest("own", "wanted", 0), _latest("wanted", "own", 1))


class Rates:
    """The rates as one transaction sees them, each read once."""

    def __init__(self, connection: Connection, through: str | None = None) -> None:
        self._connection = connection
        self._through = through  # the currency over which two are crossed that have no rate to each other
        self._read: dict[tuple[str, str, str], Decimal | None] = {}

    def at(self, time: int) -> Convert:
        """By the latest rate of that day or before it, or the reverse of one."""
        rate_of = self.of(time)

        def convert(micros: int, own: str, wanted: str) -> int | None:
            if own == wanted:
                return micros
            rate = rate_of(own, wanted)
            return converted(micros, rate) if rate else None

        return convert

    def of(self, time: int) -> RateOf:
        def rate_of(own: str, wanted: str) -> Decimal | None:
            asked = (own, wanted, iso(time)[:10])
            if asked not in self._read:
                self._read[asked] = self._found(*asked)
            return self._read[asked]

        return rate_of

    def _found(self, own: str, wanted: str, day: str) -> Decimal | None:
        found = self._either_way(own, wanted, day)
        if found is not None or self._through in (None, own, wanted):
            return found
        first = self._either_way(own, str(self._through), day)
        second = self._either_way(str(self._through), wanted, day)
        return product(first, second) if first and second else None

    def _either_way(self, own: str, wanted: str, day: str) -> Decimal | None:
        """Of both ways the later; of two of one day, the one as it was written."""
        rows = self._connection.execute(_EITHER_WAY, {"own": own, "wanted": wanted, "day": day}).all()
        if not rows:
            return None
        _, is_reverse, rate = max(rows, key=lambda row: (row.day, -row.is_reverse))
        return quotient(Decimal(1), Decimal(rate)) if is_reverse else Decimal(rate)


def _moment(time: int) -> dict[str, str | None]:
    return {"time": str(time // SECOND), "time_ms": str(time), "time_iso": iso(time)}
