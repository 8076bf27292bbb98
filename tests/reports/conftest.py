"""Reports are asked of books on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.world import World, small_setup, world_on
from tests.reports.small_books import two_zones
from tests.storage import databases


@pytest.fixture(params=databases.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_world(kind: str, tmp_path: Path) -> World:
    return world_on(databases.without_rows(kind), tmp_path)


@pytest.fixture
def world(empty_world: World) -> World:
    empty_world.apply(small_setup())
    return empty_world


@pytest.fixture
def books(world: World) -> World:
    return two_zones(world)
