"""The conversions page: live, its rows change in place, and a person's word is looked at before it is given."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton

from app.pages.conversions.model import kept_or_status, tone_of
from app.pages.conversions.page import ConversionsPage
from app.theme import Tone
from server.api import lists, setup
from server.clock import DAY
from server.current import FRESH_FOR_MS
from server.domain.moment import iso
from server.setup.document import read_document


def shown(desk, qtbot, rows):
    page = ConversionsPage(desk)
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


def conversion(desk, number=0):
    return list(lists.conversions(desk.data, lists.Filters()))[number]


def cell(page, row, name):
    section = next(number for number, column in enumerate(page.model.columns) if column.name == name)
    return page.model.index(row, section).data()


def test_an_empty_list_says_what_belongs_there(set_up_desk, qtbot):
    page = shown(set_up_desk, qtbot, 0)
    qtbot.waitUntil(lambda: page._stack.currentIndex() == 1)
    assert "No conversions yet" in [
        label.text() for label in page._stack.currentWidget().findChildren(type(page.bar.words))
    ]


def test_a_conversion_changes_in_place_when_the_network_says_so(desk, engine, qtbot):
    engine.postback(f"click_id={conversion(desk)['click']}&payout=7&txn_id=T2&event=upsell")
    page = shown(desk, qtbot, 2)
    desk.pulse.start()
    qtbot.waitUntil(lambda: desk.pulse._marks is not None)
    page.view.selectRow(1)
    resets = []
    page.model.modelReset.connect(lambda: resets.append(1))
    engine.postback(f"click_id={conversion(desk, 1)['click']}&txn_id=T1&status=rejected")
    qtbot.waitUntil(lambda: cell(page, 1, "status") == "rejected", timeout=5000)
    assert [row["status"] for row in page.view.selected()] == ["rejected"]
    assert resets == []


def test_actions_come_with_a_selection(desk, qtbot):
    page = shown(desk, qtbot, 1)
    assert not [found for found in page.findChildren(QToolButton) if "status" in found.text() and found.isVisible()]
    page.view.selectRow(0)
    assert button(page, "Set status").isEnabled()
    assert not [found for found in page.findChildren(QToolButton) if "late" in found.text() and found.isVisible()]


def test_a_status_by_hand_is_looked_at_first_then_set_then_undone(desk, qtbot):
    page = shown(desk, qtbot, 1)
    said = []
    desk.say = said.append
    page.view.selectRow(0)
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.bar.yes.isEnabled)
    assert page.bar.words.text() == "1 × approved → rejected"
    assert "prop is not told of 1 × rejected: This status is not relayed." in page.bar.details.text()
    assert conversion(desk)["status"] == "approved"
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "status") == "rejected")
    assert conversion(desk)["status"] == "rejected"
    assert said[-1] == "Done: 1 × approved → rejected."
    assert page.bar.yes.text() == "Undo"
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "status") == "approved")
    assert "Put back" in said[-1]


def test_another_status_is_looked_at_as_it_is_chosen(desk, qtbot):
    page = shown(desk, qtbot, 1)
    page.view.selectRow(0)
    click(qtbot, button(page, "Set status"))
    box = page.bar.findChild(QComboBox)
    box.setCurrentIndex(box.findData("charged_back"))
    qtbot.waitUntil(lambda: page.bar.words.text() == "1 × approved → charged back")
    box.setCurrentIndex(box.findData("approved"))
    qtbot.waitUntil(lambda: page.bar.words.text() == "1 stays approved")
    assert page.bar.details.text() == "No relay is owed: nothing is sent."


def test_escape_changes_nothing(desk, qtbot):
    page = shown(desk, qtbot, 1)
    page.view.selectRow(0)
    click(qtbot, button(page, "Set status"))
    qtbot.waitUntil(page.bar.yes.isEnabled)
    qtbot.keyClick(page.bar.yes, Qt.Key.Key_Escape)
    assert not page.bar.isVisible()
    assert conversion(desk)["status"] == "approved"


def test_a_late_one_is_accepted_and_then_counts(desk, engine, qtbot):
    late = '[[offer]]\nkey = "keto-us"\nnetwork = "maxi"\nurl = "https://go.example.net/?sub1={click_id}"\n'
    setup.apply(desk.data, read_document(f'{late}payout = "32"\nwindow_days = 1\n', "x"), "test")
    mapped = '[[network]]\nkey = "maxi"\ntemplate = "everflow"\ntoken = "a-secret"\nparams = { time = "at" }\n'
    setup.apply(desk.data, read_document(mapped, "x"), "test")
    applied_at = desk.data.clock()
    qtbot.waitUntil(lambda: desk.data.clock() > applied_at + FRESH_FOR_MS)
    click_id = engine.click("ext=e9")
    soon = iso(desk.data.clock() + 3 * DAY)
    assert engine.postback(f"click_id={click_id}&payout=5&txn_id=T9&at={soon}").startswith("OK late")
    page = shown(desk, qtbot, 2)
    assert cell(page, 0, "status") == "late"
    page.view.selectAll()
    click(qtbot, button(page, "Accept late"))
    qtbot.waitUntil(page.bar.yes.isEnabled)
    assert page.bar.words.text() == "Late conversions that would count from now on: 1. This cannot be undone."
    assert "prop is told 1 × approved." in page.bar.details.text()
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "status") == "approved")
    assert conversion(desk)["counted"]


def test_what_waits_for_a_hand_can_be_filtered(desk, qtbot):
    page = shown(desk, qtbot, 1)
    page.narrow_to({"state": "late"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)
    page.narrow_to({"status": "approved", "network": "maxi"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)


@pytest.mark.parametrize(
    ("row", "words", "tone"),
    [
        ({"status": "approved", "kept": None, "test": False}, "approved", Tone.GOOD),
        ({"status": "pending", "kept": None, "test": False}, "pending", Tone.WAITING),
        ({"status": "charged_back", "kept": None, "test": False}, "charged back", Tone.BAD),
        ({"status": "approved", "kept": "conflict", "test": False}, "conflict", Tone.BAD),
        ({"status": "approved", "kept": "late", "test": False}, "late", Tone.WAITING),
        ({"status": "approved", "kept": None, "test": True}, "test", Tone.MUTED),
    ],
)
def test_what_matters_most_is_the_word_and_its_tone(row, words, tone):
    assert (kept_or_status(row), tone_of(row)) == (words, tone)
