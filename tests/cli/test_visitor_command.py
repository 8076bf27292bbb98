"""`tallyback visitor`: what data there is, what it tells of a visitor, and new data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.cli.main import main
from tests.visitor.mmdb import write_mmdb

AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def geo(tmp_path: Path) -> Path:
    return write_mmdb(tmp_path / "dbip-city.mmdb", {"81.2.69.0/24": {"country_code": "GB", "as_name": "AAISP"}})


def rows(folder: Path, capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> list[dict[str, Any]]:
    assert main(["visitor", *words, "--json", "--data", str(folder)]) == expect
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_without_data_it_says_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["visitor", "--data", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Country is not known: `tallyback visitor fetch`" in said
    assert "ua-parser" in said


def test_data_is_added_and_shown_with_age_and_credit(
    folder: Path, geo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dc.txt").write_text("192.0.2.0/24\n2001:db8::/32 # x\n")
    [added] = rows(folder, capsys, "add", str(geo))
    assert added == {
        "type": "geo",
        "name": "dbip-city.mmdb",
        "kind": "Test-City",
        "built": "2026-03-01",
        "ipv6": True,
        "licence": None,
        "credit": "IP geolocation by DB-IP, https://db-ip.com (CC BY 4.0)",
        "tells": ["country", "isp"],
    }
    assert rows(folder, capsys, "add", str(tmp_path / "dc.txt"))[0]["count"] == 2
    assert [row["name"] for row in rows(folder, capsys)][:2] == ["dbip-city.mmdb", "dc.txt"]
    assert main(["visitor", "--data", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "dbip-city.mmdb: IP geolocation by DB-IP, https://db-ip.com" in said
    assert "2026-03-01" in said
    assert "Country is not known" not in said


def test_the_facts_of_a_made_up_visitor(folder: Path, geo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows(folder, capsys, "add", str(geo))
    [found] = rows(folder, capsys, "81.2.69.142", "--agent", AGENT)
    assert found == {
        "country": "GB",
        "region": None,
        "isp": "AAISP",
        "device": "mobile",
        "os": "Android",
        "os_version": "14",
        "browser": "Chrome Mobile",
        "browser_version": "124",
        "bot": None,
    }
    assert rows(folder, capsys, "81.2.69.142")[0] == {**dict.fromkeys(found), "country": "GB", "isp": "AAISP"}
    assert rows(folder, capsys, "--agent", "curl/8.0")[0]["bot"] == "agent: curl"
    assert main(["visitor", "81.2.69.142", "--agent", AGENT, "--data", str(folder)]) == 0
    assert "country          GB\nregion           not known\n" in capsys.readouterr().out


def test_what_is_broken_is_shown_and_is_no_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "geo").mkdir(parents=True)
    (folder / "geo" / "a.mmdb").write_bytes(b"none")
    broken = rows(folder, capsys, expect=1)[0]
    assert (broken["name"], broken["trouble"]) == ("a.mmdb", "This is no .mmdb database.")
    assert main(["visitor", "--data", str(folder)]) == 1
    assert "a.mmdb: Load it again from where it came" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "nowhere is no address. Write an address such as 192.0.2.7"),
        (["1.2.3"], "1.2.3 is no address."),
        (["\x1b[2J"], "\\x1b[2J is no address."),
        (["add"], "A file goes with add"),
        (["fetch", "x"], "A file goes with add"),
        (["81.2.69.142", "x"], "A file goes with add"),
        (["add", "nothing.mmdb"], "nothing.mmdb: There is no such file."),
        (["fetch", "--agent", "x"], "--agent goes with an address."),
    ],
)
def test_wrong_usage_is_one_line(folder: Path, words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["visitor", *words, "--data", str(folder)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"tallyback: {says}")
    assert said.count("\n") == 1


def test_check_looks_at_the_data_too(folder: Path, geo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def seen() -> dict[str, Any]:
        main(["check", "--json", "--data", str(folder)])
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return next(one for one in said if one["what"] == "visitors")

    main(["clicks", "--data", str(folder)])  # which makes a database
    capsys.readouterr()
    assert seen()["found"].startswith("no geo database")
    rows(folder, capsys, "add", str(geo))
    assert (seen()["ok"], seen()["found"]) == (True, "dbip-city.mmdb; 0 ranges of bots")
    (folder / "bots").mkdir(exist_ok=True)
    (folder / "bots" / "a.txt").write_text("nobody\n")
    found = seen()
    assert (found["ok"], "a.txt, line 1: 'nobody' is no range" in found["found"]) == (False, True)
    assert found["remedy"].startswith("Write one range a line")
