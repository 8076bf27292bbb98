"""Whatever stands in a setup file, it is applied or refused in one line; nothing else ever comes of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.cli.main import main
from server.setup.compare import compare
from server.setup.export import export
from server.setup.problem import BadSetup
from server.setup.schema import SCHEMA
from server.setup.specs import KINDS, Specs

SNIPPETS = st.sampled_from(
    [
        *("nan", "inf", "-1", "1e308", "0x" + "f" * 5000, "9" * 5000, "1979-05-27", "07:32:00", "true", "[]", "{}"),
        *('"', '"""', "'''", "\\", "[[", "]]", "\x00", "\u2028", "\ud7ff", "🙂", "\r", "\n", "=", ".", "#", "{", "}"),
        *(
            '"***"',
            '""',
            '"{clickid}"',
            '"https://["',
            '"https://a:b@c"',
            '"100%"',
            '"1,234"',
            "[[]]",
            "{ a = { b = 1 } }",
        ),
        *("[[source]]", "[source]", "[source.relay.headers]", "[[campaign.path]]", 'key = "prop"', '"a\\u0000b"'),
    ]
)


def refusal_of(text: str, apply: Callable) -> BadSetup | None:
    try:
        specs, _ = apply(text)
    except BadSetup as problem:
        return problem
    assert json.loads(json.dumps(specs.of("owner"))) == specs.of("owner")
    assert compare(Specs(), specs) is not None
    assert apply(export(specs, secrets=False), specs)[0] == specs
    return None


def survives(text: str, apply: Callable) -> None:
    if problem := refusal_of(text, apply):
        assert problem.where.startswith("server.toml")
        assert len(str(problem).splitlines()) == 1
        assert len(str(problem)) < 2000


@settings(max_examples=300)
@given(data=st.data())
def test_a_mutilated_sample(data: st.DataObject, sample: str, apply: Callable) -> None:
    text = sample
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 5, 20]))
        text = text[:start] + data.draw(SNIPPETS | st.text(max_size=5)) + text[start + length :]
    survives(text, apply)


@settings(max_examples=300)
@given(data=st.data())
def test_a_sample_with_another_value_somewhere(data: st.DataObject, sample: str, apply: Callable) -> None:
    lines = sample.splitlines()
    index = data.draw(st.sampled_from([index for index, line in enumerate(lines) if " = " in line]))
    lines[index] = lines[index].split(" = ")[0] + " = " + data.draw(SNIPPETS)
    survives("\n".join(lines), apply)


ODD = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.datetimes() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "sub1", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)
FIELDS = {kind: [*SCHEMA[kind].fields, "key", "odd"] for kind in ("owner", *KINDS)}


@settings(max_examples=300)
@given(data=st.data())
def test_values_of_any_type_anywhere(data: st.DataObject, apply: Callable) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    thing: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(FIELDS[kind]), ODD, max_size=3))
    top = data.draw(st.dictionaries(st.sampled_from([*FIELDS["owner"], *KINDS]), ODD, max_size=1))
    survives(tomli_w.dumps({**top, kind: [{"key": "a", **thing}]}), apply)


@given(text=st.text())
def test_any_text_at_all(text: str, apply: Callable) -> None:
    survives(text, apply)


# -- the whole way: a file, the command, its one line ------------------------------------------------------------------

