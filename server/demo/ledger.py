"""The demo's own books: what was sent and what it should come to, kept beside the product and never asking it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from server.demo.parties import Source
from server.demo.story import Booking, Postback, Story
from server.domain.outcome import Outcome

MOST_SURPRISES = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What one relay says to a source."""

    source: str
    visitor: str
    status: str
    amount: Decimal
    currency: str


@dataclass
class Ledger:
    """Written by the visitors and the networks at once; read by the view and, in the end, by the proof."""

    costs: dict[str, Decimal] = field(default_factory=dict)  # by click id
    checks: int = 0  # HEAD requests of link checkers, which are no clicks
    bookings: dict[str, tuple[Booking, ...]] = field(default_factory=dict)  # by click id
    owed: Counter[Told] = field(default_factory=Counter)
    to_tell: Counter[str] = field(default_factory=Counter)  # the same, by source
    skipped: Counter[str] = field(default_factory=Counter)  # by source: relays that it does not want, or cannot place
    planned: Counter[Outcome] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    most_told_of: str = ""  # the click with the longest story
    _longest: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter_click(self, click_id: str, cost: Decimal) -> None:
        with self._lock:
            self.costs[click_id] = cost

    def enter_check(self) -> None:
        with self._lock:
            self.checks += 1

    def enter_story(self, click_id: str, story: Story, source: Source, visitor: str | None) -> None:
        """`visitor` is the source's id of the click: without one it cannot be told."""
        with self._lock:
            if story.bookings:
                self.bookings[click_id] = story.bookings
            if len(story.postbacks) > self._longest and visitor:
                self._longest, self.most_told_of = len(story.postbacks), click_id
            for booking in story.bookings:
                for status, amount in booking.owes:
                    if visitor and status in source.relayed:
                        self.owed[Told(source.key, visitor, status.value, amount, booking.currency)] += 1
                        self.to_tell[source.key] += 1
                    else:
                        self.skipped[source.key] += 1

    def enter_answer(self, postback: Postback, status: int, text: str) -> None:
        outcome = _outcome_of(text)
        is_planned = outcome == postback.expects and status == (403 if outcome == "unauthorised" else 200)
        with self._lock:
            self.planned[postback.expects] += 1
            self.answered[outcome] += 1
            self.warned.update(warning.value for warning in postback.warns)
        if not is_planned:
            self.surprise(
                f"{postback.network.key}, {dict(postback.says)}: expected {postback.expects}, got {text[:60]}"
            )

    def surprise(self, what: str) -> None:
        with self._lock:
            if len(self.surprises) < MOST_SURPRISES:
                self.surprises.append(what)

    @property
    def counted(self) -> list[Booking]:
        return [booking for bookings in self.bookings.values() for booking in bookings if booking.kept is None]

    @property
    def kept(self) -> list[Booking]:
        return [booking for bookings in self.bookings.values() for booking in bookings if booking.kept is not None]


def _outcome_of(text: str) -> str:
    """`OK accepted 12`, `STORED click_id_damaged`."""
    words = text.split()
    return words[1] if len(words) > 1 and words[0] in ("OK", "STORED") else "no answer"
