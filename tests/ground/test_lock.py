"""The lock: one version of every package, known by its hashes, wherever it is fetched from."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKED = (ROOT / "packaging" / "requirements.lock").read_text()
ENTRIES = [entry for entry in re.split(r"\n(?=\S)", LOCKED) if not entry.startswith("#")]


def test_every_package_is_locked_to_one_version_by_its_hashes() -> None:
    assert len(ENTRIES) > 40
    for entry in ENTRIES:
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; .+)? \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_names_no_machine() -> None:
    for trace in ("://", "--index", "--extra-index", "--find-links", " @ ", "/tmp", "/home", "/root", "\\Users"):
        assert trace not in LOCKED


def test_the_lock_answers_what_the_project_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    versions = {name.lower(): version for name, version in re.findall(r"^([\w-]+)==([\w.]+)", LOCKED, re.MULTILINE)}
    for requirement in map(Requirement, asked):
        version = versions.get(requirement.name.lower())
        assert version is not None, f"{requirement.name} is not locked: packaging/lock.sh"
        assert requirement.specifier.contains(version), f"{requirement} is locked to {version}: packaging/lock.sh"
