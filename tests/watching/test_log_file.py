"""A log's file holds whole lines, whatever the disk, a kill or another program does."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest

from server.log_file import LogFile
from tests.watching.full_disk import full_disk


def lines(*paths: Path) -> list[dict[str, int]]:
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def said(number: int) -> bytes:
    return json.dumps({"n": number, "more": "x" * 80}).encode() + b"\n"


def test_it_rotates_by_size_and_keeps_the_newest(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log", largest=1_000, kept=3)
    for number in range(100):
        log.write(said(number))
    files = [tmp_path / name for name in ("a.log.2", "a.log.1", "a.log")]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(file.stat().st_size <= 1_000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    kept = [line["n"] for line in lines(*files)]
    assert kept == list(range(100 - len(kept), 100))
    assert len(kept) > 15


def test_one_line_that_is_longer_than_a_whole_file_is_kept_all_the_same(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log", largest=50, kept=2)
    for number in range(3):
        log.write(said(number))
    assert [line["n"] for line in lines(tmp_path / "a.log.1", tmp_path / "a.log")] == [1, 2]


@pytest.mark.parametrize("torn", [b'{"n": 2, "mo', b"\x00" * 700, b"\xff\xfe{"])
def test_a_line_that_a_kill_has_torn_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(said(1) + torn)
    path.chmod(0o644)
    LogFile(path).write(said(3))
    assert [line["n"] for line in lines(path)] == [1, 3]
    assert path.stat().st_mode & 0o777 == 0o600


def test_whoever_moves_or_deletes_it_gets_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = LogFile(path)
    log.write(said(1))
    path.rename(tmp_path / "moved")
    log.write(said(2))
    path.unlink()
    log.write(said(3))
    assert [line["n"] for line in lines(tmp_path / "moved", path)] == [1, 3]


def test_a_line_for_which_there_is_no_room_leaves_no_half_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = LogFile(path)
    log.write(said(1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with full_disk(path.stat().st_size + 10), pytest.raises(OSError, match=r"space|large"):
        log.write(said(2))
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == limits
    log.write(said(3))
    assert [line["n"] for line in lines(path)] == [1, 3]
