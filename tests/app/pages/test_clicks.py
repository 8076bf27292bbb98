"""The list of clicks: facts of the visitor as columns, reasons in words, and filters by country, device and bot."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.pages.clicks.page import ClicksPage
from app.widgets.reasons import SHORT
from server.domain.choosing import REASONS
from tests.app.clicks import add_clicks, column_of, shown, texts

PHONE = {
    "country": "DE",
    "region": "BE",
    "isp": "A <b>net</b>",
    "device": "mobile",
    "os": "Android",
    "os_version": "14",
    "browser": "Chrome Mobile",
    "browser_version": "124",
    "is_returning": True,
}
CRAWLER = {"country": "US", "device": "bot", "bot": "agent: curl", "is_returning": False, "reason": "bot"}


@pytest.fixture
def page(set_up_desk, qtbot):
    add_clicks(set_up_desk.data, 2, path=0, **PHONE)
    add_clicks(set_up_desk.data, 1, start=10, **CRAWLER)
    return shown(ClicksPage(set_up_desk), qtbot, 3)


def choose(page, name, words):
    box = page.filters.boxes[name]
    box.setCurrentIndex(next(place for place in range(box.count()) if box.itemText(place) == words))


def test_what_is_known_of_a_visitor_stands_in_columns_that_can_be_shown(page):
    names = ("region", "isp", "os", "os_version", "browser", "browser_version", "returning")
    assert [texts(page, name)[2] for name in names] == [
        *("BE", "A <b>net</b>", "Android", "14", "Chrome Mobile", "124", "yes")
    ]
    assert (texts(page, "bot")[0], texts(page, "returning")[0], texts(page, "os")[0]) == ("agent: curl", "no", "–")
    hidden = {column.name for column in page.model.columns} - {column.name for column in page.view.columns_shown()}
    assert {*names, "bot", "reason", "landing", "own_cost"} <= hidden


def test_a_reason_is_told_in_words_with_its_sentence_as_a_tip(page):
    assert texts(page, "reason") == ["a bot", "the only open path, path 1", "the only open path, path 1"]
    tip = page.model.index(0, column_of(page, "reason")).data(Qt.ItemDataRole.ToolTipRole)
    assert REASONS["bot"] in tip


def test_every_reason_has_its_words():
    assert SHORT.keys() == REASONS.keys()


def test_the_list_is_narrowed_to_a_country_a_device_and_bots(page, qtbot):
    qtbot.waitUntil(lambda: page.filters.boxes["country"].count() > 200)
    choose(page, "country", "Germany (DE)")
    qtbot.waitUntil(lambda: texts(page, "country") == ["DE", "DE"])
    choose(page, "device", "bot")
    qtbot.waitUntil(lambda: page.model.rowCount() == 0)
    choose(page, "country", "All countries")
    qtbot.waitUntil(lambda: texts(page, "country") == ["US"])
    choose(page, "device", "All devices")
    choose(page, "bot", "Without bots")
    qtbot.waitUntil(lambda: texts(page, "country") == ["DE", "DE"])
    choose(page, "bot", "Bots only")
    qtbot.waitUntil(lambda: texts(page, "country") == ["US"])


def test_columns_chosen_under_other_columns_are_not_taken_for_these(page, set_up_desk, qtbot, monkeypatch):
    page.view._show_column(column_of(page, "region"), is_on=True)
    page.save_layout()
    again = shown(ClicksPage(set_up_desk), qtbot, 3)
    assert not again.view.isColumnHidden(column_of(again, "region"))
    monkeypatch.setattr(type(page.view), "_names", lambda _view: "of another version")
    later = shown(ClicksPage(set_up_desk), qtbot, 3)
    assert later.view.isColumnHidden(column_of(later, "region"))
