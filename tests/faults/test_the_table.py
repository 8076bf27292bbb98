"""The table of faults in README.md names every fault, and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE / "README.md").read_text(encoding="utf-8")


def test_every_fault_has_its_line() -> None:
    assert re.findall(r"^\| F(\d+) ", TABLE, re.MULTILINE) == [str(number) for number in range(1, 41)]


def test_every_test_that_it_names_is_there() -> None:
    named = re.findall(r"`([\w./]+\.py)(?:::(\w+))?`", TABLE)
    assert len(named) >= 39
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (HERE / file).exists() or (test and f"def {test}(" not in (HERE / file).read_text(encoding="utf-8"))
    ]
    assert missing == []
