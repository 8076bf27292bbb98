"""`tallyback explain` for a made-up visitor: which path, which odds, what shuts the others; and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli.main import main
from tests.pipeline.world import small_setup

SETUP = small_setup(top='timezone = "Europe/Berlin"').replace(
    "[[campaign.path]]",
    """[[campaign.path]]
name = "Mornings"
match = "any"
when = { country = ["US", "CA"], hour = "8-11" }
offers = [{ offer = "keto", weight = 1 }, { offer = "elsewhere", weight = 2 }]
[[campaign.path]]
default = true""",
)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file = tmp_path / "setup.toml"
    file.write_text(SETUP, encoding="utf-8")
    assert main(["apply", str(file), "--data", str(tmp_path / "data")]) == 0
    capsys.readouterr()
    return str(tmp_path / "data")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["explain", *words]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_a_made_up_visitor_is_told_his_way(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "summer", "--visitor", "country=us", "--at", "2026-03-01T20:00", "--data", folder)
    assert "country US" in told
    assert "Path 1 Mornings: 100 % takes visitors when country is US or CA or hour is 8-11" in told
    assert "offer keto: 33.33 % offer elsewhere: 66.67 %" in told
    assert "Path 2: shut takes visitors when no other path is open another path is open" in told


def test_what_shuts_a_path_is_told(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["/c/summer?sub1=z", "--visitor", "country=DE", "--visitor", "hour=20", "--data", folder]
    told = said(capsys, *words)
    assert "sub1 = z sub id 1" in told
    assert "Path 1 Mornings: shut" in told
    assert "country is DE, wanted US or CA hour is 20, wanted 8-11" in told
    assert "Path 2: 100 %" in told
    assert main(["explain", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [path["odds"] for path in found["simulated"]["paths"]] == ["0 %", "100 %"]
    assert found["simulated"]["paths"][0]["shut_by"] == ["country is DE, wanted US or CA", "hour is 20, wanted 8-11"]
    assert found["result"]["reason"] == "default"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["summer", "--visitor", "country"], "--visitor: country says nothing. Write it like country=US."),
        (["summer", "--visitor", "os="], "--visitor: os= says nothing. Write it like country=US."),
        (["summer", "--visitor", "oss=iOS"], "visitor: oss is nothing that paths ask. Did you mean os?"),
        (["summer", "--at", "noon"], "--at: noon is no time."),
        (["/p/maxi", "--visitor", "os=iOS"], "/p/maxi: A postback has no visitor."),
        (["sumer"], "There is no campaign sumer. Did you mean summer?"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    folder: str, capsys: pytest.CaptureFixture[str], words: list[str], error: str
) -> None:
    assert main(["explain", *words, "--data", folder]) in (1, 2)
    assert capsys.readouterr().err.startswith(f"tallyback: {error}")


def test_text_from_outside_cannot_steer_the_terminal(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "/c/summer?sub1=%1b[2J%0a", "--data", folder]) == 0
    assert "\x1b" not in capsys.readouterr().out
