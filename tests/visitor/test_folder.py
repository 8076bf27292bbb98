"""Files in a folder are read when they come, change or go; a broken one is named and the others count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.errors import BadInput
from server.visitor.folder import Folder


def read(path: Path) -> str:
    text = path.read_text()
    if text == "broken":
        raise BadInput("It is broken.", where=path.name)
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Folder[str]:
    return Folder(tmp_path, ".txt", read)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    nowhere = Folder(tmp_path / "nowhere", ".txt", read)
    assert (nowhere.look(), nowhere.contents) == ((), {})


def test_files_that_come_change_and_go_are_noticed(folder: Folder[str]) -> None:
    (folder.path / "b.txt").write_text("one")
    (folder.path / "a.txt").write_text("two")
    (folder.path / ".hidden.txt").write_text("no")
    (folder.path / "other.md").write_text("no")
    assert list(folder.look()) == []
    assert list(folder.contents.items()) == [("a.txt", "two"), ("b.txt", "one")]
    (folder.path / "a.txt").write_text("three!")
    (folder.path / "b.txt").unlink()
    folder.look()
    assert folder.contents == {"a.txt": "three!"}


def test_a_file_that_is_replaced_by_one_as_long_is_noticed(folder: Folder[str]) -> None:
    (folder.path / "a.txt").write_text("one")
    folder.look()
    about = (folder.path / "a.txt").stat()
    (folder.path / "new").write_text("two")
    os.utime(folder.path / "new", ns=(about.st_atime_ns, about.st_mtime_ns))
    (folder.path / "new").replace(folder.path / "a.txt")
    folder.look()
    assert folder.contents == {"a.txt": "two"}


def test_what_did_not_change_is_not_read_again(folder: Folder[str]) -> None:
    (folder.path / "a.txt").write_text("one")
    (folder.path / "b.txt").write_text("one")
    folder.look()
    first = folder.contents["a.txt"]
    (folder.path / "b.txt").write_text("other")
    folder.look()
    assert folder.contents["a.txt"] is first


def test_a_broken_file_is_named_once_and_what_it_said_before_stays(folder: Folder[str]) -> None:
    (folder.path / "a.txt").write_text("good")
    (folder.path / "b.txt").write_text("broken")
    assert [str(trouble) for trouble in folder.look()] == ["b.txt: It is broken."]
    assert list(folder.look()) == []
    (folder.path / "a.txt").write_text("broken")
    assert [str(trouble) for trouble in folder.look()] == ["a.txt: It is broken."]
    assert folder.contents == {"a.txt": "good"}
    assert set(folder.troubles) == {"a.txt", "b.txt"}


def test_what_was_mended_or_removed_is_no_trouble_any_more(folder: Folder[str]) -> None:
    for name in ("a.txt", "b.txt"):
        (folder.path / name).write_text("broken")
    folder.look()
    (folder.path / "a.txt").write_text("mended")
    (folder.path / "b.txt").unlink()
    folder.look()
    assert (folder.contents, folder.troubles) == ({"a.txt": "mended"}, {})
