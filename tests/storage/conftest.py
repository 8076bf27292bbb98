"""Every test that takes a database runs twice: on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.storage.database import Database, open_database
from tests.storage import databases


@pytest.fixture(params=databases.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path) -> Iterator[str]:
    with databases.empty(kind, tmp_path) as url:
        yield url


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of one that is a test's own, to be opened again or to be spoilt."""
    with databases.migrated(kind, tmp_path) as url:
        yield url


@pytest.fixture
def own_database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def database(kind: str) -> Database:
    return databases.without_rows(kind)
