"""The evidence of a click as a person reads it: the chain in order, live, every raw text to copy."""

from __future__ import annotations

import shlex
import sys

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from sqlalchemy import update

from app.dialogs.evidence import EvidencePanel
from app.theme import Mode
from app.widgets.evidence_raw import CopyButton, readable
from server.api import by_hand, lists
from server.api.evidence import evidence
from server.storage.tables import PostbackRow
from tests.app.clicks import Stalls

HOSTILE = "<img src='file:///etc/passwd'><b>x</b>\u202egnp 🎉"


def clicks(desk):
    """Oldest first: the first one was sold."""
    return [row["id"] for row in lists.clicks(desk.data, lists.Filters())][::-1]


def panel_of(desk, qtbot, click_id, parent=None):
    panel = EvidencePanel(desk, click_id, parent)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def built(panel, qtbot):
    qtbot.waitUntil(lambda: bool(panel.card_views()) and not panel._building.isActive())
    return panel


def keys(panel):
    return [view.card.key.split()[0] for view in panel.card_views()]


def words(panel):
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if not label.isHidden())


def raws(panel):
    return [field.toPlainText() for field in panel.findChildren(QPlainTextEdit)]


def tried(desk):
    return bool(next(lists.relays_list(desk.data, lists.Filters()))["history"])


@pytest.fixture
def sold(desk, qtbot):
    qtbot.waitUntil(lambda: tried(desk), timeout=10000)
    return clicks(desk)[0]


def test_the_chain_stands_in_order_from_click_to_relay(desk, sold, qtbot):
    panel = built(panel_of(desk, qtbot, sold), qtbot)
    assert keys(panel) == ["click", "postback", "conversion", "relay"]
    said = words(panel)
    assert "A new conversion, approved: 12.50 USD." in said
    assert "approved 12.50 USD · accepted" in said
    assert "Attempt 1 · " in said
    assert "The destination could not be reached" in said
    facts = [field.text() for field in panel.findChildren(QLineEdit)]
    assert {"summer", "prop", "e0", "zone0", "T1", "12.50 USD"} <= set(facts)
    shown = raws(panel)
    assert any(text.startswith(f"GET /p/maxi?token=***&click_id={sold}") for text in shown)
    assert any("http://127.0.0.1:9/conv?visitor_id=e0" in text for text in shown)
    assert any(text.startswith("https://go.example.net/") for text in shown)


