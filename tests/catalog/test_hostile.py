"""Whatever lies in the folder of templates, it is read or left out with one line; the others load all the same."""

from __future__ import annotations

import shutil
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.catalog import Catalog, load_catalog

RESOURCES = Path(str(files("resources")))
ORIGINALS = sorted([*(RESOURCES / "networks").glob("*.toml"), *(RESOURCES / "sources").glob("*.toml")])
FILES: dict[str, bytes] = {
    "nothing": b"",
    "NUL": b"\x00" * 100,
    "Latin-1": b'name = "\xfc"',
    "UTF-16": 'name = "a"'.encode("utf-16"),
    "a surrogate": b'name = "\xed\xa0\x80"',
    "deep lists": b"facts = " + b"[" * 100_000,
    "deep lists that end": b"facts = " + b"[" * 20_000 + b"]" * 20_000,
    "deep keys": b"[" + b".".join([b"a"] * 20_000) + b"]",
    "deep keys with a value": b".".join([b"a"] * 20_000) + b" = 1",
    "deep tables": b"facts = " + b"{ a = " * 20_000,
    "a long number": b"facts = " + b"9" * 100_000,
    "ten megabytes": b"#" * 10_000_000,
    "a key of a terminal": b'"\\u001b[2J\\n" = 1',
    "a list where a table belongs": b"network = []\nsource = []",
    "a table where a text belongs": b"[name]\na = 1",
}


def with_one(folder: Path, room: str, content: bytes) -> Catalog:
    """Beside one good file of each kind."""
    for good in ("networks/everflow.toml", "sources/propellerads.toml"):
        (folder / good).parent.mkdir(exist_ok=True)
        shutil.copy(RESOURCES / good, folder / good)
    (folder / room / "hostile.toml").write_bytes(content)
    began = time.monotonic()
    catalog = load_catalog(folder)
    assert time.monotonic() - began < 5
    assert {"everflow"} <= set(catalog.networks)
    assert {"propellerads"} <= set(catalog.sources)
    for problem in catalog.left_out:
        [line] = str(problem).splitlines()
        assert "hostile.toml" in line
        assert line.isprintable()
        assert len(line) < 1500
    return catalog


@pytest.mark.parametrize("room", ["networks", "sources"])
@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_a_hostile_file_is_left_out(tmp_path: Path, room: str, content: bytes) -> None:
    catalog = with_one(tmp_path, room, content)
    assert len(catalog.left_out) == 1
    assert "hostile" not in {*catalog.networks, *catalog.sources}


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_good_file_with_something_gone_wrong(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(ORIGINALS))
    content = original.read_bytes()
    pieces = st.binary(max_size=4) | st.sampled_from(
        [b"{odd}", b"\n", b'"', b"[[a]]\n", b"= 1\n", b"{payout:EUR", b"\x1b"]
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(pieces) + content[at + data.draw(st.sampled_from([0, 1, 20])) :]
    with tempfile.TemporaryDirectory() as folder:
        catalog = with_one(Path(folder), original.parent.name, content)
        assert len(catalog.networks) + len(catalog.sources) + len(catalog.left_out) == 3
