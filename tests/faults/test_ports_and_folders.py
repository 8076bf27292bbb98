"""A start that cannot be: one line that says what, where and how to mend it, exit status 2, and nothing touched."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.api.data import open_data
from server.api.setup import apply
from server.cli import main
from server.settings import DataFolder, Running, ServerLock, running_server
from server.setup.document import read_document
from tests.ad_network import setup_with
from tests.loop import ROOT, Loop, running

NOWHERE = "http://127.0.0.1:1"


def refused(folder: Path, *words: str, before: Callable[[], None] | None = None) -> str:
    """What `serve` says when it does not."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--data", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=before,
    )
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("tallyback")
    assert done.stderr.endswith(".\n")
    return done.stderr


def refused_here(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> str:
    """The same within this process: quicker, and what stays open here is a warning, which is an error."""
    umask = os.umask(0)
    try:
        status = main(["serve", "--data", str(folder), *words])
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os.umask(umask)
        gc.collect()
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err.count("\n") == 1, said.err
    assert said.err.startswith("tallyback")
    assert said.err.endswith(".\n")
    return said.err


def digests(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("tallyback.db", "tallyback.db-wal")
        if (folder / name).exists()
    }


# -- the port --------------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(tmp_path, "--port", port)
    assert f"Port {port} on 127.0.0.1 is taken by another program. Choose another with --port" in said
    assert not (tmp_path / "tallyback.db").exists()


@pytest.mark.parametrize("port", ["x", "-1", "65536", "99999", "1e3", "", "8710.0", "eighty"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], port: str) -> None:
    said = refused_here(capsys, tmp_path, "--port", port)
    assert "--port" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host",
    ["nonsense.invalid", "300.1.1.1", "", "8.8.8.8", "a b", "[::1]", "http://localhost", "127.0.0.1:80", "x" * 300],
)
def test_a_host_that_is_none_of_this_machine_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert "--host" in refused_here(capsys, tmp_path, "--port", "0", "--host", host)
    assert not (tmp_path / "tallyback.db").exists()


def test_a_word_that_serve_does_not_know_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--prot" in refused_here(capsys, tmp_path, "--prot", "1")
    assert "extra" in refused_here(capsys, tmp_path, "extra")


def test_a_start_that_fails_leaves_the_folder_and_the_port_free(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tallyback.db").write_bytes(b"no database, and long enough to be looked at twice" * 20)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "is taken" in refused_here(capsys, tmp_path, "--port", port)
    for _ in range(2):
        assert "The database cannot be used" in refused_here(capsys, tmp_path, "--port", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://0.0.0.0:"),
        pytest.param(
            "::1", "http://[::1]:", marks=pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
        ),
    ],
)
def test_another_address_of_this_machine_can_be_listened_on(tmp_path: Path, host: str, url: str) -> None:
    loop = Loop(tmp_path / "data")
    loop.start("--host", host)
    try:
        assert loop.url.startswith(url)
        assert loop.get("/healthz").status == 200
    finally:
        assert loop.stop() == 0


# -- the folder ------------------------------------------------------------------------------------------------------


def test_a_folder_in_use_names_who_holds_it_and_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path, setup_with(NOWHERE)) as loop:
        assert loop.process
        assert loop.click()
        holder = f"is in use by process {loop.process.pid} ({loop.url}). Stop that server first"
        assert holder in refused(loop.folder, "--port", "0")
        untouched = []
        for _ in range(2):  # the one that runs has a heartbeat to write, but not twice in a second
            before, began = digests(loop.folder), time.monotonic()
            assert holder in refused_here(capsys, loop.folder, "--port", "0")
            assert time.monotonic() - began < 2
            untouched.append(digests(loop.folder) == before)
        assert any(untouched)
        assert loop.click()


