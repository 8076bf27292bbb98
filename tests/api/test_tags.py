"""What goes into pages: a script for those of a campaign, a pixel for the networks that let one speak."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.api import setup
from server.api.data import Data, open_data
from server.cli.main import main
from server.setup.document import read_document
from tests.pipeline.world import small_setup

PIXEL = """pixel = true
[network.macros]
click_id = "{aff_sub}"
txn_id = "{transaction_id}&x"
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    with open_data(str(tmp_path / "data")) as data:
        text = small_setup(top='domain = "https://trk.example.com"', network=PIXEL)
        setup.apply(data, read_document(text, "setup.toml"))
        yield data


def test_the_tags_of_a_campaign(data: Data) -> None:
    script, pixel = setup.tags(data, "summer")
    assert (script.kind, script.name) == ("script", "summer")
    assert script.url == '<script async src="https://trk.example.com/t.js" data-campaign="summer"></script>'
    assert (pixel.kind, pixel.name) == ("pixel", "maxi")
    assert pixel.url == (
        '<img src="https://trk.example.com/pixel/maxi.gif?click_id={aff_sub}&amp;txn_id={transaction_id}%26x"'
        ' width="1" height="1" alt="">'
    )
    assert "token" not in pixel.url


def test_a_network_that_lets_no_pixel_speak_has_none(data: Data) -> None:
    setup.apply(data, read_document(small_setup(), "setup.toml"))
    assert [tag.kind for tag in setup.tags(data, "summer")] == ["script"]


def test_links_prints_them_too(data: Data, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(data.folder.path)
    assert main(["links", "summer", "--data", folder]) == 0
    said = capsys.readouterr().out
    assert "Script for pages of campaign summer:\n  <script async" in said
    assert "Pixel for network maxi:\n  <img" in said
    assert main(["links", "summer", "--json", "--data", folder]) == 0
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert kinds == ["tracking", "postback", "script", "pixel"]
