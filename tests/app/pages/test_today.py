"""Today, over a real engine: figures, what came in, what needs a hand, and where a row leads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.pages.today.cards import difference
from app.pages.today.page import TodayPage
from app.server_process import ServerState
from app.theme import Mode
from server.api import setup
from server.setup.document import read_document

WITH_LANDING = """
[[landing]]
key = "quiz"
url = "https://lp.example.com/?sub1={click_id}"
[[campaign]]
key = "autumn"
source = "prop"
[[campaign.path]]
landings = [{ landing = "quiz" }]
offers = [{ offer = "keto-us" }]
"""


def page_of(desk, qtbot):
    page = TodayPage(desk)
    qtbot.addWidget(page)
    page.resize(1072, 740)
    page.show()
    return page


def card(page, metric):
    return next(card for card in page.cards if card.figure.metric == metric)


def lines(view):
    return [view.item(row).text() for row in range(view.count())]


def test_figures_and_charts_show_what_came_in(desk, qtbot):
    page = page_of(desk, qtbot)
    qtbot.waitUntil(lambda: card(page, "clicks").value == "3")
    assert card(page, "conversions").value == "1"
    assert card(page, "revenue").value == "12.50"
    assert card(page, "profit").value == "12.46"
    assert sum(page.clicks._today) == 3
    assert len(page.profit.plot.listDataItems()) == 2


def test_landing_pages_have_their_figure_where_there_are_any(set_up_desk, engine, qtbot, data):
    page = page_of(set_up_desk, qtbot)
    engine.click()
    page.refresh()
    qtbot.waitUntil(lambda: card(page, "clicks").value == "1")
    assert card(page, "lp_ctr").isHidden()
    setup.apply(data, read_document(WITH_LANDING, "more.toml"), "test")
    engine.click(campaign="autumn")
    page.refresh()
    qtbot.waitUntil(lambda: card(page, "lp_ctr").isVisible())
    assert card(page, "lp_ctr").value == "0.0 %"


def test_the_feed_tells_what_came_and_opens_its_evidence(desk, qtbot):
    opened = []
    desk.show_evidence = opened.append
    page = page_of(desk, qtbot)
    qtbot.waitUntil(lambda: any(words.startswith("Conversion approved, 12.50 USD") for words in page.feed.words()))
    words = page.feed.words()
    assert any(line.startswith("Postback no click id") for line in words)
    assert words.count("Click on summer, sent to keto-us") == 3
    row = next(row for row, line in enumerate(words) if line.startswith("Click on"))
    page.feed.setCurrentCell(row, 1)
    page.feed.setFocus()
    qtbot.keyClick(page.feed, Qt.Key.Key_Return)
    assert opened == [page.feed._events[row].row["id"]]


def test_what_needs_a_hand_leads_to_the_list_narrowed(desk, qtbot, went):
    page = page_of(desk, qtbot)
    qtbot.waitUntil(lambda: page.needs.count() == 2)
    assert sorted(line.split("\n")[0] for line in lines(page.needs)) == [
        "1 × postback “no click id”",
        "1 × postback “unauthorised”",
    ]
    place = page.needs.visualItemRect(page.needs.item(0)).center()
    qtbot.mouseClick(page.needs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert went == [("postbacks", {"outcome": "no_click_id"})]


def test_a_new_click_is_seen_without_a_refresh(desk, engine, qtbot):
    page = page_of(desk, qtbot)
    desk.pulse.start()
    qtbot.waitUntil(lambda: card(page, "clicks").value == "3")
    engine.click("ext=e9")
    qtbot.waitUntil(lambda: card(page, "clicks").value == "4", timeout=8000)


def test_a_server_that_does_not_stay_up_stands_first(desk, qtbot, went):
    page = page_of(desk, qtbot)
    qtbot.waitUntil(lambda: page.needs.count() == 2)
    desk.server.problem = "Port 8710 on 127.0.0.1 is taken by another program."
    desk.server._become(ServerState.WAITING)
    assert lines(page.needs)[0].endswith("Port 8710 on 127.0.0.1 is taken by another program.")
    page.needs.setCurrentRow(0)
    qtbot.keyClick(page.needs, Qt.Key.Key_Return)
    assert went == [("settings", {})]
    desk.server._become(ServerState.RUNNING)
    assert page.needs.count() == 2


def test_an_empty_folder_offers_the_first_step(empty_desk, qtbot):
    begun = []
    empty_desk.begin = lambda: begun.append(True)
    page = page_of(empty_desk, qtbot)
    assert page._stack.currentIndex() == 1
    page.new()
    assert begun == [True]


def test_the_look_is_switched_live(desk, qtbot):
    page = page_of(desk, qtbot)
    qtbot.waitUntil(lambda: card(page, "clicks").value == "3")
    light = page.clicks.plot.backgroundBrush().color().name()
    desk.theme.set_mode(Mode.DARK)
    try:
        assert page.clicks.plot.backgroundBrush().color().name() == desk.theme.colours.surface != light
    finally:
        desk.theme.set_mode(Mode.LIGHT)


def test_what_comes_from_outside_stays_plain_text(set_up_desk, engine, qtbot):
    engine.postback("click_id=%3Cimg%20src%3Dfile%3A%2F%2F%2Fetc%2Fpasswd%3E" + "x" * 5000)
    page = page_of(set_up_desk, qtbot)
    qtbot.waitUntil(lambda: page.feed.rowCount() == 1)
    item = page.feed.item(0, 1)
    assert len(item.text()) <= 513
    assert "<img" not in item.toolTip().replace("&lt;img", "")


@pytest.mark.parametrize(
    ("now", "then", "in_points", "change"),
    [
        ("12.00", "10.00", False, 20),
        (5, 10, False, -50),
        ("5.00", "-10.00", False, 150),
        (5, 0, False, None),
        (None, "3", True, None),
        ("61.4", "40.0", True, 21),
    ],
)
def test_a_difference_is_told_against_what_it_was(now, then, in_points, change):
    assert difference(now, then, in_points=in_points) == change
