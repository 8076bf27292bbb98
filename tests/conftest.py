"""What the command line of the tests can say."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=3, metavar="N", help="how often a server under load is killed")