LONGEST_S = 5.0
TEN_MB = 10 * 1024 * 1024
SOURCE = '[[source]]\nkey = "a"\n'
FILES: dict[str, bytes] = {
    "nothing but NUL": b"\x00" * 1000,
    "a NUL in a text": b'timezone = "Europe/\x00Berlin"\n',
    "Latin-1": 'base_currency = "USD" # \u00fc'.encode("latin-1"),
    "UTF-16": 'base_currency = "USD"\n'.encode("utf-16"),
    "UTF-32": 'base_currency = "USD"\n'.encode("utf-32"),
    "half a character": b'timezone = "\xe2\x82"\n',
    "a surrogate": b'timezone = "\xed\xa0\x80"\n',
    "three byte-order marks": b"\xef\xbb\xbf" * 3 + b'base_currency = "USD"\n',
    "a byte-order mark and a mistake": b"\xef\xbb\xbfbase_currency = 1\n",
    "old line ends and a mistake": b'base_currency = "USD"\rtimezone = 3\r',
    "lists that are deep": b"odd = " + b"[" * 100_000,
    "lists that are deep and end": b"odd = " + b"[" * 20_000 + b"]" * 20_000,
    "lists that are not quite too deep": b"odd = " + b"[" * 150 + b"]" * 150,
    "tables that are deep": b"odd = " + b"{ a = " * 20_000,
    "keys that are deep": b"[" + b".".join([b"a"] * 20_000) + b"]",
    "quoted keys that are deep": b"[ " + b" . ".join([b"'a'", b'"b"'] * 10_000) + b" ]",
    "keys that are deep in a value": b".".join([b"a"] * 20_000) + b" = 1",
    "many keys that are not too deep": b"\n".join(b"[%sb%d]" % (b"a." * 90, number) for number in range(2_000)),
    "a number of many digits": b"odd = " + b"9" * 1_000_000,
    "a number of many hexadecimal digits": b"odd = 0x" + b"f" * 1_000_000,
    "a fraction of many digits": b"odd = 1." + b"9" * 1_000_000,
    "a number that is none": b"odd = nan\n",
    "a year that is none": b"odd = 0000-00-00T99:99:99Z\n",
    "ten megabytes of a comment": b"# " + b"x" * TEN_MB,
    "ten megabytes of line ends": b"\n" * TEN_MB,
    "four megabytes of a text": b'timezone = "' + b"x" * (4 * 1024 * 1024 - 20) + b'"\n',
    "four megabytes of brackets": b"[" * (4 * 1024 * 1024),
    "a text that never ends": b'timezone = """' + b"\\\\" * 1_000_000,
    "many quotes": b"timezone = " + b"'" * 1_000_001,
    "many tables": b"[[campaign]]\n" * 50_000,
    "many keys": b"".join(b"key%d = 1\n" % number for number in range(50_000)),
    "many networks with the same key": b'[[network]]\nkey = "a"\n' * 20_000,
    "one key many times": b'timezone = "UTC"\n' * 50_000,
    "a path that refers to nothing": b'[[campaign]]\nkey = "a"\nsource = "\\u0000"\npath = [{ offers = [{ offer = "x" }] }]\n',
    "a key of a terminal": SOURCE.encode() + b'"\\u001b[2J\\n\\u202e" = 1\n',
    "a value of a terminal": SOURCE.encode() + b'template = "\\u001b]0;x\\u0007\\n\\u2028\\u009b"\n',
    "a host that is no name": SOURCE.encode() + b'relay = { url = "https://a..b/{external_id}" }\n',
    "a macro in a host": SOURCE.encode() + b'relay = { url = "https://{sub1}.example/" }\n',
    "many macros": SOURCE.encode() + b'relay = { url = "https://a/?' + b"{sub1" * 200_000 + b'}{odd}" }\n',
    "many braces": SOURCE.encode() + b'relay = { url = "https://a/?' + b"{a|" * 200_000 + b'}{odd}" }\n',
    "a header of two lines": SOURCE.encode() + b'relay = { url = "https://a/", headers = { X = "a\\r\\nb" } }\n',
    "a body that is deep": SOURCE.encode() + b"relay = { url = 'https://a/', body = '" + b"[" * 100_000 + b"' }\n",
}


class Folder:
    """A data folder with a setup in it, and the command that applies files to it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._path, self._capsys = path, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        status = main([*words, "--data", str(self._path / "data")])
        said = self._capsys.readouterr()
        return status, said.out, said.err

    def apply(self, content: bytes) -> tuple[int, str, str]:
        (self._path / "server.toml").write_bytes(content)
        return self.run("apply", str(self._path / "server.toml"))

    def export(self) -> str:
        status, out, _ = self.run("export")
        assert status == 0
        return out


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], good: bytes) -> Folder:
    made = Folder(tmp_path, capsys)
    assert made.apply(good)[0] == 0
    return made


@pytest.fixture(scope="session")
def good() -> bytes:
    return (Path(__file__).parents[1] / "fuzz" / "setup.toml").read_bytes().replace(b"AD/", b"https://ad.example/")


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_a_hostile_file_is_one_line_and_changes_nothing(folder: Folder, content: bytes) -> None:
    before = folder.export()
    is_refused_in_one_line_or_taken(folder, content, is_taken=False)
    assert folder.export() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_good_file_with_bytes_gone_wrong(data: st.DataObject, folder: Folder, good: bytes) -> None:
    content = good
    pieces = st.binary(max_size=4) | st.sampled_from(
        [b"\x00", b"\xff", b'"', b"\n", b"[[", b"{", b"=", b"\r", b"9" * 5000]
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(pieces) + content[at + data.draw(st.sampled_from([0, 1, 30])) :]
    before = folder.export()
    if not is_refused_in_one_line_or_taken(folder, content):
        assert folder.export() == before


def is_refused_in_one_line_or_taken(folder: Folder, content: bytes, *, is_taken: bool = True) -> bool:
    began = time.monotonic()
    status, out, err = folder.apply(content)
    assert time.monotonic() - began < LONGEST_S
    if status == 0:
        assert is_taken, out
        return True
    assert (status, out) == (2, "")
    [line] = err.splitlines()
    assert line.startswith("tallyback: ")
    assert re.search(r"server\.toml:\d+: |server\.toml: The file ", line), "it says where"
    assert line.isprintable()
    assert len(line) < 2000
    assert line.rstrip().endswith((".", "?", "]]"))
    return False
