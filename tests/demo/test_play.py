"""The whole demo can fail: where the ledger or a source lies, the books do not balance."""

from __future__ import annotations

import argparse
from dataclasses import replace
from decimal import Decimal

import pytest

from server.cli import demo
from server.demo.ad_network import AdNetwork
from server.demo.ledger import Ledger
from server.demo.live import Nothing
from server.demo.play import Plan, play
from server.demo.server_process import ServerEnded, ServerProcess

CENT = Decimal("0.01")


def test_a_ledger_and_a_source_that_lie_by_a_cent_are_found_out(monkeypatch, capsys):
    enter, hear = Ledger.enter_click, AdNetwork.hear
    monkeypatch.setattr(Ledger, "enter_click", lambda self, click_id, cost: enter(self, click_id, cost + CENT))
    monkeypatch.setattr(
        AdNetwork, "hear", lambda self, key, told: hear(self, key, replace(told, amount=told.amount + CENT))
    )
    asked = argparse.Namespace(length="1s", rate=15, seed=5, keep=None, json=False, data=None, database=None)
    assert demo.COMMAND.run(asked) == 1
    printed = capsys.readouterr().out
    assert "The books do not balance" in printed
    assert "(seed 5)" in printed
    wrong = [line for line in printed.splitlines() if "✗" in line or "NO " in line]
    assert len(wrong) == 3, wrong  # the cost, the payouts told, the last word


def test_a_server_that_dies_ends_the_demo_with_a_word(monkeypatch):
    must_run = ServerProcess.must_run

    def killed(self: ServerProcess) -> None:
        self._process.kill()
        self._process.wait()
        must_run(self)

    monkeypatch.setattr(ServerProcess, "must_run", killed)
    with pytest.raises(ServerEnded, match="ended before the demo did"):
        play(Plan(5.0, 5, 1), Nothing())