def test_two_servers_on_two_folders_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with (
        running(tmp_path / "one", setup_with(NOWHERE)) as one,
        running(tmp_path / "two", setup_with(NOWHERE)) as two,
    ):
        assert one.url != two.url
        mine, other = one.click(), two.click()
        answers = [loop.get(f"/p/maxi?token=a-secret&click_id={mine}&payout=1").text for loop in (one, two)]
        assert answers[0].startswith("OK accepted ")
        assert answers[1] == "STORED click_id_damaged"  # each folder has a key of its own
        assert two.get(f"/p/maxi?token=a-secret&click_id={other}&payout=1").text.startswith("OK accepted ")


def test_the_lock_of_a_server_that_was_killed_stands_in_nobodys_way(tmp_path: Path) -> None:
    with running(tmp_path, setup_with(NOWHERE)) as loop:
        assert loop.click()
        loop.kill()
        assert '"pid"' in (loop.folder / "server.lock").read_text()
        assert running_server(DataFolder(loop.folder)) is None
        loop.start()
        assert loop.click()
        assert loop.stop() == 0
        assert (loop.folder / "server.lock").read_text() == ""


def test_a_server_that_has_just_taken_the_lock_is_not_mistaken_for_the_last_one(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.lock_file.write_text('{"pid": 1, "host": "127.0.0.1", "port": 1}')
    lock = ServerLock(folder)
    lock.take()
    assert running_server(folder) is None
    lock.announce(Running(7, "127.0.0.1", 8))
    assert running_server(folder) == Running(7, "127.0.0.1", 8)
    lock.release()
    assert running_server(folder) is None


@pytest.mark.parametrize("below", ["file", "file/data"])
def test_a_file_in_place_of_the_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    (tmp_path / "file").write_text("a letter to my aunt")
    said = refused_here(capsys, tmp_path / below, "--port", "0")
    assert f"{tmp_path / below}: This cannot be a data folder" in said
    assert (tmp_path / "file").read_text() == "a letter to my aunt"


@pytest.mark.parametrize("name", ["server.lock", "tallyback.db"])
def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / name).mkdir()
    assert str(tmp_path / name) in refused_here(capsys, tmp_path, "--port", "0")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
@pytest.mark.parametrize("folder", ["/proc/self", "/proc/nothing", "/dev/null"])
def test_a_place_where_nothing_can_be_kept_is_refused(capsys: pytest.CaptureFixture[str], folder: str) -> None:
    assert f"{folder}: This cannot be a data folder" in refused_here(capsys, Path(folder), "--port", "0")


def without_power() -> None:
    """As root, give up the right to write everywhere; nobody else has it."""
    if os.getuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="drops rights as Linux does")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    if os.getuid() == 0:
        os.chown(folder, 12345, 12345)
        folder.chmod(0o755)
        said = refused(folder, "--port", "0", before=without_power)
    else:
        tmp_path.chmod(0o500)
        try:
            said = refused(tmp_path / "new", "--port", "0")
        finally:
            tmp_path.chmod(0o700)
    assert "Permission denied" in said
    assert list(folder.iterdir()) == []


# -- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"a letter to my aunt, long enough to be taken for a database\n" * 20, b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["text", "a torn header"],
)
def test_a_file_that_is_no_database_is_refused_and_kept_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "tallyback.db").write_bytes(content)
    said = refused_here(capsys, tmp_path, "--port", "0")
    assert f"{tmp_path / 'tallyback.db'}: The database cannot be used" in said
    assert "restore a backup" in said
    assert (tmp_path / "tallyback.db").read_bytes() == content


def test_a_database_that_lost_its_second_half_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Never a traceback, and never silently a new one."""
    with open_data(str(tmp_path)) as data:
        apply(data, read_document(setup_with(NOWHERE), "setup.toml"))
    database = tmp_path / "tallyback.db"
    half = database.read_bytes()[: database.stat().st_size // 2]
    database.write_bytes(half)
    said = refused_here(capsys, tmp_path, "--port", "0")
    assert str(database) in said
    assert "malformed" in said
    assert database.read_bytes()[:100] == half[:100]


def test_an_empty_file_is_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "tallyback.db").touch()
    with open_data(str(tmp_path)) as data:
        assert apply(data, read_document(setup_with(NOWHERE), "setup.toml"))
