"""What is to be pasted elsewhere: addresses and tags in the editors, each to be copied, and when to use it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QToolButton

from app.pages.campaigns.page import CampaignsPage
from app.pages.networks.page import NetworksPage
from app.pages.sources.page import SourcesPage
from app.widgets.forms.link_field import LinkField
from server.api import editing


def opened(page, qtbot):
    qtbot.addWidget(page)
    page.resize(1072, 740)
    page.show()
    qtbot.waitUntil(lambda: page._key is not None)
    return page


def links(page):
    return {link.text._shown.accessibleName(): link for link in page.findChildren(LinkField) if link.isVisible()}


def field(page, *trail):
    return next(one for one in page.form.fields if one.trail == trail)


def words(link):
    return [label.text() for label in link.findChildren(QLabel) if label.isVisible()]


def copied(qtbot, link):
    button = next(one for one in link.findChildren(QToolButton) if one.toolTip() == "Copy")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return QGuiApplication.clipboard().text()


def test_a_campaign_offers_the_tag_for_its_landing_pages(set_up_desk, qtbot):
    page = opened(CampaignsPage(set_up_desk), qtbot)
    qtbot.waitUntil(lambda: len(links(page)) == 3)
    tag = links(page)["Script tag for the landing pages of summer"]
    assert copied(qtbot, tag) == '<script async src="http://127.0.0.1:8710/t.js" data-campaign="summer"></script>'
    assert "Where the source forbids redirects" in words(tag)[1]
    assert "a-secret" in copied(qtbot, links(page)["Postback URL for network maxi"])


def test_a_network_that_lets_browsers_speak_shows_its_pixel(set_up_desk, qtbot, data):
    page = opened(NetworksPage(set_up_desk), qtbot)
    qtbot.waitUntil(lambda: "/p/maxi?token=" in page.form.url.text())
    assert links(page) == {}
    field(page, "pixel").check.setChecked(True)
    qtbot.waitUntil(lambda: len(links(page)) == 1)
    tag = links(page)["Pixel tag for network maxi"]
    assert copied(qtbot, tag).startswith('<img src="http://127.0.0.1:8710/pixel/maxi.gif?click_id={sub1}')
    assert "a-secret" not in copied(qtbot, tag)
    assert words(tag)[-1] == "▲ Anybody who reads the page can call it."
    page.save()
    qtbot.waitUntil(lambda: editing.read(data, "network", "maxi").get("pixel") is True)


def test_a_source_says_how_it_writes_numbers(set_up_desk, qtbot, data):
    page = opened(SourcesPage(set_up_desk), qtbot)
    style = field(page, "number_style").box
    assert style.currentText() == "by look"
    style.setCurrentIndex(style.findText("1.234,50"))
    page.save()
    qtbot.waitUntil(lambda: editing.read(data, "source", "prop").get("number_style") == "1.234,50")


@pytest.mark.parametrize(
    ("model", "hint"),
    [("cpm", "Each visit bears a thousandth"), ("cpa", "What each sale costs"), ("share", "70%"), ("cpc", "0.012")],
)
def test_the_price_is_explained_as_it_is_paid_for(set_up_desk, qtbot, model, hint):
    page = opened(CampaignsPage(set_up_desk), qtbot)
    box = field(page, "cost", "model").box
    box.setCurrentIndex(box.findData(model))
    price = field(page, "cost", "value")
    assert any(hint in label.text() for label in price.findChildren(QLabel))
