"""Fire a test, as a person sees it: cards that turn green or red, and what to mend."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.dialogs.fire_test import FireTestDialog
from app.dialogs.fire_test_card import HopCard
from server.api import reports, setup
from server.setup.document import read_document


def dialog_of(desk, qtbot):
    dialog = FireTestDialog(desk, "summer")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def button(dialog, words):
    return next(found for found in dialog.findChildren(QPushButton) if found.text() == words and found.isVisible())


def texts(dialog):
    return " ".join(
        label.text() for label in dialog.findChildren(HopCard) for label in label.findChildren(type(dialog._verdict))
    )


def test_every_hop_turns_green_and_nothing_is_booked(set_up_desk, engine, qtbot):
    dialog = dialog_of(set_up_desk, qtbot)
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=15000)
    assert "The loop closes" in dialog._verdict.text()
    assert dialog._verdict.objectName() == "good"
    assert [hop.name for hop in dialog._hops] == ["click", "postback", "relay"]
    assert "Delivered to an echo" in texts(dialog)
    shown = [field.text() for field in dialog.findChildren(QLineEdit)]
    assert any(f"{engine.url}/c/summer" in text for text in shown)
    assert "a-secret" not in " ".join(shown)
    assert reports.report(set_up_desk.data, ["campaign"]).total["conversions"] == 0


def test_a_red_hop_says_what_to_mend_and_leads_there(set_up_desk, qtbot, request):
    went = []
    set_up_desk.go_to = lambda name, words: went.append((name, words))
    mended = '[[offer]]\nkey = "keto-us"\nnetwork = "maxi"\nurl = "https://go.example.net/?a=1"\npayout = "1"\n'
    setup.apply(set_up_desk.data, read_document(mended, "x"), "test")
    request.getfixturevalue("engine")
    dialog = dialog_of(set_up_desk, qtbot)
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=15000)
    assert dialog._verdict.objectName() == "bad"
    assert "does not carry the click id" in texts(dialog)
    assert "Not reached" in texts(dialog)
    qtbot.mouseClick(button(dialog, "Mend it"), Qt.MouseButton.LeftButton)
    assert went == [("offers", {"key": "keto-us"})]


def test_it_runs_again_and_copies_itself_as_text(set_up_desk, engine, qtbot):
    dialog = dialog_of(set_up_desk, qtbot)
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=15000)
    qtbot.mouseClick(button(dialog, "Run again"), Qt.MouseButton.LeftButton)
    assert dialog.is_running
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=15000)
    qtbot.mouseClick(button(dialog, "Copy as text"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Fire a test: summer")
    assert "ok postback" in copied
    assert "The loop closes" in copied


def test_a_campaign_that_is_gone_is_a_line_and_no_crash(set_up_desk, qtbot):
    dialog = FireTestDialog(set_up_desk, "winter")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.is_running)
    assert "There is no campaign winter." in dialog._verdict.text()


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_qr_code_reads_black_on_white(is_dark, set_up_desk, qtbot):
    from app.widgets.copy_field import CopyField, qr_image

    field = CopyField(set_up_desk.theme, "https://trk.example.com/c/summer", has_qr=True)
    qtbot.addWidget(field)
    image = qr_image(field.text(), 240)
    assert image.pixelColor(0, 0).name() == "#ffffff"
    assert image.width() == image.height() <= 240
    step = image.width() // 37 if image.width() % 37 == 0 else image.width() // 33
    assert image.pixelColor(4 * step + 1, 4 * step + 1).name() == "#000000"
    assert qr_image("x" * 2900, 240).width() > 0
    assert field._qr.isEnabled()
    field.set_text("x" * 2901)
    assert not field._qr.isEnabled()
    field.copy()
    assert QGuiApplication.clipboard().text() == field.text()
