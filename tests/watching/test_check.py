"""`tallyback check` finds each fault that can be planted, names it, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.api import open_files
from server.api.check import Finding, check
from server.api.data import open_data
from server.api.setup import apply
from server.setup.document import read_document
from server.storage.database import open_database
from server.storage.spool import Spool
from tests.loop import Loop, running
from tests.pipeline.world import NOON, World, small_setup, world_on
from tests.storage import databases

LATER = NOON + 3_600_000


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clicks, receipts, conversions, relays and an empty spool; to be copied."""
    folder = tmp_path_factory.mktemp("sound") / "data"
    with open_data(str(folder)) as data:
        fill(world_on(data.database, folder))
        spool = Spool(folder / "spool", hashlib.sha256(data.database.digest_key).digest())
        spool.open()
        spool.close()
    for file in folder.iterdir():
        file.chmod(0o600)
    return folder


def fill(world: World) -> None:
    apply(world.data, read_document(small_setup(), "setup.toml"))
    for number in range(8):
        click = world.click(sub1=f"s{number}")
        world.post(click, payout="10", txn_id=f"t{number}")
    world.post(click, status="refunded", txn_id="t7")
    world.post(click, click_id="nobody")
    world.deliver()


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data"))


def found(folder: Path, *, is_deep: bool = False) -> dict[str, Finding]:
    findings = list(check(str(folder), None, is_deep=is_deep, clock=lambda: LATER))
    return {finding.what: finding for finding in findings}


def troubles(folder: Path, *, is_deep: bool = False) -> dict[str, str]:
    return {what: finding.found for what, finding in found(folder, is_deep=is_deep).items() if not finding.ok}


@pytest.mark.parametrize("is_deep", [False, True])
def test_where_all_is_sound_it_says_so_and_what_it_looked_at(folder: Path, is_deep: bool) -> None:
    assert troubles(folder, is_deep=is_deep) == {}
    said = {what: finding.found for what, finding in found(folder).items()}
    assert said["conversions"].startswith("8 ")
    assert said["receipts"].startswith("9 ")
    assert said["click ids"].startswith("8 ")
    assert said["keys of relays"].startswith("9 ")


def statements(*lines: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "tallyback.db", isolation_level=None)) as database:
            for line in lines:
                database.execute(line)

    return plant


