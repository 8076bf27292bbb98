"""`tallyback test`: what it prints, what it does only with its flags, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.api import setup
from server.api.data import open_data
from server.cli.main import main
from server.setup.document import read_document
from tests.ad_network import AdNetwork, Scripted, setup_with


@pytest.fixture
def source() -> Iterator[AdNetwork]:
    with AdNetwork() as network:
        yield network


@pytest.fixture
def offer() -> Iterator[AdNetwork]:
    with AdNetwork() as network:
        yield network


@pytest.fixture
def folder(tmp_path: Path, source: AdNetwork, offer: AdNetwork) -> str:
    text = setup_with(source.url).replace("https://go.example.net", offer.url)
    with open_data(str(tmp_path / "data")) as data:
        setup.apply(data, read_document(text, "setup.toml"))
    return str(tmp_path / "data")


def test_without_flags_nothing_leaves_the_machine(
    folder: str, source: AdNetwork, offer: AdNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", "summer", "--data", folder]) == 0
    printed = capsys.readouterr().out
    assert [line.split()[:2] for line in printed.splitlines() if not line.startswith(" ")][:3] == [
        ["ok", "click"],
        ["ok", "postback"],
        ["ok", "relay"],
    ]
    assert printed.endswith("The loop closes; nothing was booked.\n")
    assert (source.told, offer.told) == ([], [])


def test_follow_and_real_do_what_they_say(
    folder: str, source: AdNetwork, offer: AdNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    offer.script.append(Scripted(302, b"", {"Location": "/end"}))
    assert main(["test", "summer", "--follow", "--real", "--data", folder]) == 0
    printed = capsys.readouterr().out
    assert "look offer" in printed
    assert f"visits  200  {_number(printed, '/end')} ms  {offer.url}/end" in printed
    assert "Delivered to prop itself" in printed
    assert (len(source.told), len(offer.told)) == (1, 2)


def test_a_red_hop_is_status_1_and_says_what_to_mend(
    folder: str, source: AdNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    source.script.append(Scripted(400, b"no\x1b[31m"))
    assert main(["test", "summer", "--real", "--data", folder]) == 1
    printed = capsys.readouterr().out
    assert "FAIL relay" in printed
    assert "     mend    " in printed
    assert "\x1b" not in printed
    assert printed.endswith("The loop does not close.\n")


def test_each_hop_is_an_object_of_json(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "summer", "--follow", "--json", "--data", folder]) == 0
    hops = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(hop["name"], hop["colour"], hop["is_good"]) for hop in hops] == [
        ("click", "green", True),
        ("offer", "green", True),
        ("postback", "green", True),
        ("relay", "green", True),
    ]
    assert [step["status"] for step in hops[1]["steps"]] == [200]


def _number(printed: str, end: str) -> str:
    line = next(line for line in printed.splitlines() if line.endswith(end) and "visits" in line)
    return line.split()[2]
