"""The settings: checked beside the field, saved as a file would be, and the server in hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.dialogs.closing import ON_CLOSE, OnClose
from app.pages.settings.page import SettingsPage
from app.server_process import ServerState
from app.theme import Mode


@pytest.fixture
def page(set_up_desk, qtbot):
    page = SettingsPage(set_up_desk)
    qtbot.addWidget(page)
    page.resize(1072, 740)
    page.show()
    return page


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_owners_words_are_shown_and_saved(page, qtbot, data):
    owner = page.owner
    assert (owner.currency.word(), owner.zone.word()) == ("USD", "Europe/Berlin")
    assert not owner.save_button.isEnabled()
    qtbot.keyClicks(owner.editors["domain"], "trk.example.com")
    qtbot.keyClicks(owner.editors["currencies"], "usdt, BTC")
    qtbot.keyClicks(owner.editors["trusted_proxies"], "127.0.0.1 10.0.0.0/8")
    qtbot.keyClicks(owner.editors["client_ip_header"], "CF-Connecting-IP")
    qtbot.keyClicks(owner.editors["fallback_url"], "https://example.com/")
    owner.zone.setEditText("Asia/Tokyo")
    press(qtbot, owner.save_button)
    qtbot.waitUntil(lambda: owner._said.text() == "✓ Saved")
    saved = data.setup().owner
    assert saved.domain == "https://trk.example.com"
    assert saved.currencies == ("USDT", "BTC")
    assert saved.trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    assert (saved.client_ip_header, saved.fallback_url, saved.timezone) == (
        "CF-Connecting-IP",
        "https://example.com/",
        "Asia/Tokyo",
    )
    assert not owner.is_changed


def test_a_value_is_taken_away_again(page, qtbot, data):
    qtbot.keyClicks(page.owner.editors["domain"], "trk.example.com")
    page.owner.save()
    qtbot.waitUntil(lambda: data.setup().owner.domain is not None and not page.owner.is_changed)
    page.owner.editors["domain"].clear()
    page.owner.save()
    qtbot.waitUntil(lambda: data.setup().owner.domain is None)


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("domain", "foo bar", "is no domain"),
        ("fallback_url", "https://x/{click_id}", "there is no click"),
        ("trusted_proxies", "10.0.0.1/8", "Did you mean '10.0.0.0/8'?"),
        ("client_ip_header", "a b", "is no name of a header"),
        ("currencies", "12", "'12'"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_not_saved(name, words, said, page, qtbot, data):
    qtbot.keyClicks(page.owner.editors[name], words)
    assert said in page.owner.fields[name].problem
    press(qtbot, page.owner.save_button)
    assert data.setup().owner.domain is None
    press(qtbot, page.owner.revert_button)
    assert page.owner.editors[name].text() == ""
    assert page.owner.fields[name].problem == ""


def test_the_look_is_chosen_and_remembered(page, qtbot, set_up_desk):
    box = page.look.mode
    try:
        box.setCurrentIndex(box.findData("dark"))
        box.activated.emit(box.currentIndex())
        assert set_up_desk.theme.is_dark
        assert QSettings().value("look") == "dark"
    finally:
        set_up_desk.theme.set_mode(Mode.LIGHT)
    assert box.currentData() == "light"


def test_what_closing_does_can_be_chosen(page):
    box = page.look.on_close
    assert box.currentData() == OnClose.ASK
    box.setCurrentIndex(box.findData("stop"))
    box.activated.emit(box.currentIndex())
    assert QSettings().value(ON_CLOSE) == "stop"


def test_the_server_is_started_and_stopped_and_its_log_copied(page, qtbot, set_up_desk):
    card, server = page.server, set_up_desk.server
    assert card.state.text() == "Server stopped"
    card.port.clear()
    qtbot.keyClicks(card.port, "70000")
    assert "below 65536" in card.port_field.problem
    card.port.clear()
    qtbot.keyClicks(card.port, "0")
    assert server.port == 0
    assert QSettings().value("port") == 0
    press(qtbot, card.start_button)
    try:
        qtbot.waitUntil(lambda: server.state is ServerState.RUNNING, timeout=15000)
        assert (card.state.text(), card.address.text()) == ("Server running", server.url)
        qtbot.waitUntil(lambda: "Tallyback listens on" in card.log.toPlainText(), timeout=8000)
        press(qtbot, next(b for b in page.findChildren(QPushButton) if b.text() == "Copy the log"))
        assert "Tallyback listens on" in QGuiApplication.clipboard().text()
        press(qtbot, card.stop_button)
        qtbot.waitUntil(lambda: server.state is ServerState.STOPPED, timeout=15000)
    finally:
        server.end()
    assert card.start_button.isEnabled()


def test_the_data_folder_and_its_size(page, qtbot, data):
    assert page.data.folder.text() == str(data.folder.path)
    qtbot.waitUntil(lambda: "KiB" in page.data.measured.text() or "MiB" in page.data.measured.text())