def bytes_at(share: float, raw: bytes) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        path = folder / "tallyback.db"
        with path.open("r+b") as file:
            file.seek(int(path.stat().st_size * share) // 4096 * 4096)
            file.write(raw)

    return plant


def rights(name: str, mode: int) -> Callable[[Path], None]:
    return lambda folder: (folder / name).chmod(mode)


def spool_of(name: str, raw: bytes) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        with (folder / name).open("r+b" if name == "spool" else "wb") as file:
            file.write(raw)
        (folder / name).chmod(0o600)

    return plant


def other_spool(folder: Path) -> None:
    (folder / "spool").unlink()
    spool = Spool(folder / "spool", b"somebody else's")
    spool.open()
    spool.close()


FAULTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "folder open": (rights(".", 0o755), "rights of files", "(0755)"),
    "database readable": (rights("tallyback.db", 0o640), "rights of files", "tallyback.db (0640)"),
    "spool readable": (rights("spool", 0o604), "rights of files", "spool (0604)"),
    "no version": (statements("DROP TABLE alembic_version"), "version of the tables", "no database of Tallyback"),
    "newer": (statements("UPDATE alembic_version SET version_num = '9999'"), "version of the tables", "9999, newer"),
    "older": (statements("UPDATE alembic_version SET version_num = '0001'"), "version of the tables", "before"),
    "index gone": (statements("DROP INDEX ix_relay_time"), "tables", "index ix_relay_time"),
    "table gone": (statements("DROP TABLE downtime"), "tables", "table downtime"),
    "column gone": (statements("ALTER TABLE click DROP COLUMN sub20"), "tables", "column click.sub20"),
    "orphan": (statements("UPDATE relay SET click_id = 77 WHERE id = 3"), "references", "relay 3 (no click)"),
    "setup": (
        statements("""UPDATE offer SET spec = '{"key": "keto", "url": 7}' WHERE key = 'keto'"""),
        "setup",
        "unknown key",
    ),
    "setup no json": (statements("UPDATE network SET spec = 'nonsense' WHERE key = 'maxi'"), "setup", "no Tallyback"),
    "net": (statements("UPDATE conversion SET net = net + 1 WHERE id = 2"), "conversions", "Conversion 2"),
    "status": (statements("UPDATE conversion SET status = 'rejected' WHERE id = 4"), "conversions", "Conversion 4"),
    "entry": (statements("UPDATE entry SET amount = 5 WHERE id = 1"), "conversions", "Conversion 1"),
    "entry nonsense": (statements("UPDATE entry SET status = 'sold' WHERE id = 1"), "conversions", "sold"),
    "receipt": (statements("DELETE FROM entry WHERE id = 9"), "receipts", "Postbacks 9"),
    "history": (statements("DELETE FROM entry WHERE id = 1"), "receipts", "Postbacks 1"),
    "entry of nobody": (statements("UPDATE entry SET postback_id = NULL WHERE id = 3"), "receipts", ""),
    "relay gone": (
        statements("DELETE FROM attempt WHERE relay_id = 5", "DELETE FROM relay WHERE id = 5"),
        "relays owed",
        "Conversions 5",
    ),
    "relay twice": (
        statements(
            "CREATE TEMP TABLE copied AS SELECT * FROM relay WHERE id = 2",
            "UPDATE copied SET id = 99, key = 'another'",
            "INSERT INTO relay SELECT * FROM copied",
        ),
        "relays owed",
        "2 owe the same relay twice",
    ),
    "relay key": (statements("UPDATE relay SET key = 'changed' WHERE id = 6"), "keys of relays", "relay 6"),
    "key changed": (
        statements(f"""UPDATE setting SET value = '"{"ab" * 32}"' WHERE name = 'click_id_key'"""),
        "click ids",
        "proves itself no more",
    ),
    "key gone": (statements("DELETE FROM setting WHERE name = 'click_id_key'"), "click ids", "missing"),
    "to come": (statements(f"UPDATE postback SET time = {LATER + 90_000} WHERE id = 9"), "time of the data", "to come"),
    "page": (bytes_at(0.5, b"\x5a" * 8192), "integrity", "tallyback.db"),
    "header": (bytes_at(0, b"\x00" * 100), "database", "tallyback.db cannot be read: file is not a database"),
    "spool torn": (spool_of("spool", b"\x00" * 4096), "spool", "spool cannot be read"),
    "spool of others": (other_spool, "spool", "belongs to other data"),
    "spool aside": (spool_of("spool.12ab34cd", b"x"), "spool", "spool.12ab34cd"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_named(folder: Path, name: str) -> None:
    plant, what, words = FAULTS[name]
    plant(folder)
    finding = found(folder)[what]
    assert not finding.ok
    assert words in finding.found
    assert finding.found.endswith(".")
    assert finding.remedy.endswith(".") or finding.remedy.startswith("chmod")


@pytest.mark.parametrize("at", [0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_page_of_noise_is_found_wherever_it_lies_or_all_of_the_data_is_still_right(folder: Path, at: float) -> None:
    with closing(sqlite3.connect(folder / "tallyback.db")) as database:
        before = list(database.iterdump())
    bytes_at(at, os.urandom(4096))(folder)
    if not troubles(folder, is_deep=True):
        with closing(sqlite3.connect(folder / "tallyback.db")) as database:
            assert list(database.iterdump()) == before


def test_a_clock_that_was_never_set_is_found(folder: Path) -> None:
    findings = {finding.what: finding for finding in check(str(folder), None, clock=lambda: 1_000)}
    assert "1970-01-01" in findings["clock"].found
    assert not findings["time of the data"].ok


def contents(folder: Path) -> dict[str, bytes]:
    """The log's index and an empty log are made by whoever looks first."""
    files = [file for file in folder.rglob("*") if not file.name.endswith("-shm")]
    return {str(file): file.read_bytes() for file in files if file.stat().st_size}


def test_it_changes_nothing_and_waits_for_nobody_who_writes(folder: Path) -> None:
    before = contents(folder)
    with closing(sqlite3.connect(folder / "tallyback.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        assert troubles(folder, is_deep=True) == {}
        database.execute("ROLLBACK")
    rights(".", 0o755)(folder)
    assert set(troubles(folder)) == {"rights of files"}
    assert folder.stat().st_mode & 0o777 == 0o755
    assert contents(folder) == before


def test_what_waits_in_the_spool_is_counted_and_taken_up_by_the_next_start(folder: Path) -> None:
    with closing(open_database(f"sqlite:///{folder / 'tallyback.db'}")) as database:
        spool = Spool(folder / "spool", hashlib.sha256(database.digest_key).digest())
    spool.open()
    spool.put([b"one", b"two", b"three"])
    spool.close()
    assert found(folder)["spool"] == Finding("spool", ok=True, found="3 records wait; the next start takes them up")


def test_beside_a_server_that_runs_it_says_the_same(tmp_path: Path) -> None:
    with running(tmp_path, small_setup()) as loop:
        for number in range(5):
            loop.get(f"/p/maxi?click_id={loop.click()}&payout={number}")
        loop.until((loop.folder / "stats.json").exists)
        said = loop.rows("check", "--deep")
        assert [one for one in said if not one["ok"]] == []
        assert {one["what"]: one["found"] for one in said}["receipts"].startswith("5 ")
        (loop.folder / "tallyback.log").chmod(0o644)
        done = loop.run("check", expect=1)
        assert "look here  rights of files" in done.stdout
        assert "tallyback.log (0644)" in done.stdout
        assert done.stdout.endswith("20 looked at, 1 to look into.\n")
        assert done.stderr == ""


def test_the_command_ends_with_1_where_something_is_wrong_and_with_0_where_nothing_is(folder: Path) -> None:
    loop = Loop(folder)
    bytes_at(0.5, b"\x5a" * 8192)(folder)
    lines = loop.run("check", "--json", expect=1).stdout.splitlines()
    assert any("tallyback.db" in json.loads(line)["found"] for line in lines if not json.loads(line)["ok"])
    assert loop.run("check", expect=1).stderr == ""


def test_without_a_folder_or_a_database_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    loop = Loop(tmp_path / "none")
    assert "There is no data folder here." in loop.run("check", expect=2).stderr
    loop.folder.mkdir()
    assert "There is no database here." in loop.run("check", expect=2).stderr
    assert list(loop.folder.iterdir()) == []


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    with databases.migrated("postgresql", tmp_path) as url:
        yield folder, url


def test_on_postgresql_the_same_books_are_looked_at(elsewhere: tuple[Path, str]) -> None:
    folder, url = elsewhere
    database = open_database(url)
    fill(world_on(database, folder))
    database.close()
    findings = {one.what: one for one in check(str(folder), url, is_deep=True, clock=lambda: LATER)}
    assert [one for one in findings.values() if not one.ok] == []
    assert findings["database"].found.startswith("PostgreSQL ")
    assert findings["conversions"].found.startswith("8 ")
    with closing(databases.connected(url.replace("postgresql+psycopg", "postgresql"))) as connection:
        connection.execute("UPDATE conversion SET net = net + 1 WHERE id = 2")
    findings = {one.what: one for one in check(str(folder), url, clock=lambda: LATER)}
    assert [one.what for one in findings.values() if not one.ok] == ["conversions"]


def test_a_server_raises_its_own_limit_of_open_files_and_one_that_cannot_is_found(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, soft), hard))
    try:
        with running(tmp_path, small_setup()) as loop:
            assert loop.process is not None
            said = {one["what"]: one for one in loop.rows("check")}["open files"]
            assert said["found"] == f"{open_files.allowed(loop.process.pid)} are allowed"
            assert (open_files.allowed(loop.process.pid) or 0) >= min(open_files.NEEDED, hard)
            resource.prlimit(loop.process.pid, resource.RLIMIT_NOFILE, (600, hard))
            assert "A server may have 600 files open" in loop.run("check", expect=1).stdout
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
