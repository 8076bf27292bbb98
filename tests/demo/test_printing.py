"""The books are printed with both figures on each line, and say what is wrong."""

from __future__ import annotations

import io
from pathlib import Path

from server.demo.ink import Ink
from server.demo.play import Ending, Plan
from server.demo.printing import books_json, books_text
from server.demo.proof import prove

PLAN = Plan(3.0, 15, 42)


def ending_of(world) -> Ending:
    return Ending(prove(world.ledger, world.heard, world.found), world.ledger.most_told_of)


def text_of(world, plan: Plan = PLAN) -> str:
    return "\n".join(books_text(ending_of(world), plan, Ink(io.StringIO(), {})))


def test_books_that_balance(world):
    text = text_of(world)
    assert "The books balance." in text
    assert "revenue, by the report" in text
    assert all(len(line) < 80 for line in text.splitlines())


def test_books_that_do_not_say_where_and_with_which_seed(world):
    world.ledger.costs["b" * 23] += 1
    text = text_of(world)
    assert "The books do not balance: 1 line differs (seed 42)." in text
    assert f"click {'b' * 23}: cost 1.0100, recorded 0.0100" in text


def test_kept_data_comes_with_the_command_that_shows_it(world):
    text = text_of(world, Plan(3.0, 15, 42, Path("/srv/a b")))
    assert text.endswith(f'tallyback evidence {"b" * 23} --data "/srv/a b"')


def test_for_programs_money_is_decimal_text(world):
    books = books_json(ending_of(world), PLAN)
    assert books["balanced"] is True
    assert books["books"]["revenue_by_report"] == {"section": "Conversions", "sent": "87.66", "counted": "87.66"}
    assert books["books"]["cost"]["sent"] == "0.06"
    assert books["books"]["clicks"]["counted"] == 6
    assert (books["seed"], books["data"], books["differences"]) == (42, None, [])
