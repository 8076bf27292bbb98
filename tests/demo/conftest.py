"""What the tests of the demo share: a case for a story, and a small world in which everything is counted rightly."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from server.demo import mishaps, reversals, sales
from server.demo.deck import Tell
from server.demo.findings import Findings, Heard
from server.demo.ledger import Ledger
from server.demo.parties import HARBOR, OFFERS, POPWAVE, SOCIALO, Source
from server.demo.story import Case, Postback
from server.relays.probe import Probe

CaseOf = Callable[..., Case]


@pytest.fixture
def case_of() -> CaseOf:
    def make(**changes: Any) -> Case:
        case = Case(
            click_id="1jm0kx2vr0000m6vargs1kg",
            clicked_at=1_795_000_000,
            network=HARBOR,
            offer=OFFERS["vpn"],
            price=Decimal("50.00"),
            part=Decimal("12.34"),
            txn_id="T1",
            taken_txn_id="T0",
            chance=random.Random(1),
        )
        return replace(case, **changes)

    return make


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe()
    yield probe
    probe.close()


@dataclass
class World:
    """The ledger, and what the sources and Tallyback would say if nothing went wrong."""

    ledger: Ledger
    heard: Heard
    found: Findings


@pytest.fixture
def world(case_of: CaseOf) -> World:
    ledger = Ledger()
    _told(ledger, case_of(click_id="a" * 23), sales.sale, POPWAVE, "p1")
    _told(ledger, case_of(click_id="b" * 23), reversals.refunded_in_part, SOCIALO, "s2")
    _told(ledger, case_of(click_id="c" * 23), sales.lead, SOCIALO, "s3")
    _told(ledger, case_of(click_id="d" * 23), sales.sale_in_euro, POPWAVE, None)
    _told(ledger, case_of(click_id="e" * 23), mishaps.long_after_the_click, POPWAVE, "p5")
    _told(ledger, case_of(click_id="f" * 23), mishaps.id_cut_short, POPWAVE, "p6")
    told = {f"key{number}": one for number, one in enumerate(ledger.owed.elements())}
    totals = {
        "clicks": 6,
        "cost": "0.06",
        "conversions": 4,
        "without_rate": 1,
        "revenue": "87.66",
        "pending_revenue": "50.00",  # 50.00, and 50.00 less 12.34
    }
    found = Findings(
        costs=dict(ledger.costs),
        totals=totals,
        bookings={click_id: list(bookings) for click_id, bookings in ledger.bookings.items()},
        outcomes=Counter({"accepted": 4, "updated": 1, "duplicate": 1, "late": 1, "click_id_damaged": 1}),
        warnings=Counter({"no_external_id": 1, "no_rate": 1}),
        relays=Counter({"delivered": 3, "skipped": 2}),
        keys=list(told),
        attempts=4,
        complaints=[],
    )
    return World(ledger, Heard(told, requests=4, refused=1, repeats=0, unheard=[]), found)


def _told(ledger: Ledger, case: Case, tell: Tell, source: Source, visitor: str | None) -> None:
    story = tell(case)
    ledger.enter_click(case.click_id, Decimal("0.0100"))
    ledger.enter_story(case.click_id, story, source, visitor)
    for postback in story.postbacks:
        ledger.enter_answer(postback, 200, answer_to(postback))


def answer_to(postback: Postback) -> str:
    return f"OK {postback.expects} 1"
