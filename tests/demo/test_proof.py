"""The proof balances where everything was counted, and fails at the right line where anything was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from server.demo.proof import Books, prove

CENT = Decimal("0.01")


def books_of(world) -> Books:
    return prove(world.ledger, world.heard, world.found)


def wrong_lines(world) -> set[str]:
    return {line.name for line in books_of(world).lines if not line.is_balanced}


def test_what_was_counted_rightly_balances(world):
    books = books_of(world)
    assert books.is_balanced
    assert not books.differences
    figures = {line.name: line.got for line in books.lines}
    assert figures["revenue_by_conversions"] == Decimal("87.66")
    assert figures["reversed"] == Decimal("12.34")
    assert figures["revenue_in_euro"] == Decimal("50.00")
    assert figures["payouts_told"] == Decimal("137.66")  # 50.00, 50.00 and the 37.66 left of it


def totals(world, **changes) -> None:
    world.found = replace(world.found, totals={**world.found.totals, **changes})


def another_booking(world, click_id: str, **changes) -> None:
    (booking,) = world.found.bookings[click_id]
    world.found = replace(world.found, bookings={**world.found.bookings, click_id: [replace(booking, **changes)]})


def lost_click(world) -> None:
    world.found = replace(world.found, costs={k: v for k, v in world.found.costs.items() if k != "a" * 23})


def counted_check(world) -> None:
    world.found = replace(world.found, costs={**world.found.costs, "z" * 23: Decimal(0)})


def lost_postback(world) -> None:
    world.found = replace(world.found, outcomes=world.found.outcomes - Counter({"late": 1}))


def booked_twice(world) -> None:
    (booking,) = world.found.bookings["a" * 23]
    world.found = replace(world.found, bookings={**world.found.bookings, "a" * 23: [booking, booking]})


def lost_relay(world) -> None:
    world.heard = replace(world.heard, told={k: v for k, v in world.heard.told.items() if k != "key0"})


def another_payout_told(world) -> None:
    told = world.heard.told["key0"]
    world.heard = replace(world.heard, told={**world.heard.told, "key0": replace(told, amount=told.amount - CENT)})


def told_twice(world) -> None:
    world.heard = replace(world.heard, repeats=1, requests=5)


def left_open(world) -> None:
    world.found = replace(world.found, relays=Counter({"delivered": 2, "failed": 1, "skipped": 2}))


@pytest.mark.parametrize(
    ("falsify", "lines"),
    [
        (lost_click, {"click_ids"}),
        (counted_check, {"link_checks"}),
        (lambda world: totals(world, clicks=7), {"clicks"}),
        (lambda world: totals(world, cost="0.0601"), {"cost"}),
        (lambda world: totals(world, revenue="87.67"), {"revenue_by_report"}),
        (lambda world: totals(world, pending_revenue="49.99"), {"pending_revenue"}),
        (lambda world: totals(world, without_rate=0), {"without_rate"}),
        (lost_postback, {"late", "postbacks"}),
        (
            lambda world: another_booking(world, "b" * 23, net=Decimal("37.65")),
            {"revenue_by_conversions", "reversed"},
        ),
        (lambda world: another_booking(world, "d" * 23, net=Decimal(0)), {"revenue_in_euro"}),
        (lambda world: another_booking(world, "e" * 23, kept=None), {"kept_apart", "revenue_by_conversions"}),
        (booked_twice, {"revenue_by_conversions"}),
        (lost_relay, {"relays_told", "relays_keys", "payouts_told"}),
        (another_payout_told, {"payouts_told"}),
        (told_twice, {"relays_repeated", "attempts"}),
        (left_open, {"relays_delivered", "relays_open"}),
    ],
)
def test_each_falsehood_is_found_at_its_line(world, falsify: Callable[..., None], lines: set[str]):
    falsify(world)
    assert wrong_lines(world) == lines
    assert not books_of(world).is_balanced


def test_two_wrongs_that_add_up_to_a_right_are_still_found(world):
    """One conversion a cent too high, one a cent too low: every total balances, the books do not."""
    another_booking(world, "a" * 23, payout=Decimal("50.01"), net=Decimal("50.01"))
    another_booking(world, "b" * 23, payout=Decimal("49.99"), net=Decimal("37.65"))
    assert wrong_lines(world) == set()
    books = books_of(world)
    assert not books.is_balanced
    assert {difference[:29] for difference in books.differences} == {f"click {'a' * 23}", f"click {'b' * 23}"}


def test_a_source_told_of_the_wrong_visitor_is_named(world):
    told = world.heard.told["key0"]
    world.heard = replace(world.heard, told={**world.heard.told, "key0": replace(told, visitor="stranger")})
    books = books_of(world)
    assert not books.is_balanced
    assert any("stranger" in difference for difference in books.differences)


@pytest.mark.parametrize("where", ["surprises", "unheard", "complaints"])
def test_whatever_somebody_complained_of_unbalances_the_books(world, where):
    if where == "surprises":
        world.ledger.surprise("something odd")
    elif where == "unheard":
        world.heard = replace(world.heard, unheard=["something odd"])
    else:
        world.found = replace(world.found, complaints=["something odd"])
    books = books_of(world)
    assert not books.is_balanced
    assert "something odd" in books.differences[0]


def test_a_slip_that_nobody_planned_or_warned_of_is_seen(world):
    world.found = replace(world.found, warnings=Counter({"bad_value": 1}))
    assert wrong_lines(world) == {"warnings"}
