"""The postbacks page: outcomes with why and what to do, replays with a preview, requests as curl."""

from __future__ import annotations

import shlex

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QToolButton

from app.curl import curl
from app.dialogs.evidence import ReceiptPanel
from app.pages.postbacks.page import PostbacksPage
from app.theme import Tone
from app.widgets.tones import tone_of_outcome
from server.api import lists, setup
from server.domain.outcome import Outcome
from server.setup.document import read_document

MAPPED = (
    '[[network]]\nkey = "maxi"\ntemplate = "everflow"\ntoken = "a-secret"\n'
    '[network.status_words]\napproved = ["yippee"]\n'
)


def shown(desk, qtbot, rows):
    page = PostbacksPage(desk)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: page.model.rowCount() == rows)
    return page


def button(page, words):
    return next(found for found in page.findChildren(QToolButton) if words in found.text() and found.isVisible())


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def cell(page, row, name, role=Qt.ItemDataRole.DisplayRole):
    section = next(number for number, column in enumerate(page.model.columns) if column.name == name)
    return page.model.index(row, section).data(role)


def receipts(desk):
    return list(lists.postbacks(desk.data, lists.Filters()))


@pytest.fixture
def unknown(desk, engine):
    """A postback whose status nobody knows; the mapping that mends it is applied afterwards."""
    click_id = next(row["id"] for row in lists.clicks(desk.data, lists.Filters()))
    assert engine.postback(f"click_id={click_id}&payout=9&txn_id=T7&status=yippee").startswith("STORED unknown_status")
    return desk


def test_each_outcome_has_its_word_tone_and_tip(unknown, qtbot):
    page = shown(unknown, qtbot, 4)
    assert [cell(page, row, "outcome") for row in range(4)] == [
        "unknown status",
        "unauthorised",
        "no click id",
        "accepted",
    ]
    tip = cell(page, 0, "outcome", Qt.ItemDataRole.ToolTipRole)
    assert "yippee" in tip
    assert "Map the word under status_words" in tip


def test_live_ones_come_by_themselves(desk, engine, qtbot):
    page = shown(desk, qtbot, 3)
    desk.pulse.start()
    qtbot.waitUntil(lambda: desk.pulse._marks is not None)
    engine.postback("payout=3")
    qtbot.waitUntil(lambda: page.model.rowCount() == 4, timeout=5000)


def test_outcome_and_network_combine(unknown, qtbot):
    page = shown(unknown, qtbot, 4)
    page.narrow_to({"outcome": "unknown_status", "network": "maxi"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    page.narrow_to({"outcome": "unauthorised", "network": "maxi"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)


def test_a_replay_that_would_change_nothing_says_so(unknown, qtbot):
    page = shown(unknown, qtbot, 4)
    page.view.selectRow(0)
    click(qtbot, button(page, "Replay"))
    qtbot.waitUntil(page.bar.yes.isEnabled)
    assert page.bar.words.text() == "Nothing would change by today's setup."


def test_after_a_fix_the_preview_says_what_changes_and_the_replay_does_it(unknown, qtbot):
    page = shown(unknown, qtbot, 4)
    setup.apply(unknown.data, read_document(MAPPED, "x"), "test")
    page.view.selectRow(0)
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.bar.yes.isEnabled)
    assert "1 of 1 would change" in page.bar.words.text()
    assert page.bar.details.text() == "1 × unknown status → accepted\n1 relay would be owed."
    assert receipts(unknown)[0]["outcome"] == "unknown_status"
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "outcome") == "accepted")
    assert receipts(unknown)[0]["replayed"] == 1
    assert len([row for row in lists.relays_list(unknown.data, lists.Filters()) if row["state"] != "skipped"]) == 2


def test_relays_can_be_withheld(unknown, qtbot):
    page = shown(unknown, qtbot, 4)
    setup.apply(unknown.data, read_document(MAPPED, "x"), "test")
    page.view.selectRow(0)
    click(qtbot, button(page, "Replay"))
    page.bar.findChild(QCheckBox).setChecked(True)
    qtbot.waitUntil(lambda: "No relay would be owed." in page.bar.details.text())
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "outcome") == "accepted")
    assert next(row["reason"] for row in lists.relays_list(unknown.data, lists.Filters())) == "withheld"


def test_a_stranger_s_request_cannot_be_replayed_but_copied(desk, qtbot):
    page = shown(desk, qtbot, 3)
    page.view.selectRow(0)
    assert not [found for found in page.findChildren(QToolButton) if "Replay" in found.text() and found.isVisible()]
    click(qtbot, button(page, "Copy as curl"))
    copied = shlex.split(QGuiApplication.clipboard().text())
    assert copied[0] == "curl"
    assert "/p/stranger?token=***&click_id=x" in copied[-1]


def test_one_that_names_no_click_is_shown_by_itself(desk, qtbot):
    page = shown(desk, qtbot, 3)
    asked = []
    desk.show_evidence = asked.append
    page.open_row(page.model.row(1))
    assert asked == []
    panel = page.findChild(ReceiptPanel)
    assert panel.isVisible()
    words = [label.text() for label in panel.findChildren(QLabel)]
    assert any(text.startswith("No parameter holds a click id") for text in words)
    assert any(text.startswith("Put the network's macro") for text in words)
    assert [field.toPlainText() for field in panel.findChildren(QPlainTextEdit)] == [
        "GET /p/maxi?token=***&payout=1",
    ]
    page.open_row(page.model.row(2))
    assert asked == [page.model.row(2)["click"]]


def test_a_hostile_request_stays_one_argument_of_the_shell():
    words = shlex.split(curl("POST", "http://h/p?a='; rm -rf ~ $(x)`y`", {"X-A": "b\n'c"}, '{"a": "@/etc/passwd"}'))
    assert words == [
        *("curl", "-i", "--globoff", "-H", "X-A: b\n'c", "--data-raw", '{"a": "@/etc/passwd"}'),
        "http://h/p?a='; rm -rf ~ $(x)`y`",
    ]


def test_every_outcome_has_a_tone():
    tones = {outcome: tone_of_outcome(outcome.value) for outcome in Outcome}
    assert {outcome for outcome, tone in tones.items() if tone is Tone.GOOD} == {Outcome.ACCEPTED, Outcome.UPDATED}
    assert {outcome for outcome, tone in tones.items() if tone is Tone.MUTED} == {
        *(Outcome.DUPLICATE, Outcome.STALE, Outcome.TEST),
    }
    assert tones[Outcome.CONFLICT] is tones[Outcome.UNAUTHORISED] is tones[Outcome.CLICK_ID_DAMAGED] is Tone.BAD
