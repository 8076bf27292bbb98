"""The soak in small: it ends well where all is well, and says what is broken where it is not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from server.storage import dialect
from tests.faults import soak
from tests.faults.soak import Soak, soaked


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(soak, "LONGEST_START_S", 20.0)  # a busy machine must not fail a test of the books
    return []


def test_a_small_soak_ends_well(tmp_path: Path, told: list[str]) -> None:
    assert soaked(tmp_path, 1000, 80, told.append, restarts=2), told
    assert told[-1].startswith("1,000 clicks, 80 postbacks, 2 restarts")
    assert told[-1].endswith(": 0 promises broken")
    assert {line.split()[0] for line in told[:-1]} == {"kept"}


def change(found: Soak, statement: str) -> None:
    database = str(found.loop.folder / "tallyback.db")
    with closing(dialect.driver().connect(database, timeout=30, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount == 1


def lose_a_click(found: Soak) -> None:
    lost = found.books.clicked.index(1)
    change(found, f"UPDATE click SET external_id = '{lost + 1}' WHERE external_id = '{lost}'")


def lose_a_sale(found: Soak) -> None:
    change(found, "UPDATE conversion SET txn_id = 'other' WHERE txn_id = 't3'")


def send_one_too_often(found: Soak) -> None:
    found.ad.keys[next(iter(found.ad.keys))] += 5


def test_broken_promises_are_told(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check = Soak.check

    def broken(found: Soak) -> None:
        lose_a_click(found)
        lose_a_sale(found)
        send_one_too_often(found)
        check(found)

    monkeypatch.setattr(soak.Soak, "check", broken)
    assert not soaked(tmp_path, 200, 20, told.append, restarts=1)
    assert [line.split()[1] for line in told if line.startswith("BROKEN")] == ["clicks:", "sales:", "relays:"]
    assert told[-1].endswith(": 3 promises broken")
