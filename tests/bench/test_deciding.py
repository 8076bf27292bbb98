"""The figures of a decision: each is there, and twenty paths are no other kind of work than one."""

from __future__ import annotations

import pytest

from tests.bench import deciding


def test_twenty_paths_are_decided_nearly_as_quickly_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deciding, "CLICKS", 100)
    costs = dict(deciding.figures())
    assert 0 < costs["the decision, one path"] < costs["the decision, 20 paths of 3 conditions"]
    assert costs["the decision, 20 paths of 3 conditions"] < 15 * costs["the decision, one path"]
    assert deciding.main([]) == 0
    assert capsys.readouterr().out.count("µs") == 3
