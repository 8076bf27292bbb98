"""What is known of visitors, in the settings: files come and go, a broken one is named, and a try shows the facts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.pages.settings.page import SettingsPage
from tests.visitor.mmdb import write_mmdb

AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1"
CREDIT = "IP geolocation by DB-IP, https://db-ip.com (CC BY 4.0)"


@pytest.fixture
def page(set_up_desk, qtbot):
    page = SettingsPage(set_up_desk)
    qtbot.addWidget(page)
    page.resize(1072, 740)
    page.show()
    qtbot.waitUntil(lambda: page.visitors.state.text() != "Reading…")
    return page


@pytest.fixture
def card(page):
    return page.visitors


@pytest.fixture
def geo(tmp_path: Path) -> Path:
    return write_mmdb(tmp_path / "dbip-country.mmdb", {"81.2.69.0/24": {"country_code": "GB", "as_name": "A & Sons"}})


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def brought(card, qtbot):
    qtbot.waitUntil(card.add_button.isEnabled)
    return card.bar.words.text()


def said(card):
    return [label.text() for label in card.files.findChildren(QLabel)]


def selectable(card, words):
    return next(label for label in card.files.findChildren(QLabel) if label.text() == words).textInteractionFlags()


def test_without_a_file_it_says_what_is_missing_and_offers_it(card):
    assert card.state.text() == "No database tells countries: they are not known, and everything else works."
    assert card.fetch_button.property("primary")
    assert card.files.isHidden()
    assert "ua-parser" in card._parsers.text()


def test_a_file_is_taken_in_and_shown_with_its_credit_to_be_copied(card, qtbot, geo, data):
    card.add(str(geo))
    assert brought(card, qtbot) == "Now in use: dbip-country.mmdb"
    qtbot.waitUntil(lambda: not card.files.isHidden())
    assert said(card) == ["dbip-country.mmdb", "Tells: Country, Provider · of 2026-03-01 · Test-City", CREDIT]
    assert selectable(card, CREDIT) & Qt.TextInteractionFlag.TextSelectableByMouse
    assert "within seconds" in card.state.text()
    assert not card.fetch_button.property("primary")
    assert (data.folder.geo_folder / "dbip-country.mmdb").read_bytes() == geo.read_bytes()


def test_a_list_of_ranges_is_taken_in_and_refused_with_the_line(card, qtbot, tmp_path):
    (tmp_path / "dc.txt").write_text("192.0.2.0/24\n2001:db8::/32\n")
    card.add(str(tmp_path / "dc.txt"))
    brought(card, qtbot)
    qtbot.waitUntil(lambda: said(card) == ["dc.txt", "Address ranges of bots: 2"])
    (tmp_path / "bad.txt").write_text("192.0.2.0/24\nnobody\n")
    card.add(str(tmp_path / "bad.txt"))
    assert "line 2: 'nobody' is no range of addresses." in brought(card, qtbot)
    assert card.bar.yes.isHidden()


def test_what_is_broken_is_named_with_what_to_do(card, qtbot, data):
    data.folder.geo_folder.mkdir()
    (data.folder.geo_folder / "city.mmdb").write_bytes(b"none")
    card.read()
    qtbot.waitUntil(lambda: "▲ This is no .mmdb database." in said(card))
    assert said(card)[2].startswith("Load it again from where it came")
    assert "not known" in card.state.text()


def test_a_file_is_removed_after_a_question(card, qtbot, geo, data):
    card.add(str(geo))
    brought(card, qtbot)
    qtbot.waitUntil(lambda: "dbip-country.mmdb" in card.files.buttons)
    press(qtbot, card.files.buttons["dbip-country.mmdb"])
    assert card.bar.words.text() == "Remove dbip-country.mmdb?"
    press(qtbot, card.bar.no)
    assert list(data.folder.geo_folder.iterdir())
    press(qtbot, card.files.buttons["dbip-country.mmdb"])
    press(qtbot, card.bar.yes)
    qtbot.waitUntil(card.files.isHidden)
    assert list(data.folder.geo_folder.iterdir()) == []
    assert card.bar.words.text() == "Removed: dbip-country.mmdb"


def test_a_file_that_went_by_itself_cannot_be_removed_again(card, qtbot, geo, data):
    card.add(str(geo))
    brought(card, qtbot)
    qtbot.waitUntil(lambda: "dbip-country.mmdb" in card.files.buttons)
    (data.folder.geo_folder / "dbip-country.mmdb").unlink()
    press(qtbot, card.files.buttons["dbip-country.mmdb"])
    press(qtbot, card.bar.yes)
    qtbot.waitUntil(lambda: "There is no such file." in card.bar.words.text())


def test_a_try_tells_the_facts_of_a_visitor(card, qtbot, geo):
    card.add(str(geo))
    brought(card, qtbot)
    trial = card.trial
    qtbot.keyClicks(trial.address, "81.2.69.142")
    trial.agent.setText(AGENT)
    qtbot.keyClick(trial.agent, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: trial.facts["country"].text() == "United Kingdom (GB)")
    assert {name: label.text() for name, label in trial.facts.items() if name != "country"} == {
        "region": "not known",
        "isp": "A & Sons",
        "device": "mobile",
        "os": "iOS",
        "os_version": "17.4",
        "browser": "Mobile Safari",
        "browser_version": "17.4",
        "bot": "no",
    }
    trial.address.setText("nobody")
    press(qtbot, trial.button)
    assert "Write an address" in trial.problem
    assert trial._found.isHidden()


# -- by npm ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="a script with a shebang stands for npm")
def test_a_fetch_that_nobody_wants_any_more_ends_at_once(card, qtbot, tmp_path, monkeypatch, data):
    (tmp_path / "bin").mkdir()
    begun = tmp_path / "begun"
    program = f"import os, time\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    (tmp_path / "bin" / "npm").write_text(f"#!{sys.executable}\n{program}")
    (tmp_path / "bin" / "npm").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    press(qtbot, card.fetch_button)
    qtbot.waitUntil(lambda: begun.exists() and begun.read_text() and card.busy.isVisible())
    assert not card.fetch_button.isEnabled()
    press(qtbot, card.busy.button)
    assert card.fetch_button.isEnabled()
    assert card.busy.isHidden()
    qtbot.waitUntil(lambda: is_gone(int(begun.read_text())))
    assert not data.folder.geo_folder.exists()


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_without_npm_it_says_so_and_the_way_by_hand(card, qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    press(qtbot, card.fetch_button)
    qtbot.waitUntil(lambda: "There is no npm on this machine" in card.bar.words.text())
    assert "Download any .mmdb" in card.bar.words.text()
    assert card.fetch_button.isEnabled()
