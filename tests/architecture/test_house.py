"""The house rules that no linter knows: sizes, words at the door, time, transactions, and what lies in the root."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from server.cli.main import NAMES
from server.storage.migrations import KNOWN
from server.storage.migrations.run import config

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
IN_ROOT = {
    *("app", "packaging", "resources", "server", "tests"),
    *("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "pyproject.toml", "run.py"),
}
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
STARTED_NOT_IMPORTED = {"server.__main__", "server.storage.migrations.env"}
OF_ONE_MACHINE = re.compile(
    r"/(?:home|Users|root|work|tmp)/|[A-Z]:\\Users|(?:pypi|pythonhosted|npmjs|ghcr|docker)\.(?:org|com|io)",
    re.IGNORECASE,
)


def python_files(*packages: str) -> list[Path]:
    """Our own source; a migration is a record of what once was done, and is left as it is."""
    found = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    return [file for file in found if file.parent.name != "versions"]


def tracked() -> list[str]:
    """The files that git knows and that are here."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if (ROOT / name).is_file()]


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


def nodes(files: list[Path]) -> Iterator[tuple[str, ast.AST]]:
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            yield f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


# -- source ------------------------------------------------------------------------------------------------------------


def test_the_server_runs_where_there_is_no_qt() -> None:
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in python_files("server")]
    modules = [name.removesuffix(".__init__") for name in names if name not in STARTED_NOT_IMPORTED]
    program = (
        "import sys, importlib\n"
        "sys.modules.update(dict.fromkeys(['PySide6', 'shiboken6', 'app']))\n"
        "for name in sys.argv[1:]: importlib.import_module(name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *modules], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_module_says_in_one_line_what_it_is() -> None:
    for file in python_files("app", "server"):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        first = docstring.split("\n\n")[0]
        assert first, f"{file.relative_to(ROOT)} has no docstring"
        assert "\n" not in first, f"{file.relative_to(ROOT)}: the first sentence of the docstring takes one line"


def test_no_file_is_longer_than_a_few_screens() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in python_files("app", "server")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{where} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for where, node in nodes(python_files("app", "server"))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_nobody_commits_by_hand() -> None:
    """A transaction ends where its `with` ends."""
    assert lines_with(r"\.commit\(\)", python_files("app", "server")) == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = r"datetime\.(?:now|utcnow|today)\b|date\.today\b|\btime\.time(?:_ns)?\("
    files = [file for file in python_files("server") if file != ROOT / "server" / "clock.py"]
    assert lines_with(asking, files) == []


def test_no_assert_decides_anything() -> None:
    """Python may run without them."""
    assert [where for where, node in nodes(python_files("server")) if isinstance(node, ast.Assert)] == []


def test_the_domain_imports_only_itself_its_errors_the_clock_and_the_standard_library() -> None:
    allowed = re.compile(r"server\.(?:domain|errors|clock)\b")
    for where, node in nodes(python_files("server/domain")):
        match node:
            case ast.Import(names=names):
                imported = [alias.name for alias in names]
            case ast.ImportFrom(module=module):
                imported = [module or ""]
            case _:
                continue
        foreign = [n for n in imported if n.split(".")[0] not in sys.stdlib_module_names and not allowed.match(n)]
        assert foreign == [], where


# -- tables ------------------------------------------------------------------------------------------------------------


def test_every_migration_is_known_by_its_number_and_in_order() -> None:
    """That they lead to the tables of the models, tests/storage/test_database.py holds on both databases."""
    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == KNOWN


# -- the folder --------------------------------------------------------------------------------------------------------


def test_the_root_holds_only_what_belongs_there() -> None:
    top = {name.split("/")[0] for name in tracked()}
    assert {name for name in top - IN_ROOT if not name.startswith(".")} == set()


def test_no_folder_shadows_a_library_or_another_test() -> None:
    assert [n for n in tracked() if n.startswith(("packaging/", "tests/")) and n.endswith("/__init__.py")] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    named = {
        f"{name}: {match[0]}"
        for name in tracked()
        if (match := OF_ONE_MACHINE.search((ROOT / name).read_text(encoding="utf-8", errors="replace")))
    }
    assert named == set()


# -- documents ---------------------------------------------------------------------------------------------------------


def commands_in(document: str) -> set[str]:
    """Every word after `tallyback`, the bars of `clicks|conversions` taken apart."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.findall(r"\btallyback ([a-z]+(?:\\?\|[a-z]+)*)", text)  # a bar within a table has a backslash before it
    return {word for words in found for word in re.split(r"\\?\|", words)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_commands_that_exist(document: str) -> None:
    assert commands_in(document) - set(NAMES) == set()


def test_the_readme_names_every_command() -> None:
    assert set(NAMES) - commands_in("README.md") == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_files_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:app|packaging|resources|server|tests)/[\w./*-]*\w", text))
    assert {name for name in named if not list(ROOT.glob(name))} == set()


def test_the_tour_of_the_readme_can_be_walked(tmp_path: Path) -> None:
    """Its file and its commands as they stand there, all but the server of the first terminal and the two requests."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "tour.toml").write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    lines = [
        line.partition("#")[0].split()[1:] for line in re.findall(r"^tallyback .* --data tour\b.*$", text, re.MULTILINE)
    ]
    walked = [words for words in lines if words[0] != "serve" and "CLICK_ID" not in words]
    assert [words[0] for words in walked] == ["apply", "links", "test", "report"]
    for words in walked:
        command = [sys.executable, "-m", "server", *words]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
