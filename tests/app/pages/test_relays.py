"""The relays page: states that change under the eye, sent again, paused and resumed, copied as curl."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton

from app.pages.relays.page import RelaysPage
from app.theme import Tone
from app.widgets.tones import tone_of_state
from server.api import lists, relaying, setup
from server.api.reasons import reason_of


def shown(desk, qtbot, rows):
    page = RelaysPage(desk)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: page.model.rowCount() == rows)
    return page


def button(page, words, kind=QToolButton):
    return next(found for found in page.findChildren(kind) if words in found.text() and found.isVisible())


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def cell(page, row, name):
    section = next(number for number, column in enumerate(page.model.columns) if column.name == name)
    return page.model.index(row, section).data()


def relays(desk):
    return list(lists.relays_list(desk.data, lists.Filters()))


@pytest.fixture
def failed(desk, qtbot):
    """Nobody listens where the relay goes: it is tried, and will be again."""
    qtbot.waitUntil(lambda: relays(desk)[0]["state"] == "failed", timeout=10000)
    return desk


def test_a_state_changes_on_screen_by_itself(set_up_desk, engine, qtbot):
    page = shown(set_up_desk, qtbot, 0)
    set_up_desk.pulse.start()
    qtbot.waitUntil(lambda: set_up_desk.pulse._marks is not None)
    engine.postback(f"click_id={engine.click('ext=e1')}&payout=2&txn_id=T1")
    qtbot.waitUntil(lambda: page.model.rowCount() == 1, timeout=5000)
    qtbot.waitUntil(lambda: cell(page, 0, "state") == "failed", timeout=10000)
    assert cell(page, 0, "reason").startswith("The destination could not be reached")
    assert cell(page, 0, "next_attempt").startswith(("in ", "now", "due"))


def test_a_failed_one_is_sent_again_after_a_question(failed, qtbot):
    page = shown(failed, qtbot, 1)
    said = []
    failed.say = said.append
    tried = len(relays(failed)[0]["history"])
    page.view.selectRow(0)
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert "They cannot be called back." in page.bar.words.text()
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: len(relays(failed)[0]["history"]) > tried, timeout=10000)
    assert said == ["Relays due now: 1."]


def test_pausing_holds_and_says_so_and_resuming_lets_go(failed, qtbot):
    page = shown(failed, qtbot, 1)
    page.view.selectRow(0)
    click(qtbot, button(page, "Pause"))
    assert "nothing is lost" in page.bar.words.text()
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: cell(page, 0, "state") == "held")
    qtbot.waitUntil(lambda: bool(page._strip.isVisible()))
    assert failed.data.setup().sources["prop"].relay.paused
    assert page.bar.yes.text() == "Undo"
    click(qtbot, button(page, "Resume prop", QPushButton))
    qtbot.waitUntil(lambda: cell(page, 0, "state") != "held")
    qtbot.waitUntil(lambda: not page._strip.isVisible())
    assert not failed.data.setup().sources["prop"].relay.paused
    assert "paused = true" not in setup.exported(failed.data, with_secrets=False)


def test_what_was_paused_by_a_pause_is_taken_back_by_undo(failed, qtbot):
    page = shown(failed, qtbot, 1)
    page.view.selectRow(0)
    click(qtbot, button(page, "Pause"))
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: page.bar.isVisible() and page.bar.yes.text() == "Undo")
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: relaying.paused(failed.data) == [])


def test_sending_again_what_is_held_says_that_it_resumes(failed, qtbot):
    relaying.pause(failed.data, "source:prop")
    page = shown(failed, qtbot, 1)
    qtbot.waitUntil(lambda: bool(page._strip.isVisible()))
    page.view.selectRow(0)
    click(qtbot, button(page, "Send again"))
    assert page.bar.details.text() == "prop is resumed by it."
    click(qtbot, page.bar.yes)
    qtbot.waitUntil(lambda: relaying.paused(failed.data) == [])


def test_curl_has_the_request(failed, qtbot):
    page = shown(failed, qtbot, 1)
    page.view.selectRow(0)
    click(qtbot, button(page, "Copy as curl"))
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("curl -i --globoff -H ")
    assert "http://127.0.0.1:9/conv?visitor_id=e0&payout=12.50" in copied


def test_states_narrow(failed, qtbot):
    page = shown(failed, qtbot, 1)
    page.narrow_to({"state": "delivered"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)
    page.narrow_to({"state": "failed", "source": "prop"})
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)


@pytest.mark.parametrize(
    ("state", "tone"),
    [("delivered", Tone.GOOD), ("skipped", Tone.MUTED), ("dead", Tone.BAD), ("held", Tone.WAITING)],
)
def test_a_state_has_its_tone(state, tone):
    assert tone_of_state(state) is tone


@pytest.mark.parametrize(
    ("word", "why", "has_remedy"),
    [
        (None, "", False),
        ("http_401", "The destination refused our credentials (401).", True),
        ("http_502", "The destination answered 502 Bad Gateway.", True),
        ("connect: refused", "The destination could not be reached: refused.", True),
        ("no_rate: EUR", "The payout cannot be converted: EUR", True),
        ("below_minimum", "The payout is below the minimum that is relayed.", False),
        ("something_new", "something new", False),
    ],
)
def test_a_reason_is_a_sentence(word, why, has_remedy):
    assert reason_of(word).why == why
    assert bool(reason_of(word).remedy) is has_remedy
