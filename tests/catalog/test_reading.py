"""The reader: what it finds, and what it says about a file that is broken."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

from server.catalog import BadTemplate, load_catalog
from server.errors import TallybackError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
name = "Newcomer"
kind = "affiliate_network"
confidence = "high"
facts = ["https://help.example.com/postback"]
notes = "Made up for this test."
"""
NETWORK = HEAD + '[network.macros]\nclick_id = "{s1}"\n'
SOURCE = HEAD + '[source]\nexternal_id = "{id}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for room in ("networks", "sources"):
        (tmp_path / room).mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_new_file_is_a_new_network_with_no_other_change(folder: Path) -> None:
    write(folder, "networks/newcomer.toml", 'click_id_param = "s1"\n' + NETWORK)

    template = load_catalog(folder).networks["newcomer"]

    assert (template.key, template.name, template.click_id_param) == ("newcomer", "Newcomer", "s1")
    assert template.facts == ("https://help.example.com/postback",)
    assert template.spec == {"macros": {"click_id": "{s1}"}}


def test_a_new_file_is_a_new_source_with_no_other_change(folder: Path) -> None:
    write(folder, "sources/new-source_2.toml", 'fill_in = { YOUR_ID = "the id" }\n' + SOURCE)

    template = load_catalog(folder).sources["new-source_2"]

    assert template.fill_in == {"YOUR_ID": "the id"}
    assert template.spec == {"external_id": "{id}"}


def test_other_files_beside_the_templates_are_left_alone(folder: Path) -> None:
    write(folder, "networks/README.md", "not a template")

    assert load_catalog(folder).networks == {}


def test_templates_come_in_the_order_of_their_keys(folder: Path) -> None:
    for key in ("zeta", "alpha", "mid"):
        write(folder, f"networks/{key}.toml", NETWORK)

    assert list(load_catalog(folder).networks) == ["alpha", "mid", "zeta"]


def test_the_built_in_catalog_is_read_once_and_a_folder_each_time(folder: Path) -> None:
    assert load_catalog() is load_catalog()
    assert load_catalog(folder) is not load_catalog(folder)


def test_a_template_cannot_be_changed_by_the_way() -> None:
    template = load_catalog().networks["generic"]

    with pytest.raises(FrozenInstanceError):
        template.name = "Mine"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("networks/a.toml", NETWORK + 'clickid = "{s1}"\n', "network.macros.clickid"),
        ("networks/a.toml", 'colour = "red"\n' + NETWORK, "colour"),
        ("networks/a.toml", NETWORK + "[network.status_words]\nsold = []\n", "network.status_words.sold"),
        ("networks/a.toml", NETWORK + '[network.status_words]\napproved = "1"\n', "network.status_words.approved"),
        ("networks/a.toml", NETWORK + "[network.status_words]\napproved = [1]\n", "network.status_words.approved[0]"),
        ("networks/a.toml", HEAD + '[network]\ntoken = "t"\n', "network.token"),
        ("networks/a.toml", HEAD + '[network]\nstrict = "yes"\n', "network.strict"),
        ("networks/a.toml", HEAD + '[network]\ndefault_status = "sold"\n', "network.default_status"),
        ("networks/a.toml", HEAD + "network = 1\n", "network"),
        ("networks/a.toml", NETWORK.replace("name", "nmae", 1), "nmae"),
        ("networks/a.toml", NETWORK.removeprefix('name = "Newcomer"\n'), "name"),
        ("networks/a.toml", NETWORK.replace('"high"', '"sure"'), "confidence"),
        ("networks/a.toml", SOURCE, "source"),
        ("sources/b.toml", NETWORK, "network"),
        ("sources/b.toml", SOURCE + 'key = "b"\n', "source.key"),
        ("sources/b.toml", SOURCE + '[source.subs]\nsub21 = { name = "x", token = "{x}" }\n', "source.subs.sub21"),
        ("sources/b.toml", SOURCE + '[source.subs]\nsub1 = { name = "x" }\n', "source.subs.sub1.token"),
        ("sources/b.toml", SOURCE + '[source.relay]\nmethod = "GET"\n', "source.relay.url"),
        (
            "sources/b.toml",
            SOURCE + '[source.relay]\nurl = "https://a.example/"\npaused = true\n',
            "source.relay.paused",
        ),
        ("sources/b.toml", SOURCE + '[source.relay]\nurl = "https://a.example/"\ncap = "9"\n', "source.relay.cap"),
        (
            "sources/b.toml",
            SOURCE + '[source.relay]\nurl = "https://a.example/"\nstatuses = ["sold"]\n',
            "source.relay.statuses[0]",
        ),
        ("sources/b.toml", "fill_in = { YOUR_ID = 1 }\n" + SOURCE, "fill_in.YOUR_ID"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_key(folder: Path, name: str, text: str, key: str) -> None:
    write(folder, name, text)

    [refused] = load_catalog(folder).left_out

    assert re.match(rf"{re.escape(str(folder / name))}(:\d+)?: {re.escape(key)} ", str(refused))


@pytest.mark.parametrize("name", ["Everflow", "two words", "-a", "ümlaut", "", "a.b"])
def test_a_file_whose_name_is_no_key_is_refused(folder: Path, name: str) -> None:
    write(folder, f"networks/{name}.toml", NETWORK)

    [refused] = load_catalog(folder).left_out

    assert "no key" in str(refused)
    assert f"{name}.toml" in str(refused)


@pytest.mark.parametrize("content", [b"name = ", b'name = "\xff"', b'name = "a"\nname = "b"\n'])
def test_a_file_that_is_no_toml_is_refused_by_name(folder: Path, content: bytes) -> None:
    (folder / "sources" / "torn.toml").write_bytes(content)

    [refused] = load_catalog(folder).left_out

    assert re.search(r"torn\.toml(:\d)?: The file cannot be read", str(refused))


def test_a_folder_without_the_two_rooms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="networks: There is no such folder"):
        load_catalog(tmp_path)


def test_the_refusal_is_an_error_that_a_person_reads(folder: Path) -> None:
    write(folder, "networks/a.toml", HEAD + "[network]\nlast_word_win = true\n")

    [refused] = load_catalog(folder).left_out

    assert isinstance(refused, TallybackError)
    assert refused.where == f"{folder / 'networks' / 'a.toml'}:7", "the line of the key"
    assert refused.remedy == "Did you mean last_word_wins?"
    assert "\n" not in str(refused)


def test_one_broken_file_takes_no_other_with_it(folder: Path) -> None:
    write(folder, "networks/a.toml", "broken")
    write(folder, "networks/b.toml", NETWORK)
    write(folder, "sources/c.toml", SOURCE + '[source.relay]\nurl = "https://a.example/"\nmethod = "PATCH"\n')
    write(folder, "sources/d.toml", SOURCE + '[source.relay]\nurl = "https://a.example/?{clickid}"\n')
    write(folder, "sources/e.toml", SOURCE)

    catalog = load_catalog(folder)

    assert (list(catalog.networks), list(catalog.sources)) == (["b"], ["e"])
    told = [str(problem).replace(f"{folder}/", "") for problem in catalog.left_out]
    assert told == [
        "networks/a.toml:1: The file cannot be read: Expected '=' after a key in a key/value pair.",
        "sources/c.toml:10: source.relay.method must be one of the known words. Known here: GET, POST.",
        "sources/d.toml:9: source.relay.url cannot be rendered: unknown macro {clickid}; did you mean {click_id}?",
    ]