def test_every_raw_text_and_the_click_id_can_be_copied(desk, sold, qtbot):
    panel = built(panel_of(desk, qtbot, sold), qtbot)
    copied = []
    for button in panel.findChildren(CopyButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        copied.append(QGuiApplication.clipboard().text())
    assert sold in copied
    assert [text for text in copied if text.startswith("GET /p/maxi?token=***")]
    lines = [shlex.split(text) for text in copied if text.startswith("curl ")]
    assert len(lines) >= 2
    assert "a-secret" not in "".join(copied)


def test_it_grows_while_it_is_open_and_leaves_the_rest_alone(desk, engine, sold, qtbot):
    panel = built(panel_of(desk, qtbot, sold), qtbot)
    desk.pulse.start()
    qtbot.waitUntil(lambda: desk.pulse._marks is not None)
    first = panel.card_views()[0]
    engine.postback(f"click_id={sold}&txn_id=T1&status=rejected")
    qtbot.waitUntil(lambda: keys(panel).count("postback") == 2, timeout=5000)
    qtbot.waitUntil(lambda: "now rejected" in words(panel), timeout=5000)
    assert panel.card_views()[0] is first


def test_a_person_s_word_stands_in_the_history(desk, sold, qtbot):
    number = next(lists.conversions(desk.data, lists.Filters()))["id"]
    by_hand.set_statuses(desk.data, {number: "charged_back"})
    panel = built(panel_of(desk, qtbot, sold), qtbot)
    assert "charged back · set by hand · by hand" in words(panel)


def test_a_click_without_postback_says_that_this_is_usual(desk, qtbot):
    panel = built(panel_of(desk, qtbot, clicks(desk)[1]), qtbot)
    assert keys(panel) == ["click", "no"]
    assert "has not reported this click" in words(panel)


def test_a_click_that_is_not_there_is_a_line(desk, qtbot):
    panel = panel_of(desk, qtbot, "x" * 23)
    qtbot.waitUntil(panel._problem.isVisible)
    assert "no click id" in panel._problem.text()


def test_a_damaged_id_shows_the_click_that_begins_alike(desk, sold, qtbot):
    panel = built(panel_of(desk, qtbot, sold[:18]), qtbot)
    assert panel._title.text() == sold
    assert "is damaged" in panel._about.text()


def test_hostile_texts_stay_texts_and_megabytes_do_not_hold_the_window(desk, engine, qtbot):
    click_id = clicks(desk)[1]
    for _ in range(2):
        engine.postback(f"click_id={click_id}&payout=1")
    for number, text in enumerate((HOSTILE, "y" * 5_000_000), start=4):
        change = update(PostbackRow).where(PostbackRow.id == number).values(body=text.encode())
        desk.data.database.write(lambda connection, change=change: connection.execute(change))
    panel = panel_of(desk, qtbot, click_id)
    stalls = Stalls()
    while not panel.card_views() or panel._building.isActive():
        QApplication.processEvents()
        stalls.tick()
    sys.stdout.write(f"\nlongest hold of the GUI thread while evidence opened: {stalls}\n")
    assert stalls.worked < 0.1
    assert any("<img src=" in text and "\u202e" not in text for text in raws(panel))
    assert all(len(text) < 10_000 for text in raws(panel))
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in panel.findChildren(QLabel) if label.text())


def test_escape_closes_and_the_size_is_remembered(desk, sold, qtbot):
    panel = EvidencePanel(desk, sold)
    panel.show()
    built(panel, qtbot)
    panel.resize(701, 803)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    with qtbot.waitSignal(panel.destroyed):
        qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert panel_of(desk, qtbot, sold).size() == QSize(701, 803)


def test_several_are_open_beside_a_window_that_goes_on(desk, sold, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    panels = [panel_of(desk, qtbot, click_id, parent) for click_id in clicks(desk)]
    for panel in panels:
        built(panel, qtbot)
        assert panel.isWindow()
        assert not panel.isModal()


def test_what_is_open_already_comes_forward(desk, sold, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    for click_id in (sold, clicks(desk)[1], sold):
        EvidencePanel.open(desk, click_id, parent)
    panels = parent.findChildren(EvidencePanel)
    assert sorted(panel.click_id for panel in panels) == sorted([sold, clicks(desk)[1]])
    for panel in panels:
        built(panel, qtbot)


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_nothing_is_wider_than_the_window(desk, sold, qtbot, mode):
    desk.theme.set_mode(mode)
    try:
        panel = panel_of(desk, qtbot, sold)
        panel.resize(700, 800)
        built(panel, qtbot)
        qtbot.waitUntil(lambda: panel._area.widget().width() <= panel._area.viewport().width())
        assert all(view.width() <= 700 for view in panel.card_views())
    finally:
        desk.theme.set_mode(Mode.LIGHT)


def test_a_text_is_shown_by_its_beginning_and_counted():
    assert readable("a\tb\nc") == "a\tb\nc"
    assert readable("x\x00\u202ey") == "x��y"
    assert readable("z" * 9_000).endswith("… 1000 more characters; Copy takes them all.")


def test_the_chain_of_the_api_has_what_the_panel_shows(desk, sold):
    chain = evidence(desk.data, sold)
    assert {"click", "steps", "postbacks", "conversions", "relays"} <= chain.keys()
    assert chain["relays"][0]["history"][0]["url"]
