"""The view keeps within a terminal, and draws over itself without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from server.demo import live
from server.demo.ad_network import AdNetwork
from server.demo.ink import Ink
from server.demo.live import WIDTH, Lines, Nothing, Scene, Table, frame, view_on
from server.demo.parties import SOURCES
from server.domain.outcome import Outcome
from tests.demo.test_ink import Terminal

COLOUR = {"TERM": "xterm"}
TOTALS = {
    "clicks": 60_000,
    "conversions": 30_000,
    "pending": 1200,
    "without_rate": 999,
    "reversed": 2345,
    "cost": "2823.4512",
    "revenue": "1234567.89",
    "pending_revenue": "54321.99",
}


def bare(line: str) -> str:
    return re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", line).strip("\r\n")


@pytest.fixture
def scene(world) -> Iterator[Scene]:
    ledger = world.ledger
    ledger.planned.update(dict.fromkeys(Outcome, 12_345))
    ledger.answered.update(dict.fromkeys(Outcome, 12_344))
    ledger.to_tell["popwave"] = 12_345
    ledger.skipped["popwave"] = 12_345
    with ExitStack() as stack:
        ad_networks = {source.key: stack.enter_context(AdNetwork(source)) for source in SOURCES}
        yield Scene("running", 12.0, 20.0, ledger, ad_networks, TOTALS)


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(live, "_fits", lambda: True)


def test_no_line_is_wider_than_the_view(scene):
    for line in frame(scene, Ink(Terminal(), COLOUR)):
        assert len(bare(line)) <= WIDTH, line


def test_it_fits_a_terminal_of_24_lines(scene):
    assert len(list(frame(scene, Ink(Terminal(), COLOUR)))) < 24


def test_every_outcome_that_can_happen_has_its_place(scene):
    text = "\n".join(map(bare, frame(scene, Ink(Terminal(), COLOUR))))
    assert all(re.search(rf"\b{outcome}\b", text) for outcome in Outcome if outcome is not Outcome.TEST)


def test_a_count_that_is_not_as_planned_is_red(scene):
    assert any("\x1b[31m" in line for line in frame(scene, Ink(Terminal(), COLOUR)))


def test_the_table_is_drawn_over_itself_and_gone_in_the_end(scene, large):
    terminal = Terminal()
    table = view_on(terminal, Ink(terminal, COLOUR))
    assert isinstance(table, Table)
    table.show(scene)
    height = terminal.getvalue().count("\n")
    table.show(scene)
    table.close()
    assert terminal.getvalue().count(f"\x1b[{height}A") == 2
    assert terminal.getvalue().endswith("\x1b[J\x1b[?25h")


def test_a_window_that_was_made_small_is_left_alone(scene, monkeypatch):
    monkeypatch.setattr(live, "_fits", lambda: False)
    terminal = Terminal()
    Table(terminal, Ink(terminal, COLOUR)).show(scene)
    assert not terminal.getvalue()


def test_elsewhere_a_line_now_and_then(scene, monkeypatch):
    stream = Terminal()
    lines = view_on(stream, Ink(stream, {"TERM": "dumb"}))
    assert isinstance(lines, Lines)
    for _ in range(5):
        lines.show(scene)
    lines.close()
    assert stream.getvalue().count("\n") == 1
    assert "revenue 1,234,567.89 USD" in stream.getvalue()


def test_a_program_gets_nothing(scene, capsys):
    Nothing().show(scene)
    Nothing().close()
    assert capsys.readouterr() == ("", "")
