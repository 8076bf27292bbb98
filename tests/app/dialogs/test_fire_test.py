"""Fire a test, as a person sees it: cards that turn green, amber or red, and what to mend."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from app.dialogs.fire_test import FireTestDialog
from app.dialogs.fire_test_card import HopCard
from app.pages.settings.page import SettingsPage
from app.server_process import ServerState
from server.api import editing, relaying, reports
from server.api.testing import Colour
from tests.ad_network import AdNetwork, Scripted
from tests.app.conftest import serving

DONE_MS = 30_000


def dialog_of(desk, qtbot):
    dialog = FireTestDialog(desk, "summer")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def over(dialog, qtbot):
    qtbot.waitUntil(lambda: not dialog.is_running, timeout=DONE_MS)
    return dialog


def again(dialog, qtbot):
    qtbot.mouseClick(button(dialog, "Run &again"), Qt.MouseButton.LeftButton)
    assert dialog.is_running
    return over(dialog, qtbot)


def button(dialog, words):
    return next(found for found in dialog.findChildren(QPushButton) if found.text() == words and found.isVisible())


def texts(dialog):
    return " ".join(
        label.text()
        for card in dialog.findChildren(HopCard)
        if card.isVisible()
        for label in card.findChildren(QLabel)
        if label.isVisible()
    )


def fields(dialog):
    return [field.text() for field in dialog.findChildren(QLineEdit) if field.isVisible()]


def change(data, kind, key, **words):
    before = editing.read(data, kind, key)
    relay = {"relay": {**before.get("relay", {}), **words.pop("relay", {})}} if kind == "source" else {}
    editing.save(data, kind, key, {**before, **words, **relay}, before)


@pytest.fixture
def went(set_up_desk):
    places = []
    set_up_desk.go_to = lambda name, words: places.append((name, words))
    return places


# -- the harmless test -----------------------------------------------------------------------------------------------


def test_every_hop_turns_green_and_nothing_is_booked(set_up_desk, engine, qtbot):
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    assert "The loop closes" in dialog._verdict.text()
    assert dialog._verdict.objectName() == "good"
    assert [hop.name for hop in dialog._hops] == ["click", "postback", "relay"]
    assert "Delivered to an echo" in texts(dialog)
    assert texts(dialog).count(" ms") == 3
    shown = fields(dialog)
    assert any(f"{engine.url}/c/summer" in text for text in shown)
    assert "a-secret" not in " ".join(shown)
    assert reports.report(set_up_desk.data, ["campaign"]).total["conversions"] == 0


def test_a_red_hop_says_what_to_mend_and_leads_there(set_up_desk, qtbot, request, went):
    change(set_up_desk.data, "offer", "keto-us", url="https://go.example.net/?a=1")
    request.getfixturevalue("engine")
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    assert dialog._verdict.objectName() == "bad"
    assert "does not carry the click id" in texts(dialog)
    assert "Not reached" in texts(dialog)
    mend = button(dialog, "Open offer keto-us")
    assert mend.hasFocus() or dialog.focusWidget() is mend
    qtbot.keyClick(mend, Qt.Key.Key_Space)
    assert went == [("offers", {"key": "keto-us"})]


def test_an_amber_hop_closes_the_loop_and_leads_to_what_is_doubtful(set_up_desk, qtbot, request, went):
    relaying.pause(set_up_desk.data, "source:prop")
    request.getfixturevalue("engine")
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    assert dialog._verdict.objectName() == "waiting"
    assert "look at what is marked" in dialog._verdict.text()
    qtbot.mouseClick(button(dialog, "See the relays to prop"), Qt.MouseButton.LeftButton)
    assert went == [("relays", {"source": "prop"})]


def test_it_runs_again_and_copies_itself_as_text(set_up_desk, engine, qtbot):
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    again(dialog, qtbot)
    qtbot.mouseClick(button(dialog, "&Copy as text"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Fire a test: summer")
    assert "green postback" in copied
    assert "The loop closes" in copied


def test_a_campaign_that_is_gone_is_a_line_and_no_crash(set_up_desk, qtbot):
    dialog = FireTestDialog(set_up_desk, "winter")
    qtbot.addWidget(dialog)
    dialog.show()
    over(dialog, qtbot)
    assert "There is no campaign winter." in dialog._verdict.text()


# -- what is done only when asked ------------------------------------------------------------------------------------


def test_the_offer_is_followed_only_with_the_tick(set_up_desk, qtbot, request):
    with AdNetwork() as offer:
        away = Scripted(302, b"", {"Location": "/two"})
        offer.script.extend([away, Scripted(302, b"", {"Location": "/three"})])
        change(set_up_desk.data, "offer", "keto-us", url=f"{offer.url}/one?sub1={{click_id}}")
        request.getfixturevalue("engine")
        dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
        assert offer.told == []
        assert not dialog._cards["offer"].isVisible()
        dialog.wishes.follows.setFocus()
        qtbot.keyClick(dialog.wishes.follows, Qt.Key.Key_Space)
        again(dialog, qtbot)
    assert [told.path.partition("?")[0] for told in offer.told] == ["/one", "/two", "/three"]
    assert [hop.colour for hop in dialog._hops] == [Colour.GREEN, Colour.AMBER, Colour.GREEN, Colour.GREEN]
    assert "went no further than the first address" in texts(dialog)
    assert f"{offer.url}/two" in fields(dialog)
    assert f"{offer.url}/three" in fields(dialog)
    assert "200 · " in texts(dialog)


def test_the_source_is_told_only_with_the_tick_and_after_a_warning(set_up_desk, qtbot, request):
    with AdNetwork(Scripted(200, b"counted")) as source:
        relay = {"url": f"{source.url}/conv?secret=s3&v={{external_id}}", "allow": ["127.0.0.0/8"]}
        change(set_up_desk.data, "source", "prop", relay=relay)
        request.getfixturevalue("engine")
        dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
        assert source.told == []
        assert not dialog.wishes._warning.isVisible()
        qtbot.mouseClick(dialog.wishes.is_real, Qt.MouseButton.LeftButton, pos=dialog.wishes.is_real.rect().center())
        if not dialog.wishes.is_real.isChecked():  # its words are short of the middle
            qtbot.keyClick(dialog.wishes.is_real, Qt.Key.Key_Space)
        assert "prop will count a conversion" in dialog.wishes._warning.text()
        assert dialog.wishes._warning.isVisible()
        again(dialog, qtbot)
        [told] = source.told
    assert "secret=s3&v=test-" in told.path
    shown = fields(dialog)
    assert "200 counted" in shown
    assert any("secret=***" in text for text in shown)
    assert reports.report(set_up_desk.data, ["campaign"]).total["conversions"] == 0


# -- the server ------------------------------------------------------------------------------------------------------


def test_where_no_server_runs_the_button_starts_one(set_up_desk, qtbot):
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    assert "The server is not running" in texts(dialog)
    set_up_desk.server.port = 0
    try:
        qtbot.mouseClick(button(dialog, "Start the server"), Qt.MouseButton.LeftButton)
        assert set_up_desk.server.state is ServerState.STARTING
        over(dialog, qtbot)
        assert "The loop closes" in dialog._verdict.text()
    finally:
        set_up_desk.server.end()


def test_a_server_that_cannot_start_says_why_and_leads_to_the_settings(set_up_desk, qtbot, went):
    dialog = over(dialog_of(set_up_desk, qtbot), qtbot)
    set_up_desk.server.state, set_up_desk.server.problem = ServerState.WAITING, "Port 8710 is taken."
    qtbot.mouseClick(button(dialog, "Run &again"), Qt.MouseButton.LeftButton)
    assert "The server does not start: Port 8710 is taken." in texts(dialog)
    qtbot.mouseClick(button(dialog, "Open the settings"), Qt.MouseButton.LeftButton)
    assert went == [("settings", {"key": "port"})]


@pytest.mark.parametrize("key", ["domain", "port"])
def test_the_settings_open_at_the_field_to_mend(set_up_desk, qtbot, key):
    page = SettingsPage(set_up_desk)
    qtbot.addWidget(page)
    page.resize(1000, 500)
    page.show()
    page.narrow_to({"key": key})
    editor = page.server.port if key == "port" else page.owner.editors["domain"]
    assert page.focusWidget() is editor
    assert not editor.visibleRegion().isEmpty()


# -- closed in the middle --------------------------------------------------------------------------------------------


def test_it_closes_at_any_moment_and_what_hangs_is_left(set_up_desk, qtbot, request):
    hangs = threading.Event()
    with AdNetwork(Scripted(wait=hangs)) as offer:
        change(set_up_desk.data, "offer", "keto-us", url=f"{offer.url}/?sub1={{click_id}}")
        with serving(set_up_desk.data):
            dialog = FireTestDialog(set_up_desk, "summer")  # which deletes itself
            dialog.show()
            over(dialog, qtbot)
            dialog.wishes.follows.setChecked(True)
            qtbot.mouseClick(button(dialog, "Run &again"), Qt.MouseButton.LeftButton)
            qtbot.waitUntil(lambda: bool(offer.told), timeout=DONE_MS)
            asked = dialog._asked
            with qtbot.waitSignal(dialog.destroyed):
                qtbot.keyClick(dialog, Qt.Key.Key_Escape)
            assert asked.stop.is_set()
            came = []
            set_up_desk.jobs.run(set_up_desk.pulse, lambda: 1, came.append)
            qtbot.waitUntil(lambda: came == [1])
        hangs.set()


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
