"""Caps: what each offer that has one took on the owner's day, and so which offers are full."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from server.clock import DAY, SECOND
from server.domain.choosing import Full
from server.domain.click_id import first_key
from server.domain.things import Offer, Setup
from server.storage.tables import ClickRow, ConversionRow, StepRow


class Day(NamedTuple):
    """From midnight to midnight in the owner's time zone."""

    start: int
    end: int


def day_of(now: int, zone_name: str) -> Day:
    zone = ZoneInfo(zone_name)
    midnight = datetime.fromtimestamp(now / SECOND, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    start, end = (int(one.timestamp() * SECOND) for one in (midnight, midnight + timedelta(days=1)))
    return Day(start, end)


def capped(setup: Setup) -> Collection[Offer]:
    return [offer for offer in setup.offers.values() if offer.cap is not None]


def full_now(connection: Connection, setup: Setup, now: int) -> Full:
    """As the database has it."""
    offers, day = capped(setup), day_of(now, setup.owner.timezone)
    if not offers:
        return frozenset()
    clicks, conversions = clicks_of(connection, offers, day), conversions_of(connection, offers, day)
    return frozenset(offer.key for offer in offers if _is_full(offer, clicks, conversions))


def clicks_of(connection: Connection, offers: Collection[Offer], day: Day) -> Counter[int]:
    """How many visitors went to each offer, straight or from a landing page; tests take no place."""
    ids = [offer.id for offer in offers if offer.cap and offer.cap.clicks is not None]
    if not ids:
        return Counter()
    straight = select(ClickRow.offer_id, func.count()).where(
        ClickRow.id >= first_key(day.start), ClickRow.offer_id.in_(ids), ClickRow.test_echo.is_(None)
    )
    steps = (
        select(StepRow.offer_id, func.count())
        .join(ClickRow, ClickRow.id == StepRow.click_id)
        .where(StepRow.click_id >= first_key(day.start - DAY), StepRow.time >= day.start)
        .where(StepRow.offer_id.in_(ids), ClickRow.test_echo.is_(None))
    )
    found = Counter(_by_offer(connection, straight.group_by(ClickRow.offer_id)))
    found.update(_by_offer(connection, steps.group_by(StepRow.offer_id)))
    return found


def conversions_of(connection: Connection, offers: Collection[Offer], day: Day) -> Counter[int]:
    """How many conversions of each offer first came today; what is kept without being counted takes no place."""
    ids = [offer.id for offer in offers if offer.cap and offer.cap.conversions is not None]
    if not ids:
        return Counter()
    query = select(ConversionRow.offer_id, func.count()).where(
        ConversionRow.time >= day.start,
        ConversionRow.offer_id.in_(ids),
        ConversionRow.kept.is_(None),
        ConversionRow.is_test.is_(False),
    )
    return Counter(_by_offer(connection, query.group_by(ConversionRow.offer_id)))


class Caps:
    """The same in memory, for a server: counted on with each click, counted anew off the clicks' way."""

    def __init__(self) -> None:
        self.is_stale = threading.Event()  # what is known is of another day or setup
        self._lock = threading.Lock()
        self._setup: Setup | None = None
        self._offers: Collection[Offer] = ()
        self._day = Day(0, 0)
        self._clicks: Counter[int] = Counter()
        self._conversions: Counter[int] = Counter()
        self._full: set[str] = set()

    def full(self, setup: Setup, now: int) -> Full:
        """One set that goes on being true, for a batch that decides many clicks on it."""
        if setup is not self._setup or not self._day.start <= now < self._day.end:
            self._begin(setup, now)
        return self._full

    def took(self, offer_id: int | None) -> None:
        """A visitor is on his way to this offer."""
        if self._offers and offer_id is not None:
            with self._lock:
                self._clicks[offer_id] += 1
                self._judge([offer for offer in self._offers if offer.id == offer_id])

    def recount(self, connection: Connection, setup: Setup, now: int, *, with_clicks: bool) -> None:
        """From the database. A click that is not committed yet was counted before: so clicks never become fewer."""
        self.full(setup, now)
        offers, day = self._offers, self._day
        conversions = conversions_of(connection, offers, day)
        clicks = clicks_of(connection, offers, day) if with_clicks else Counter[int]()
        with self._lock:
            if day == self._day:
                self._conversions = conversions
                self._clicks |= clicks
                self._judge(self._offers)

    @property
    def is_needed(self) -> bool:
        return bool(self._offers)

    def _begin(self, setup: Setup, now: int) -> None:
        with self._lock:
            day = day_of(now, setup.owner.timezone)
            if day != self._day:
                self._clicks, self._conversions = Counter(), Counter()
            self._setup, self._day, self._offers = setup, day, capped(setup)
            self._full.intersection_update(offer.key for offer in self._offers)
            self._judge(self._offers)
        self.is_stale.set()

    def _judge(self, offers: Collection[Offer]) -> None:
        for offer in offers:
            if _is_full(offer, self._clicks, self._conversions):
                self._full.add(offer.key)
            else:
                self._full.discard(offer.key)


def _is_full(offer: Offer, clicks: Counter[int], conversions: Counter[int]) -> bool:
    cap = offer.cap
    if cap is None:
        return False
    of_clicks = cap.clicks is not None and clicks[offer.id] >= cap.clicks
    return of_clicks or (cap.conversions is not None and conversions[offer.id] >= cap.conversions)


def _by_offer(connection: Connection, query: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(query)}
