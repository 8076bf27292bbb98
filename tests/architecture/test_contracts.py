"""The arrows of the house: the contracts of pyproject.toml hold, and each of them would notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"

# A contract, and what breaks it: lines that are added to files, some of them new.
CANARIES = [
    ("server is free of app and Qt", {"server/relays/echo.py": "import PySide6"}),
    ("server is free of app and Qt", {"server/api/status.py": "import app.figures"}),
    ("server layers", {"server/storage/writer.py": "import server.pipeline.outbox"}),
    ("server layers", {"server/web/visit.py": "import server.worker"}),
    ("server layers", {"server/without_a_floor.py": ""}),
    ("one straight line", {"server/pipeline/conversion.py": "import server.pipeline.attribution"}),
    ("one straight line", {"server/pipeline/click.py": "import server.pipeline.outbox"}),
    ("one straight line", {"server/pipeline/without_a_place.py": ""}),
    ("one door for the app", {"app/figures.py": "import server.storage.tables"}),
    ("commands go through the api", {"server/cli/links.py": "import server.storage.specs"}),
    ("domain does no I/O", {"server/domain/money.py": "import sqlalchemy"}),
    ("domain does no I/O", {"server/domain/moment.py": "import time"}),
    ("Flask and Waitress live in web", {"server/api/serving.py": "import waitress"}),
    ("Flask and Waitress live in web", {"server/evidence/explain.py": "from werkzeug.urls import iri_to_uri"}),
    ("httpx lives in relays", {"server/pipeline/relay.py": "import httpx"}),
    ("SQL stays on its side", {"server/setup/build.py": "import sqlalchemy"}),
    (
        "pages are islands",
        {"app/pages/planted/__init__.py": "", "app/pages/planted/page.py": "import app.pages.clicks"},
    ),
    ("no sibling cycles", {"app/chicken.py": "import app.egg", "app/egg.py": "import app.chicken"}),
]


def broken_contracts(folder: Path) -> set[str]:
    """What import-linter names as broken in a folder; bad wiring of the contracts themselves fails here."""
    said = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": "", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", said.stdout, re.MULTILINE))
    assert list(verdicts) == CONTRACTS, said.stdout + said.stderr
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_every_contract_is_kept() -> None:
    assert broken_contracts(ROOT) == set()


def test_every_contract_has_a_canary() -> None:
    assert {contract for contract, _ in CANARIES} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "planted"), CANARIES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_planted_import_breaks_the_contract(contract: str, planted: dict[str, str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("app", "server"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, line in planted.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as text:
            text.write(f"\n{line}\n")
    assert contract in broken_contracts(tmp_path)
