"""`tallyback report --csv`: whatever visitors said, each row is a row and each cell a cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import insert

from server.api import setup
from server.api.data import open_data
from server.cli.main import main
from server.domain.click_id import first_key
from server.setup.document import read_document
from server.storage.tables import ClickRow
from tests.pipeline.world import NOON, small_setup


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("a\r=cmd|'x'!A0", "a =cmd|'x'!A0"),
        ("a\r\n@SUM(1)", "a \n@SUM(1)"),
        ("a\n-1+1", "a\n-1+1"),
        ("\r+1+1", "' +1+1"),
        ('a"\r","b', 'a" ","b'),
    ],
)
def test_no_line_end_of_a_visitor_begins_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str, read: str
) -> None:
    click = {"id": first_key(NOON), "campaign_id": 1, "source_id": 1, "reason": "only_path", "sub1": said}
    folder = str(tmp_path / "data")
    with open_data(folder) as data:
        setup.apply(data, read_document(small_setup(), "setup.toml"))
        data.database.write(lambda connection: connection.execute(insert(ClickRow), [click]))
    assert main(["report", "--by", "sub1", "--csv", "--data", folder]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (row["sub1"], row["clicks"]) == (read, "1")
