"""What the faults leave behind in figures: each test notes its own, and one closing line adds them up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Note = Callable[..., None]
_WORDS = {  # in the order of the line; a total of what the tests noted
    "kills": "kills",
    "acknowledged": "acknowledged",
    "lost": "lost",
    "attempts": "relay attempts",
    "repeated": "sent again after a kill",
    "unexplained": "sent twice without one",
    "flushed": "answers traced to their flush",
    "power_losses": "losses of power",
    "ways": "ways to private addresses",
    "canary_hits": "canary hits",
}


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills"))


@pytest.fixture
def stopped(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--stopped"))


@pytest.fixture
def offline(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--offline"))


@pytest.fixture
def power_losses(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--power-losses"))


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Note:
    """Numbers that are added up under their names, or a text that stands by itself."""

    def noted(**figures: Any) -> None:
        for name, figure in figures.items():
            record_property(f"figure {name}", figure)

    return noted


def pytest_terminal_summary(terminalreporter: Any) -> None:
    totals: dict[str, int] = {}
    texts: list[str] = []
    skipped: list[str] = []
    for report in (one for reports in terminalreporter.stats.values() for one in reports):
        if not str(getattr(report, "nodeid", "")).startswith("tests/faults/"):
            continue
        if getattr(report, "skipped", False) and isinstance(report.longrepr, tuple):
            skipped.append(f"{report.nodeid.partition('::')[2]} ({report.longrepr[2].removeprefix('Skipped: ')})")
        for title, figure in report.user_properties if getattr(report, "when", "") == "call" else ():
            _, is_ours, name = title.partition("figure ")
            if is_ours and name in _WORDS:
                totals[name] = totals.get(name, 0) + figure
            elif is_ours:
                texts.append(f"{name.replace('_', ' ')} {figure}")
    if not (totals or texts or skipped):
        return
    said = [f"{_WORDS[name]} {totals[name]:,}" for name in _WORDS if name in totals] + texts
    terminalreporter.section("faults")
    terminalreporter.write_line("; ".join((", ".join(said) or "no figures", f"skipped {len(skipped)}", *skipped)))
