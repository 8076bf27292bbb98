"""What the command line of the tests can say."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does; what must be quick has tests of its own.
settings.register_profile("tallyback", deadline=None)
settings.load_profile("tallyback")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=3, metavar="N", help="how often a server under load is killed")
    parser.addoption("--stopped", type=float, default=5, metavar="S", help="how long a server is stopped as in a sleep")
    parser.addoption("--offline", type=int, default=300, metavar="N", help="how many relays wait while offline")
    parser.addoption("--power-losses", type=int, default=20, metavar="N", help="how often the power goes under load")
    parser.addoption("--agents", type=int, default=3000, metavar="N", help="how many random user agents are read")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long on request may take longer than a test otherwise may."""
    longer = {
        "kills": 15 * config.getoption("--kills"),
        "stopped": config.getoption("--stopped"),
        "offline": config.getoption("--offline") / 10,
        "power_losses": config.getoption("--power-losses"),
        "how_many_agents": config.getoption("--agents") / 1000,
    }
    for item in items:
        more = sum(longer[name] for name in longer.keys() & set(getattr(item, "fixturenames", ())))
        if more:
            item.add_marker(pytest.mark.timeout(120 + more))
