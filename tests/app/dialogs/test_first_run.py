"""The first run as a person goes through it, with keys and mouse, down to a campaign that works."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.dialogs.fire_test import FireTestDialog
from app.dialogs.first_run import FirstRun
from server.api import setup
from server.setup.document import read_document
from tests.app.conftest import serving


@pytest.fixture
def wizard(empty_desk, qtbot):
    dialog = FirstRun(empty_desk)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def typed(qtbot, editor, words):
    editor.clear()
    qtbot.keyClicks(editor, words)


def to_the_offer(qtbot, wizard):
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    typed(qtbot, wizard.source.partners.search, "propel")
    qtbot.keyClick(wizard.source.partners.search, Qt.Key.Key_Return)
    typed(qtbot, wizard.network.partners.search, "everf")
    press(qtbot, wizard.next)
    assert wizard.step is wizard.offer


def finish(qtbot, wizard):
    press(qtbot, wizard.next)
    qtbot.waitUntil(lambda: wizard.is_done)


def test_keys_and_mouse_lead_to_a_campaign_with_its_two_addresses(wizard, qtbot, empty_data):
    to_the_offer(qtbot, wizard)
    typed(qtbot, wizard.offer.url, "https://go.example.net/?a=1&sub1=&b=2")
    assert wizard.offer.placed().after == "https://go.example.net/?a=1&sub1={click_id}&b=2"
    typed(qtbot, wizard.offer.payout, "32")
    press(qtbot, wizard.next)
    assert wizard.domain.none.isChecked()
    assert not empty_data.setup().campaigns
    finish(qtbot, wizard)
    campaign = empty_data.setup().campaigns["propellerads-everflow"]
    assert empty_data.setup().offers[campaign.paths[0].offers[0].key].url.endswith("sub1={click_id}&b=2")
    assert [field.text() for field in wizard.done_step.fields] == [
        link.url for link in setup.links(empty_data, "propellerads-everflow")
    ]
    wizard.done_step.fields[1].copy()
    assert "/p/everflow?token=" in QGuiApplication.clipboard().text()
    assert "YOUR_AID" in wizard.done_step._notes.text()


def test_what_is_wrong_is_said_beside_its_field_and_one_stays(wizard, qtbot):
    to_the_offer(qtbot, wizard)
    press(qtbot, wizard.next)
    assert wizard.step is wizard.offer
    assert "Paste the link" in wizard.offer._url.problem
    typed(qtbot, wizard.offer.url, "go.example.net")
    typed(qtbot, wizard.offer.payout, "many")
    press(qtbot, wizard.next)
    assert "A URL starts with" in wizard.offer._url.problem
    assert "no amount of money" in wizard.offer._payout.problem
    typed(qtbot, wizard.offer.url, "https://go.example.net")
    typed(qtbot, wizard.offer.payout, "1.5")
    press(qtbot, wizard.next)
    press(qtbot, wizard.domain.own)
    typed(qtbot, wizard.domain.domain, "not a domain")
    press(qtbot, wizard.next)
    assert wizard.step is wizard.domain
    assert "is no domain" in wizard.domain._domain.problem


def test_back_keeps_what_was_typed_and_nothing_is_saved_before_the_end(wizard, qtbot, empty_data):
    to_the_offer(qtbot, wizard)
    typed(qtbot, wizard.offer.url, "https://go.example.net/?a=1")
    for _ in range(3):
        press(qtbot, wizard.back)
    assert wizard.step is wizard.money
    assert not wizard.back.isEnabled()
    for _ in range(3):
        press(qtbot, wizard.next)
    assert wizard.source.partner().template == "propellerads"
    assert wizard.offer.url.text() == "https://go.example.net/?a=1"
    wizard.reject()
    assert not wizard.isVisible()
    assert not empty_data.setup().sources


def test_the_relays_words_are_asked_for_and_put_in(wizard, qtbot, empty_data):
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    typed(qtbot, wizard.source.partners.search, "propel")
    asked = [field.editor for field in wizard.source._words["propellerads"].values()]
    assert [isinstance(editor, QLineEdit) and editor.isVisible() for editor in asked] == [True, True]
    typed(qtbot, asked[0], "77")
    typed(qtbot, asked[1], "88")
    press(qtbot, wizard.next)
    press(qtbot, wizard.next)
    typed(qtbot, wizard.offer.url, "https://go.example.net/?a=1")
    press(qtbot, wizard.next)
    finish(qtbot, wizard)
    relay = next(iter(empty_data.setup().sources.values())).relay
    assert "aid=77&pid=&tid=88" in relay.url
    assert not relay.fill_in


def test_partners_of_ones_own_and_a_domain(wizard, qtbot, empty_data):
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    typed(qtbot, wizard.source.partners.search, "Facey Ads")
    assert wizard.source.own_name() == "Facey Ads"
    typed(qtbot, wizard.source.external_id.editor, "{cid}")
    press(qtbot, wizard.next)
    typed(qtbot, wizard.network.partners.search, "nobody knows it")
    typed(qtbot, wizard.network.name_field.editor, "")
    press(qtbot, wizard.next)
    assert wizard.network.name_field.problem
    typed(qtbot, wizard.network.name_field.editor, "My Net")
    press(qtbot, wizard.next)
    typed(qtbot, wizard.offer.url, "https://go.example.net/?subid=[clickid]")
    press(qtbot, wizard.next)
    press(qtbot, wizard.domain.own)
    typed(qtbot, wizard.domain.domain, "trk.example.com")
    press(qtbot, wizard.next)
    qtbot.waitUntil(lambda: wizard.is_done)
    assert wizard.done_step.fields[0].text() == "https://trk.example.com/c/facey-ads-my-net?ext={cid}"
    assert empty_data.setup().offers["my-net-offer"].url == "https://go.example.net/?subid={click_id}"


def test_a_second_time_offers_what_is_set_up(set_up_desk, qtbot):
    wizard = FirstRun(set_up_desk)
    qtbot.addWidget(wizard)
    wizard.show()
    assert wizard.money.zone.word() == "Europe/Berlin"
    assert wizard.source.partners.partner().key == "prop"
    assert wizard.network.partners.partner().key == "maxi"
    for _ in range(3):
        press(qtbot, wizard.next)
    assert wizard.offer.parameter.text() == "sub1"
    typed(qtbot, wizard.offer.url, "https://go.example.net/")
    press(qtbot, wizard.next)
    finish(qtbot, wizard)
    assert list(set_up_desk.data.setup().campaigns) == ["summer", "prop-maxi"]


def test_what_the_data_refuses_is_a_line_and_one_may_try_again(wizard, qtbot, empty_data):
    to_the_offer(qtbot, wizard)
    typed(qtbot, wizard.offer.url, "https://go.example.net/")
    press(qtbot, wizard.next)
    wizard.network.currency = lambda: ""
    own = 'currencies = ["WXY"]\n'
    setup.apply(empty_data, read_document(own, "x"), "test")
    wizard.offer.payout.setText("5")
    wizard.offer.currency.setEditText("ZZZ")
    press(qtbot, wizard.next)
    qtbot.waitUntil(wizard._problem.isVisible)
    assert "ZZZ" in wizard._problem.text()
    assert wizard.next.isEnabled()


def test_fire_a_test_from_the_end(wizard, empty_data, qtbot):
    to_the_offer(qtbot, wizard)
    typed(qtbot, wizard.offer.url, "https://go.example.net/?a=1")
    press(qtbot, wizard.next)
    finish(qtbot, wizard)
    with serving(empty_data):
        press(qtbot, wizard.done_step.test)
        dialog = wizard.findChild(FireTestDialog)
        qtbot.waitUntil(lambda: not dialog.is_running, timeout=15000)
    assert [hop.is_good for hop in dialog._hops] == [True, True, False]
    assert "not filled in" in dialog._hops[-1].says
    went = []
    wizard.desk.go_to = lambda name, words: went.append((name, words))
    mend = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Open source propellerads" and b.isVisible())
    press(qtbot, mend)
    assert went == [("sources", {"key": "propellerads"})]
    assert not wizard.isVisible()
