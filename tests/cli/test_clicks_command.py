"""`tallyback clicks`: narrowed to a country, a device, bots or none."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import insert

from server.api.data import open_data
from server.api.setup import apply
from server.cli.main import main
from server.domain.click_id import first_key
from server.setup.document import read_document
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, small_setup

VISITORS = (
    {"external_id": "phone", "country": "US", "device": "mobile"},
    {"external_id": "screen", "country": "DE", "device": "desktop"},
    {"external_id": "crawler", "country": "US", "device": "bot", "bot": "agent: x", "is_direct": True},
)


@pytest.fixture
def folder(tmp_path):
    with open_data(str(tmp_path)) as data:
        apply(data, read_document(small_setup(), "setup.toml"), "test")
        setup = data.setup()
        common = {
            "campaign_id": setup.campaigns["summer"].id,
            "source_id": setup.sources["prop"].id,
            "reason": "only_path",
        }
        for number, visitor in enumerate(VISITORS):
            row = {"id": first_key(NOON) + number, **common, **visitor}
            data.database.write(lambda connection, row=row: connection.execute(insert(ClickRow), row))
    return str(tmp_path)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["crawler", "screen", "phone"]),
        (("--country", "us"), ["crawler", "phone"]),
        (("--device", "desktop"), ["screen"]),
        (("--bot", "yes"), ["crawler"]),
        (("--bot", "no", "--country", "US"), ["phone"]),
    ],
)
def test_it_is_narrowed_by_what_is_known_of_the_visitor(folder, capsys, words, found):
    assert main(["clicks", "--data", folder, "--json", *words]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["external_id"] for row in rows] == found
    assert [row["direct"] for row in rows] == [name == "crawler" for name in found]


@pytest.mark.parametrize(("name", "word", "near"), [("--device", "mobil", "mobile"), ("--bot", "ye", "yes")])
def test_a_word_that_is_none_names_the_nearest(folder, capsys, name, word, near):
    assert main(["clicks", "--data", folder, name, word]) == 2
    assert capsys.readouterr().err.strip().endswith(f"Did you mean {near}?")
